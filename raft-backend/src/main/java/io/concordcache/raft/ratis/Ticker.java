package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Expiry;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sends a {@link Command.Tick} when an entry is due, so that it expires without traffic. At most one each 10 ms. */
final class Ticker {
    private static final long MIN_DELAY_MILLIS = 10;

    private final LeaderClock clock;
    private final ScheduledExecutorService scheduler;
    private final GroupCommit commit;
    private volatile long scheduledFor = Expiry.NEVER;
    private @Nullable ScheduledFuture<?> scheduled;

    Ticker(LeaderClock clock, ScheduledExecutorService scheduler, GroupCommit commit) {
        this.clock = clock;
        this.scheduler = scheduler;
        this.commit = commit;
    }

    /** Something expires then, in milliseconds of the replicated clock; {@link Expiry#NEVER} if nothing does. */
    void due(long deadlineMillis) {
        if (deadlineMillis < scheduledFor) {
            schedule(deadlineMillis);
        }
    }

    private synchronized void schedule(long deadlineMillis) {
        if (deadlineMillis >= scheduledFor) {
            return;
        }
        if (scheduled != null) {
            scheduled.cancel(false);
        }
        long delay = Math.max(MIN_DELAY_MILLIS, deadlineMillis - clock.millis());
        try {
            scheduled = scheduler.schedule(() -> tick(deadlineMillis), delay, TimeUnit.MILLISECONDS);
            scheduledFor = deadlineMillis;
        } catch (RejectedExecutionException e) {
            scheduled = null; // the store is closing
        }
    }

    private void tick(long deadlineMillis) {
        synchronized (this) {
            scheduledFor = Expiry.NEVER;
            scheduled = null;
        }
        // What is applied tells of the next deadline; what fails is tried again.
        var unused = commit.submit(new Command.Tick(), 1).whenComplete((outcomes, failure) -> {
            if (failure != null) {
                due(deadlineMillis);
            }
        });
    }
}
