package io.concordcache.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.config.SettingsLoader;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.CacheUse;
import io.concordcache.raft.store.Health;
import io.concordcache.raft.store.StoreObserver;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The meters of an application's member that stands alone. */
@Timeout(120)
class ConcordMetricsTest {
    private final RatisStore store = RatisStore.start(RatisSettings.memory());
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ConcordMetrics metrics = new ConcordMetrics(store);

    @AfterEach
    void end() {
        metrics.close();
        store.close();
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).functionCounter().count();
    }

    private void put(long cache, String key, String value) {
        assertThat(store.execute(new Command.Write(
                                cache, bytes(key), Condition.ANY, new Mutation.Put(bytes(value), Expiry.ETERNAL)))
                        .held())
                .isTrue();
    }

    @Test
    void tellsOfTheMemberAndItsWrites() {
        metrics.bindTo(registry);
        long cache = store.execute(new Command.CreateCache(CacheDefinition.named("orders")))
                .afterVersion();
        put(cache, "a", "1");
        assertThat(store.execute(new Command.Write(cache + 1, bytes("a"), Condition.ANY, Mutation.REMOVE))
                        .held())
                .isFalse();
        metrics.refresh();

        assertThat(gauge("concord.member.role", "role", "leader")).isEqualTo(1);
        assertThat(gauge("concord.member.role", "role", "follower")).isZero();
        assertThat(gauge("concord.member.serving")).isEqualTo(1);
        assertThat(gauge("concord.raft.term")).isPositive();
        assertThat(gauge("concord.raft.applied.index")).isPositive();
        assertThat(gauge("concord.raft.lag.entries")).isZero();
        assertThat(gauge("concord.raft.lag")).isZero();
        assertThat(gauge("concord.log.size")).isPositive();
        assertThat(count("concord.raft.elections")).isEqualTo(1);
        assertThat(count("concord.commit.commands")).isGreaterThanOrEqualTo(3);
        assertThat(registry.get("concord.write").tag("result", "ok").timer().count())
                .isEqualTo(3);
        assertThat(registry.get("concord.append").tag("result", "ok").timer().count())
                .isGreaterThanOrEqualTo(3);
        assertThat(registry.get("concord.write")
                        .tag("result", "unknown")
                        .timer()
                        .count())
                .isZero();
    }

    @Test
    void tellsOfRefusedWrites() {
        metrics.bindTo(registry);
        long cache = store.execute(new Command.CreateCache(CacheDefinition.named("orders")))
                .afterVersion();
        Bytes large = Bytes.wrap(new byte[RatisSettings.memory().maxKeyBytes() + 1]);
        assertThat(store.submit(new Command.Write(cache, large, Condition.ANY, Mutation.REMOVE)))
                .isCompletedExceptionally();
        assertThat(registry.get("concord.write")
                        .tag("result", "rejected")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void tellsOfCachesThatComeAndGo() {
        metrics.bindTo(registry);
        long cache = store.execute(new Command.CreateCache(CacheDefinition.named("orders")))
                .afterVersion();
        put(cache, "a", "12345");
        put(cache, "b", "1");
        put(cache, "b", "2");
        var unused = store.execute(new Command.Write(cache, bytes("b"), Condition.ANY, Mutation.REMOVE));
        metrics.refresh();
        assertThat(gauge("concord.cache.entries", "cache", "orders")).isEqualTo(1);
        assertThat(gauge("concord.cache.size", "cache", "orders")).isEqualTo(6);
        assertThat(count("concord.cache.puts", "cache", "orders")).isEqualTo(3);
        assertThat(count("concord.cache.removals", "cache", "orders")).isEqualTo(1);
        assertThat(count("concord.cache.evictions", "cache", "orders")).isZero();
        assertThat(count("concord.cache.expirations", "cache", "orders")).isZero();

        var gone = store.execute(new Command.DestroyCache(cache));
        assertThat(gone.held()).isTrue();
        metrics.refresh();
        assertThat(registry.find("concord.cache.entries").gauge()).isNull();
    }

    @Test
    void addsUpWhatUsersCount() {
        long cache = store.execute(new Command.CreateCache(CacheDefinition.named("orders")))
                .afterVersion();
        assertThat(cache).isPositive();
        metrics.bindTo(registry);
        try (CacheStore.Subscription first = store.countUse("orders", () -> new CacheUse(5, 2, 3, 0));
                CacheStore.Subscription second = store.countUse("orders", () -> new CacheUse(1, 1, 0, 1))) {
            assertThat(first).isNotEqualTo(second);
            metrics.refresh();
            assertThat(count("concord.cache.gets", "cache", "orders", "result", "hit"))
                    .isEqualTo(6);
            assertThat(count("concord.cache.gets", "cache", "orders", "result", "miss"))
                    .isEqualTo(3);
            assertThat(count("concord.cache.near.hits", "cache", "orders", "by", "value"))
                    .isEqualTo(3);
            assertThat(count("concord.cache.near.hits", "cache", "orders", "by", "copy"))
                    .isEqualTo(1);
        }
        assertThat(store.metrics().caches().get(0).use()).isEqualTo(CacheUse.NONE);
    }

    @Test
    void timesTheCallsOfEachCache() {
        long cache = store.execute(new Command.CreateCache(CacheDefinition.named("orders")))
                .afterVersion();
        metrics.bindTo(registry);
        store.used("orders", StoreObserver.Use.GET, 900);
        store.used("orders", StoreObserver.Use.GET, 40_000);
        store.used("orders", StoreObserver.Use.PUT, 2_000_000);
        Timer gets = registry.get("concord.cache.call")
                .tags("cache", "orders", "call", "get")
                .timer();
        assertThat(gets.count()).isEqualTo(2);
        assertThat(gets.totalTime(TimeUnit.NANOSECONDS)).isEqualTo(40_900);
        assertThat(gets.takeSnapshot().histogramCounts()[0].bucket(TimeUnit.NANOSECONDS))
                .isEqualTo(1_000);
        assertThat(gets.takeSnapshot().histogramCounts()[0].count()).isEqualTo(1);
        assertThat(registry.get("concord.cache.call").tag("call", "put").timer().count())
                .isEqualTo(1);

        var gone = store.execute(new Command.DestroyCache(cache));
        assertThat(gone.held()).isTrue();
        metrics.refresh();
        assertThat(registry.find("concord.cache.call").timer()).isNull();
    }

    @Test
    void tellsWhatRatisCounts(@TempDir Path directory) {
        // Members of one cluster's name in one JVM share what Ratis counts, and who ends takes it along.
        URI other = URI.create("concord:local?cluster.name=other&durability=fsync&directory=" + directory);
        try (CacheStore onDisk = new SettingsLoader(Map.of(), Map.of())
                        .load(other, getClass().getClassLoader(), null)
                        .node()
                        .open();
                ConcordMetrics ofDisk = new ConcordMetrics(onDisk)) {
            var unused = onDisk.execute(new Command.CreateCache(CacheDefinition.named("orders")));
            ofDisk.bindTo(registry);
            assertThat(count("concord.ratis.count", "registry", "log_worker", "name", "appendEntryCount"))
                    .isPositive();
            assertThat(count("concord.ratis.count", "registry", "leader_election", "name", "electionCount"))
                    .isPositive();
            assertThat(gauge("concord.ratis.value", "registry", "state_machine", "name", "appliedIndex"))
                    .isPositive();
            assertThat(gauge("concord.ratis.time", "name", "appendEntryLatency", "quantile", "0.99"))
                    .isPositive()
                    .isLessThan(60);
            assertThat(gauge("concord.ratis.time", "name", "syncTime", "quantile", "1.0"))
                    .isPositive();
        }
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void leavesNothingBehind() {
        var unused = store.execute(new Command.CreateCache(CacheDefinition.named("orders")));
        metrics.bindTo(registry);
        store.used("orders", StoreObserver.Use.GET, 900);
        assertThat(registry.getMeters()).isNotEmpty();
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void aMemberAloneIsHealthyUntilItIsClosed() {
        long cache = store.execute(new Command.CreateCache(CacheDefinition.named("orders")))
                .afterVersion();
        put(cache, "a", "1");
        Health health = Health.of(store);
        assertThat(health.healthy()).isTrue();
        assertThat(health.lag()).isZero();
        assertThat(health.leaderUptime()).isNotNull();
        store.close();
        assertThat(Health.of(store).healthy()).isFalse();
        assertThat(Health.of(store).lastError()).contains("closed");
    }
}
