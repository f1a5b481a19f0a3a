package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Stamp;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ChangeListener;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.leader.LogAppender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ClusterIT {
    static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String get(CacheStore store, long cache, String key, ReadLevel level) {
        Entry entry = store.get(cache, bytes(key), level);
        return entry == null ? "none" : new String(entry.value().unwrap(), StandardCharsets.UTF_8);
    }

    static void put(CacheStore store, long cache, String key, String value) {
        var unused = store.execute(
                new Command.Write(cache, bytes(key), Condition.ANY, new Mutation.Put(bytes(value), Expiry.BY_RULE)));
    }

    static long create(CacheStore store) {
        return store.execute(new Command.CreateCache(CacheDefinition.named("c")))
                .afterVersion();
    }

    /** As it ends itself when it votes by a list of members that it is not in yet. */
    @Test
    void aMemberWhoseRaftServerEndsWhileItStartsIsStartedAgain() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            long cache = create(cluster.follower());
            cluster.stop("m3");
            try (RatisStore again =
                    RatisStore.open(cluster.settings(cluster.members().get(2), false))) {
                again.current().close();
                again.awaitService();
                put(again, cache, "k", "v");
                assertThat(get(again, cache, "k", ReadLevel.LINEARIZABLE)).isEqualTo("v");
            }
        }
    }

    private static RatisStateMachine next(RatisStore store, RatisStateMachine before) {
        await().atMost(60, TimeUnit.SECONDS)
                .pollInterval(1, TimeUnit.MILLISECONDS)
                .until(() -> store.stateMachine() != before);
        return store.stateMachine();
    }

    private static void awaitServing(RatisStore store) {
        await().atMost(60, TimeUnit.SECONDS).until(() -> store.currentOrNull() != null && store.problem() == null);
    }

    /** Its threads may end long after the member was started again. */
    @Test
    void aRaftServerThatEndedIsNotHeardAnyMore() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            RatisStore follower = cluster.follower();
            RatisStateMachine ended = follower.stateMachine();
            follower.current().close();
            next(follower, ended);
            awaitServing(follower);
            ended.notifyLogFailed(new IOException("late"), null);
            assertThat(follower.problem()).isNull();
        }
    }

    /** Or it would go on to take what its followers had then for what they have. */
    @Test
    void aLeaderThatStartsAgainForgetsItsFollowers() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            RatisStore leader = cluster.store(cluster.leader());
            RatisStateMachine first = leader.stateMachine();
            assertThat(leader.followers().areLed()).isTrue();
            first.notifyLogFailed(new IOException("disk"), null);
            next(leader, first);
            assertThat(leader.followers().areLed()).isFalse();
            awaitServing(leader);
        }
    }

    @Test
    void aLogThatFailsWhileTheMemberStartsAgainIsNotForgotten() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            RatisStore follower = cluster.follower();
            RatisStateMachine first = follower.stateMachine();
            CompletableFuture<Long> more = first.applied().await(Long.MAX_VALUE);
            first.notifyLogFailed(new IOException("disk"), null);
            RatisStateMachine second = next(follower, first);
            assertThat(more).isCompletedExceptionally(); // or writes that wait here would, until their time is up
            second.notifyLogFailed(new IOException("early"), null);
            next(follower, second);
            awaitServing(follower);
        }
    }

    @Test
    void aMemberThatIsClosedWhileItStartsAgainStaysClosed() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            RatisStore follower = cluster.follower();
            long cache = create(follower);
            RatisStateMachine first = follower.stateMachine();
            first.notifyLogFailed(new IOException("disk"), null);
            next(follower, first);
            follower.close();
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(thread -> thread.getName().equals("concord-restart")));
            assertThatThrownBy(() -> follower.subscribe(cache, change -> {}))
                    .isInstanceOf(RequestRejectedException.class)
                    .hasMessageContaining("closed");
        }
    }

    /** Its replica is older then, until another member tells it what is committed. */
    @Test
    void neitherASessionNorAListenerGoesBackWhenTheMemberStartsAgain() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            String id = cluster.leader().equals("m1") ? "m2" : "m1";
            RatisStore follower = cluster.store(id);
            long cache = create(follower);
            follower.admin().snapshot(id);
            List<Bytes> heard = new CopyOnWriteArrayList<>();
            var unusedSubscription = follower.subscribe(cache, change -> heard.add(change.key()));
            put(follower, cache, "k", "v");
            assertThat(get(follower, cache, "k", ReadLevel.SESSION)).isEqualTo("v");

            List<Member> others = cluster.members().stream()
                    .filter(member -> !member.id().equals(id))
                    .toList();
            others.forEach(member -> cluster.stop(member.id()));
            RatisStateMachine before = follower.stateMachine();
            follower.current().close();
            next(follower, before);
            awaitServing(follower);
            assertThat(get(follower, cache, "k", ReadLevel.EVENTUAL)).isEqualTo("none");
            assertThatThrownBy(() -> get(follower, cache, "k", ReadLevel.SESSION))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("lags behind");

            var unused = cluster.startMember(others.get(0));
            await().atMost(60, TimeUnit.SECONDS)
                    .ignoreExceptions()
                    .until(() -> get(follower, cache, "k", ReadLevel.SESSION).equals("v"));
            put(follower, cache, "next", "v");
            assertThat(heard).containsExactly(bytes("k"), bytes("next"));
        }
    }

    @Test
    void aClientThatComesToAMemberThatIsBehindHearsNothingAgain() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            Member behind = cluster.members().get(0);
            long cache = create(cluster.follower());
            cluster.store("m1").admin().snapshot("m1");
            try (RemoteStore client = RemoteStore.connect(RemoteSettings.of("concord", cluster.members()))) {
                List<Bytes> heard = new CopyOnWriteArrayList<>();
                AtomicInteger gaps = new AtomicInteger();
                var unusedSubscription = client.subscribe(cache, new ChangeListener() {
                    @Override
                    public void changed(Change change) {
                        heard.add(change.key());
                    }

                    @Override
                    public void missed() {
                        gaps.incrementAndGet();
                    }
                });
                put(client, cache, "k", "v");
                await().atMost(20, TimeUnit.SECONDS).until(() -> heard.contains(bytes("k")));
                cluster.members().forEach(member -> cluster.stop(member.id()));
                try (RatisStore again = RatisStore.open(cluster.settings(behind, false))) {
                    // It knows the cache from its snapshot, and no leader yet.
                    await().atMost(20, TimeUnit.SECONDS).until(() -> gaps.get() > 0);
                    var unused = cluster.startMember(cluster.members().get(1));
                    await().atMost(60, TimeUnit.SECONDS).ignoreExceptions().until(() -> {
                        put(client, cache, "next", "v");
                        return heard.contains(bytes("next"));
                    });
                    assertThat(heard.stream().filter(bytes("k")::equals)).hasSize(1);
                }
            }
        }
    }

    /** A follower that has heard of a new leader and not from it yet asks the log whether what may have ended has. */
    @Test
    void theTimeWithoutALeaderCountsBeforeTheNewOneSaysSo() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3, settings -> settings.withReadLease(Duration.ZERO))) {
            RatisStore follower = cluster.follower();
            create(follower);
            long last = Stamp.millis(follower.lastStamp());
            await().atMost(60, TimeUnit.SECONDS).until(() -> follower.nowMillis() >= last + 500);
            follower.stateMachine().notifyLeaderChanged(follower.current().memberId(), RaftPeerId.valueOf("m1"));
            assertThat(follower.nowMillis()).isLessThan(last + 500);
            assertThat(follower.reads().mayBeLate(last + 400)).isTrue();
            follower.reads().passTime();
            assertThat(follower.nowMillis()).isGreaterThanOrEqualTo(last + 500);
        }
    }

    @Test
    void anyMemberServesAnyCallAndSoDoesAClient() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            long cache = create(cluster.follower());
            try (RemoteStore client = RemoteStore.connect(RemoteSettings.of("concord", cluster.members()))) {
                List<CacheStore> all = List.of(cluster.store("m1"), cluster.store("m2"), cluster.store("m3"), client);
                for (int i = 0; i < 200; i++) {
                    put(all.get(i % 4), cache, "k", "v" + i);
                    for (CacheStore reader : all) {
                        assertThat(get(reader, cache, "k", ReadLevel.LINEARIZABLE))
                                .isEqualTo("v" + i);
                    }
                    assertThat(get(all.get(i % 4), cache, "k", ReadLevel.SESSION))
                            .isEqualTo("v" + i);
                }
                assertThat(client.admin().status().members()).hasSize(3);
            }
        }
    }

    /** While a member starts it answers that it has nothing; then it must not be sent the same snapshot for ever. */
    @Test
    void aMemberThatHasMoreThanTheSnapshotIsSentWhatFollowsIt() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(
                3,
                settings -> RatisStoreIT.with(settings, 10, settings.snapshotBytes(), settings.snapshotInterval()))) {
            RatisStore leader = cluster.store(cluster.leader());
            long cache = create(leader);
            String large = "x".repeat(500_000);
            for (int i = 0; i < 40; i++) {
                put(leader, cache, "k", large + i);
            }
            List<LogAppender> appenders = leader.followers().running().toList();
            await().atMost(20, TimeUnit.SECONDS).until(() -> {
                put(leader, cache, "k", "small");
                return appenders.get(0).getRaftLog().getStartIndex() > 1;
            });
            for (LogAppender appender : appenders) {
                appender.getFollower().computeNextIndex(index -> 0);
            }
            put(leader, cache, "k", "new");
            for (String id : List.of("m1", "m2", "m3")) {
                await().atMost(20, TimeUnit.SECONDS)
                        .until(() -> get(cluster.store(id), cache, "k", ReadLevel.EVENTUAL)
                                .equals("new"));
            }
        }
    }
}
