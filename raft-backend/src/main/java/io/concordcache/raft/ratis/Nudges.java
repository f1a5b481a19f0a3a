package io.concordcache.raft.ratis;

import java.util.Comparator;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

/**
 * Tells followers what is committed when no entry follows that would: Ratis itself waits for the next entry or heartbeat.
 * Under load entries follow, and nothing is sent.
 */
final class Nudges {
    private static final long PAUSE_MICROS = 1000;
    private static final TimeDuration QUIET = TimeDuration.valueOf(PAUSE_MICROS, TimeUnit.MICROSECONDS);

    private final Followers followers;
    private final ScheduledExecutorService scheduler;
    /** What followers may be told. */
    private final LongSupplier stable;

    private final AtomicBoolean scheduled = new AtomicBoolean();

    Nudges(Followers followers, ScheduledExecutorService scheduler, LongSupplier stable) {
        this.followers = followers;
        this.scheduler = scheduler;
        this.stable = stable;
    }

    /** Id of the follower that has most of the log and answers, null if there is none. */
    @Nullable
    String mostUpToDate() {
        return followers
                .alive()
                .max(Comparator.comparingLong(appender -> appender.getFollower().getMatchIndex()))
                .map(appender -> RatisMember.memberId(appender.getFollowerId()))
                .orElse(null);
    }

    /** There is something to tell: those who have not heard of it in a while are told. */
    void due() {
        if (!followers.isEmpty() && scheduled.compareAndSet(false, true)) {
            try {
                var unused = scheduler.schedule(this::nudge, PAUSE_MICROS, TimeUnit.MICROSECONDS);
            } catch (RejectedExecutionException e) {
                // the store is closing
            }
        }
    }

    private void nudge() {
        scheduled.set(false);
        boolean anyBehind =
                followers.alive().filter(this::isBehind).mapToInt(Nudges::tell).sum() > 0;
        if (anyBehind) {
            due();
        }
    }

    /** An entry that was just sent is answered soon, and the next will tell. */
    private static int tell(LogAppender appender) {
        if (!appender.hasAppendEntries()
                && appender.getFollower().getLastRpcSendTime().elapsedTime().compareTo(QUIET) >= 0) {
            appender.triggerHeartbeat();
        }
        return 1;
    }

    /** Tells one follower at once, which waits for it. */
    void now(String followerId) {
        followers
                .running()
                .filter(appender ->
                        RatisMember.memberId(appender.getFollowerId()).equals(followerId))
                .filter(this::isBehind)
                .forEach(LogAppender::triggerHeartbeat);
    }

    private boolean isBehind(LogAppender appender) {
        return appender.getFollower().getCommitIndex()
                < Math.min(appender.getRaftLog().getLastCommittedIndex(), stable.getAsLong());
    }
}
