package io.concordcache.raft.ratis;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.jspecify.annotations.Nullable;

/** The followers of this member while it leads, as Ratis' appenders know them. */
final class Followers {
    /** A follower silent for so long is left to Ratis. */
    private static final long SILENT_MILLIS = 300;

    /** One time of leading. */
    private record Lead(LeaderState state, DivisionInfo info, long term, List<LogAppender> appenders) {
        boolean isNow() {
            return info.isLeader() && info.getCurrentTerm() == term;
        }
    }

    private volatile @Nullable Lead lead;

    synchronized void add(RaftServer.Division division, LeaderState state, LogAppender appender) {
        Lead known = lead;
        if (known == null || known.state != state) {
            DivisionInfo info = division.getInfo();
            known = new Lead(state, info, info.getCurrentTerm(), new CopyOnWriteArrayList<>());
            lead = known;
        }
        known.appenders.removeIf(other -> other.getFollowerId().equals(appender.getFollowerId()));
        known.appenders.add(appender);
    }

    /** Another member leads. */
    synchronized void clear() {
        Lead known = lead;
        if (known != null && !known.isNow()) {
            lead = null;
        }
    }

    /** The Raft server of this member has ended, which may still say that it leads. */
    synchronized void end() {
        lead = null;
    }

    /** Whether this member leads, in the term of which {@link #matching} speaks. */
    boolean areLed() {
        Lead now = lead;
        return now != null && now.isNow();
    }

    private List<LogAppender> appenders() {
        Lead now = lead;
        return now == null ? List.of() : now.appenders;
    }

    boolean isEmpty() {
        return appenders().isEmpty();
    }

    /** Up to where the log of a member is known to match that of this one, {@link Long#MIN_VALUE} if nothing is. */
    long matching(String id) {
        for (LogAppender appender : appenders()) {
            if (RatisMember.memberId(appender.getFollowerId()).equals(id)) {
                return appender.getFollower().getMatchIndex();
            }
        }
        return Long.MIN_VALUE;
    }

    /** Those that Ratis sends to. */
    Stream<LogAppender> running() {
        return appenders().stream().filter(LogAppender::isRunning);
    }

    /** Those that answer. */
    Stream<LogAppender> alive() {
        return running()
                .filter(appender ->
                        appender.getFollower().getLastRpcResponseTime().elapsedTimeMs() < SILENT_MILLIS);
    }
}
