package io.concordcache.raft.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.store.ClusterStatus.MemberStatus;
import io.concordcache.raft.store.ClusterStatus.Role;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Duration UPTIME = Duration.ofSeconds(9);

    private static MemberStatus member(String id, Role role, long last, long applied, @Nullable String problem) {
        return new MemberStatus(new Member(id, id, 7800), role, 3, last, applied, -1, 1, 10, problem);
    }

    private static ClusterStatus status(@Nullable String leader, MemberStatus... members) {
        return new ClusterStatus("concord", leader, 3, List.of(members));
    }

    @Test
    void aFollowerOfALeaderIsHealthy() {
        ClusterStatus status = status(
                "a",
                member("a", Role.LEADER, 100, 100, null),
                member("b", Role.FOLLOWER, 99, 98, null),
                member("c", Role.FOLLOWER, 100, 100, null));
        assertThat(Health.of(status, "b", UPTIME))
                .isEqualTo(new Health(true, Role.FOLLOWER, "a", 2, true, UPTIME, null));
        assertThat(Health.of(status, null, null)).isEqualTo(new Health(true, null, "a", 2, true, null, null));
    }

    @Test
    void oneThatIsAwayIsNamedAndChangesNothingElse() {
        ClusterStatus status = status(
                "a",
                member("a", Role.LEADER, 100, 100, null),
                member("b", Role.FOLLOWER, 100, 100, null),
                MemberStatus.unreachable(new Member("c", "c", 7800), "no answer within 1000 ms"));
        Health health = Health.of(status, "a", UPTIME);
        assertThat(health.healthy()).isTrue();
        assertThat(health.lastError()).isEqualTo("c: no answer within 1000 ms");
    }

    @Test
    void withoutAMajorityNobodyIsHealthy() {
        ClusterStatus status = status(
                "a",
                member("a", Role.LEADER, 100, 100, null),
                MemberStatus.unreachable(new Member("b", "b", 7800), "away"),
                MemberStatus.unreachable(new Member("c", "c", 7800), "away"));
        assertThat(Health.of(status, "a", UPTIME).quorum()).isFalse();
        assertThat(Health.of(status, "a", UPTIME).healthy()).isFalse();
        assertThat(Health.of(status, null, null).healthy()).isFalse();
    }

    @Test
    void withoutALeaderNobodyIsHealthyAndTheUptimeIsGone() {
        ClusterStatus status =
                status(null, member("a", Role.CANDIDATE, 100, 100, null), member("b", Role.FOLLOWER, 100, 100, null));
        assertThat(Health.of(status, "b", UPTIME))
                .isEqualTo(new Health(
                        false,
                        Role.FOLLOWER,
                        null,
                        -1,
                        false,
                        null,
                        "no leader is known; perhaps one is being elected"));
    }

    @Test
    void oneThatJoinsDoesNotCountAndIsNotReady() {
        ClusterStatus status =
                status("a", member("a", Role.LEADER, 100, 100, null), member("d", Role.JOINING, 5, 5, null));
        assertThat(Health.of(status, "a", UPTIME).healthy()).isTrue();
        assertThat(Health.of(status, "d", UPTIME).healthy()).isFalse();
    }

    @Test
    void anImpairedMemberSaysWhatIsWrong() {
        ClusterStatus status = status(
                "a",
                member("a", Role.LEADER, 100, 100, null),
                member("b", Role.IMPAIRED, -1, -1, "the disk is full"),
                member("c", Role.FOLLOWER, 100, 100, null));
        Health health = Health.of(status, "b", UPTIME);
        assertThat(health.healthy()).isFalse();
        assertThat(health.lag()).isEqualTo(-1);
        assertThat(health.lastError()).isEqualTo("the disk is full");
    }
}
