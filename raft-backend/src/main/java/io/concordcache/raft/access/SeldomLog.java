package io.concordcache.raft.access;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Lines of one kind that others can cause as often as they like: so many in a time at most, of which the next one says how
 * many were left out. Thread-safe.
 */
public final class SeldomLog {
    private final Logger log;
    private final int most;
    private final long pauseNanos;
    private final LongSupplier nanoTime;
    private long began;
    private int written;
    private long leftOut;

    /** One line in ten seconds. */
    public SeldomLog(Logger log) {
        this(log, 1, Duration.ofSeconds(10), System::nanoTime);
    }

    /**
     * So many lines in that time.
     *
     * @param pause counts from the first of them
     */
    public SeldomLog(Logger log, int most, Duration pause) {
        this(log, most, pause, System::nanoTime);
    }

    SeldomLog(Logger log, int most, Duration pause, LongSupplier nanoTime) {
        this.log = log;
        this.most = most;
        this.pauseNanos = pause.toNanos();
        this.nanoTime = nanoTime;
    }

    /** Whether a line may be written now; else it is counted. */
    public synchronized boolean isDue() {
        long now = nanoTime.getAsLong();
        if (written == 0 || now - began >= pauseNanos) {
            began = now;
            written = 0;
        }
        if (written < most) {
            written++;
            return true;
        }
        leftOut++;
        return false;
    }

    /** What a line that is due says of those that were left out. */
    public synchronized String others() {
        long count = leftOut;
        leftOut = 0;
        return count == 0 ? "" : " (and " + count + " more of this kind since the last such line)";
    }

    /** As {@link Logger#warn(String, Object, Object)}. */
    public void warn(String format, Object first, Object second) {
        if (isDue()) {
            log.warn(format + others(), first, second);
        }
    }
}
