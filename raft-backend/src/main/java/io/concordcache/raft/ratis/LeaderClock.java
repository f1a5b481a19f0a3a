package io.concordcache.raft.ratis;

import java.util.function.LongSupplier;

/**
 * The wall clock as the leader writes it into the log: follows the wall clock forward and goes on by elapsed time when
 * the wall clock is set back, so that entries expire on time. Thread-safe.
 */
final class LeaderClock {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final LongSupplier wallMillis;
    private final LongSupplier nanoTime;
    private volatile long ahead;
    /** Written by the thread that applies the log. */
    private volatile long seenAhead;
    /** As {@code seenAhead} was when the leader changed last, until the new leader's time is known. */
    private volatile long seenBefore;

    LeaderClock(LongSupplier wallMillis, LongSupplier nanoTime) {
        this.wallMillis = wallMillis;
        this.nanoTime = nanoTime;
        this.ahead = wallMillis.getAsLong() - nanoMillis();
        this.seenAhead = -nanoMillis();
        this.seenBefore = seenAhead;
    }

    private long nanoMillis() {
        return nanoTime.getAsLong() / NANOS_PER_MILLI;
    }

    /** Milliseconds since the epoch. */
    long millis() {
        long elapsed = nanoMillis();
        long wall = wallMillis.getAsLong();
        long known = ahead;
        if (wall - elapsed > known) {
            atLeast(wall - elapsed);
            return wall;
        }
        return elapsed + known;
    }

    /** From now on the clock shows at least this time: the log has seen it already. */
    void startFrom(long millis) {
        atLeast(millis - nanoMillis());
    }

    /** A follower restarts its estimate from what its log says, for the clock of the next leader may be behind. */
    synchronized void restored(long millis) {
        seenBefore = Math.max(seenBefore, seenAhead);
        seenAhead = millis - nanoMillis();
    }

    /** An entry that the leader of now took in after this was asked for was applied. */
    synchronized void settled() {
        seenBefore = seenAhead;
    }

    /** An entry of the log was applied that a leader took in at this time. */
    void observed(long leaderMillis) {
        long offset = leaderMillis - nanoMillis();
        if (offset > seenAhead) {
            seenAhead = offset;
        }
    }

    /** The leader's clock as a follower can tell: the last time seen in the log and what has passed since. */
    long estimate() {
        return nanoMillis() + seenAhead;
    }

    /** As {@link #estimate}, and the time that has passed since before the leader changed counts too. */
    long latest() {
        return nanoMillis() + Math.max(seenAhead, seenBefore);
    }

    private synchronized void atLeast(long offset) {
        if (offset > ahead) {
            ahead = offset;
        }
    }
}
