package io.concordcache.raft.core;

/**
 * The replicated clock: a strictly increasing 64-bit hybrid of the leader's wall clock and a counter.
 *
 * <p>The upper bits are milliseconds since the epoch, the lower {@value #COUNTER_BITS} count operations of one
 * millisecond. Each applied operation has a stamp of its own; it serves as entry version, as time for expiry and as
 * deadline for locks. It never goes back, whatever the wall clocks do.
 */
public final class Stamp {
    /** The stamp before any operation. */
    public static final long ZERO = 0;

    private static final int COUNTER_BITS = 20;
    private static final long MAX_MILLIS = Long.MAX_VALUE >> COUNTER_BITS;

    private Stamp() {}

    /**
     * The stamp that follows {@code last} when the leader's clock shows {@code leaderMillis}.
     *
     * @throws ArithmeticException if there is none, which takes a clock wrong by two centuries
     */
    public static long next(long last, long leaderMillis) {
        long clamped = Math.max(0, Math.min(MAX_MILLIS, leaderMillis));
        return Math.max(Math.addExact(last, 1), clamped << COUNTER_BITS);
    }

    /** Milliseconds since the epoch. */
    public static long millis(long stamp) {
        return stamp >> COUNTER_BITS;
    }
}
