package io.concordcache.raft.ratis;

import java.util.Comparator;
import java.util.List;
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
    /** While entries follow each other, so that the timer itself costs little. */
    private static final long LONGEST_PAUSE_MICROS = 4000;

    private static final TimeDuration QUIET = TimeDuration.valueOf(PAUSE_MICROS, TimeUnit.MICROSECONDS);

    private final Followers followers;
    private final ScheduledExecutorService scheduler;
    /** What followers may be told. */
    private final LongSupplier stable;

    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile long pauseMicros = PAUSE_MICROS;

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
                var unused = scheduler.schedule(this::nudge, pauseMicros, TimeUnit.MICROSECONDS);
            } catch (RejectedExecutionException e) {
                // the store is closing
            }
        }
    }

    private void nudge() {
        scheduled.set(false);
        List<LogAppender> behind = followers.alive().filter(this::isBehind).toList();
        boolean told = false;
        for (LogAppender appender : behind) {
            told |= tell(appender);
        }
        pauseMicros = told ? PAUSE_MICROS : Math.min(2 * pauseMicros, LONGEST_PAUSE_MICROS);
        if (!behind.isEmpty()) {
            due();
        }
    }

    /** False if it is busy: an entry that was just sent is answered soon, and the next will tell. */
    private static boolean tell(LogAppender appender) {
        boolean quiet = !appender.hasAppendEntries()
                && appender.getFollower().getLastRpcSendTime().elapsedTime().compareTo(QUIET) >= 0;
        if (quiet) {
            appender.triggerHeartbeat();
        }
        return quiet;
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
