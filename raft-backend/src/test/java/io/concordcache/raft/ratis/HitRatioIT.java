package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.ExpiryRule;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.evict.Workload;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ReadLevel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A bounded cache of a cluster hits as often as Caffeine, on whichever members it is read. */
@Timeout(120)
class HitRatioIT {
    private static final int BOUND = 300;
    private static final int THREADS = 12;
    private static final int[] REQUESTS = Workload.zipf(1_500, 12_000);
    private static final Bytes VALUE = Bytes.wrap(new byte[100]);

    private static Bytes key(int number) {
        return Bytes.wrap(ByteBuffer.allocate(4).putInt(number).array());
    }

    private static long create(CacheStore store, String name) {
        return store.execute(new Command.CreateCache(new CacheDefinition(
                        name, ExpiryRule.ETERNAL, BOUND, CacheDefinition.UNBOUNDED, new TreeMap<>())))
                .afterVersion();
    }

    /** Reads through: the requests in turn at these stores. */
    private static double hitRatio(long cache, List<CacheStore> stores) {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            List<CompletableFuture<Integer>> parts = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int first = thread;
                parts.add(CompletableFuture.supplyAsync(
                        () -> replay(cache, stores.get(first % stores.size()), first), pool));
            }
            return 100.0 * parts.stream().mapToInt(CompletableFuture::join).sum() / REQUESTS.length;
        } finally {
            pool.shutdownNow();
        }
    }

    private static int replay(long cache, CacheStore store, int first) {
        int hits = 0;
        for (int i = first; i < REQUESTS.length; i += THREADS) {
            Bytes key = key(REQUESTS[i]);
            if (store.get(cache, key, ReadLevel.LINEARIZABLE) != null) {
                hits++;
            } else {
                var unused = store.execute(
                        new Command.Write(cache, key, Condition.ANY, new Mutation.Put(VALUE, Expiry.ETERNAL)));
            }
        }
        return hits;
    }

    @Test
    void readsOnAnyMemberAndOfClientsCount() throws Exception {
        double caffeine = Workload.caffeine(REQUESTS, BOUND);
        try (LocalCluster cluster = LocalCluster.start(3);
                RemoteStore client = RemoteStore.connect(RemoteSettings.of("concord", cluster.members()))) {
            RatisStore leader = cluster.store(cluster.leader());
            List<CacheStore> all = List.of(cluster.store("m1"), cluster.store("m2"), cluster.store("m3"));
            List<CacheStore> followers = Stream.concat(all.stream().filter(store -> store != leader), Stream.of(client))
                    .toList();
            long first = create(leader, "first");
            double everywhere = hitRatio(first, all);
            long second = create(leader, "second");
            double elsewhere = hitRatio(second, followers);
            assertThat(everywhere).isBetween(caffeine - 1, caffeine + 1);
            assertThat(elsewhere).isBetween(caffeine - 1, caffeine + 1);
            Awaitility.await().until(() -> leader.size(first) <= BOUND && leader.size(second) <= BOUND);
        }
    }
}
