package io.concordcache.raft.ratis;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Lines of one kind that others can cause as often as they like: one in ten seconds at most, which says how many were left
 * out. Thread-safe.
 */
final class SeldomLog {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Logger log;
    private final LongSupplier nanoTime;
    private final AtomicLong next;
    private final AtomicLong leftOut = new AtomicLong();

    SeldomLog(Logger log) {
        this(log, System::nanoTime);
    }

    SeldomLog(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        next = new AtomicLong(nanoTime.getAsLong());
    }

    /** Whether a line may be written now; else it is counted. */
    boolean isDue() {
        long now = nanoTime.getAsLong();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + PAUSE_NANOS)) {
            return true;
        }
        leftOut.incrementAndGet();
        return false;
    }

    /** What a line that is due says of those that were left out. */
    String others() {
        long count = leftOut.getAndSet(0);
        return count == 0 ? "" : " (and " + count + " more of this kind since the last such line)";
    }

    /** As {@link Logger#warn(String, Object, Object)}. */
    void warn(String format, Object first, Object second) {
        if (isDue()) {
            log.warn(format + others(), first, second);
        }
    }
}
