package io.concordcache.raft.store;

import io.concordcache.raft.store.ClusterStatus.MemberStatus;
import io.concordcache.raft.store.ClusterStatus.Role;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a store can serve, in a form that health checks show: a {@code HealthIndicator} of Spring Boot, for example, is
 * {@code Health.of(store)} and an {@code if}.
 *
 * @param healthy whether reads of every level and writes are answered
 * @param role of the member in this JVM, null for a client
 * @param leader id of the member that leads, null if none is known
 * @param lag entries of the leader's log that are not applied at this member, at a client at the member that is furthest
 *     behind of those that answer; -1 if not known
 * @param quorum whether a majority of the members answers and follows the leader
 * @param leaderUptime since when this member knows this leader; null if not known
 * @param lastError what is wrong, null if nothing is known to be; a member that is away is named here even if a majority
 *     remains
 */
public record Health(
        boolean healthy,
        @Nullable Role role,
        @Nullable String leader,
        long lag,
        boolean quorum,
        @Nullable Duration leaderUptime,
        @Nullable String lastError) {

    /**
     * Asks the members, which takes up to a second when one of them is away, or up to the operation timeout at a client. Never
     * throws for what is wrong with the store: it is told by the answer.
     */
    public static Health of(CacheStore store) {
        StoreMetrics.MemberMetrics member = store.metrics().member();
        Duration uptime = member == null || member.leader() == null ? null : Duration.ofMillis(member.leaderMillis());
        try {
            return of(store.admin().status(), member == null ? null : member.id(), uptime);
        } catch (RequestRejectedException e) {
            return e.reason() == RequestRejectedException.Reason.NO_CLUSTER && member != null
                    ? alone(member, uptime)
                    : broken(e);
        } catch (StoreException e) {
            return broken(e);
        }
    }

    /** Of a member that stands alone. */
    private static Health alone(StoreMetrics.MemberMetrics member, @Nullable Duration uptime) {
        return new Health(
                member.serves(),
                member.role(),
                member.leader(),
                member.lagEntries(),
                member.serves(),
                uptime,
                member.problem());
    }

    private static Health broken(StoreException failure) {
        return new Health(false, null, null, -1, false, null, failure.getMessage());
    }

    /**
     * What a status says of health.
     *
     * @param self id of the member in this JVM, null for a client
     * @param leaderUptime since when the leader is known to lead, null if not known
     */
    public static Health of(ClusterStatus status, @Nullable String self, @Nullable Duration leaderUptime) {
        String leader = status.leader();
        long voters = status.members().stream()
                .filter(member -> member.role() != Role.JOINING)
                .count();
        long following = status.members().stream().filter(Health::follows).count();
        boolean quorum = leader != null && following > voters / 2;
        MemberStatus own = member(status, self);
        return new Health(
                quorum && (self == null || (own != null && follows(own) && own.problem() == null)),
                own == null ? null : own.role(),
                leader,
                lag(status, own),
                quorum,
                leader == null ? null : leaderUptime,
                lastError(status, own));
    }

    private static boolean follows(MemberStatus member) {
        return member.role() == Role.LEADER || member.role() == Role.FOLLOWER;
    }

    private static @Nullable MemberStatus member(ClusterStatus status, @Nullable String id) {
        return status.members().stream()
                .filter(member -> member.member().id().equals(id))
                .findFirst()
                .orElse(null);
    }

    private static long lag(ClusterStatus status, @Nullable MemberStatus own) {
        MemberStatus leader = member(status, status.leader());
        if (leader == null || leader.lastIndex() < 0) {
            return -1;
        }
        long slowest = own != null
                ? own.appliedIndex()
                : status.members().stream()
                        .filter(Health::follows)
                        .mapToLong(MemberStatus::appliedIndex)
                        .min()
                        .orElse(-1);
        return slowest < 0 ? -1 : Math.max(0, leader.lastIndex() - slowest);
    }

    private static @Nullable String lastError(ClusterStatus status, @Nullable MemberStatus own) {
        if (own != null && own.problem() != null) {
            return own.problem();
        }
        return status.members().stream()
                .filter(member -> member.problem() != null)
                .findFirst()
                .map(member -> member.member().id() + ": " + member.problem())
                .orElse(status.leader() == null ? "no leader is known; perhaps one is being elected" : null);
    }
}
