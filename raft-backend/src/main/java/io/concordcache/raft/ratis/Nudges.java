package io.concordcache.raft.ratis;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.server.leader.LogAppender;
import org.jspecify.annotations.Nullable;

/**
 * Tells followers what is committed when no entry follows that would: Ratis itself waits for the next entry or heartbeat.
 * Under load entries follow, and nothing is sent.
 */
final class Nudges {
    private static final long PAUSE_MICROS = 1000;
    /** A follower silent for so long is left to Ratis. */
    private static final long SILENT_MILLIS = 300;

    private final ScheduledExecutorService scheduler;
    private final List<LogAppender> appenders = new CopyOnWriteArrayList<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    Nudges(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    LogAppender watched(LogAppender appender) {
        appenders.removeIf(known -> known.getFollowerId().equals(appender.getFollowerId()));
        appenders.add(appender);
        return appender;
    }

    /** Id of the follower that has most of the log and answers, null if there is none. */
    @Nullable
    String mostUpToDate() {
        return appenders.stream()
                .filter(appender -> appender.isRunning() && isAlive(appender))
                .max(Comparator.comparingLong(appender -> appender.getFollower().getMatchIndex()))
                .map(appender -> RatisMember.memberId(appender.getFollowerId()))
                .orElse(null);
    }

    /** Another member leads. */
    void clear() {
        appenders.clear();
    }

    /** Something was committed: those who have not heard of it in a while are told. */
    void committed() {
        if (!appenders.isEmpty() && scheduled.compareAndSet(false, true)) {
            try {
                var unused = scheduler.schedule(this::nudge, PAUSE_MICROS, TimeUnit.MICROSECONDS);
            } catch (RejectedExecutionException e) {
                appenders.clear(); // the store is closing
            }
        }
    }

    private void nudge() {
        scheduled.set(false);
        boolean anyBehind = false;
        for (LogAppender appender : appenders) {
            if (isBehind(appender) && isAlive(appender)) {
                anyBehind = true;
                if (!appender.hasAppendEntries()) {
                    appender.triggerHeartbeat();
                }
            }
        }
        if (anyBehind) {
            committed();
        }
    }

    /** Tells one follower at once, which waits for it. */
    void now(String followerId) {
        for (LogAppender appender : appenders) {
            if (RatisMember.memberId(appender.getFollowerId()).equals(followerId) && isBehind(appender)) {
                appender.triggerHeartbeat();
            }
        }
    }

    private static boolean isBehind(LogAppender appender) {
        return appender.isRunning()
                && appender.getFollower().getCommitIndex()
                        < appender.getRaftLog().getLastCommittedIndex();
    }

    private static boolean isAlive(LogAppender appender) {
        return appender.getFollower().getLastRpcResponseTime().elapsedTimeMs() < SILENT_MILLIS;
    }
}
