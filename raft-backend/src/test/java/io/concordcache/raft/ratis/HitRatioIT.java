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
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.tukaani.xz.XZInputStream;

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

    private static long create(CacheStore store, String name, int bound) {
        return store.execute(new Command.CreateCache(new CacheDefinition(
                        name, ExpiryRule.ETERNAL, bound, CacheDefinition.UNBOUNDED, new TreeMap<>())))
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
            hits += isHit(cache, store, REQUESTS[i]) ? 1 : 0;
        }
        return hits;
    }

    private static boolean isHit(long cache, CacheStore store, int number) {
        Bytes key = key(number);
        if (store.get(cache, key, ReadLevel.LINEARIZABLE) != null) {
            return true;
        }
        var unused =
                store.execute(new Command.Write(cache, key, Condition.ANY, new Mutation.Put(VALUE, Expiry.ETERNAL)));
        return false;
    }

    /** One request after the other, at these stores in turn: in the order in which Caffeine is asked. */
    private static double inTurn(int[] requests, int bound, List<? extends CacheStore> stores) {
        long cache = create(stores.get(0), "bound " + bound, bound);
        int hits = 0;
        for (int i = 0; i < requests.length; i++) {
            hits += isHit(cache, stores.get(i % stores.size()), requests[i]) ? 1 : 0;
        }
        return 100.0 * hits / requests.length;
    }

    private static int[] trace(Path file, int limit) throws IOException {
        try (InputStream in = new XZInputStream(Files.newInputStream(file))) {
            int[] keys = new int[limit];
            IntBuffer read =
                    ByteBuffer.wrap(in.readNBytes(limit * Integer.BYTES)).asIntBuffer();
            int count = read.remaining();
            read.get(keys, 0, count);
            return Arrays.copyOf(keys, count);
        }
    }

    /** A file of 32-bit big-endian keys, one for each request, xz-compressed. */
    @Test
    @EnabledIfSystemProperty(named = "concord.trace", matches = ".+")
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void aTraceHitsAsOften() throws Exception {
        Path file = Path.of(System.getProperty("concord.trace"));
        int[] requests = trace(file, Integer.getInteger("concord.trace.requests", 5_000_000));
        List<String> wrong = new ArrayList<>();
        try (LocalCluster cluster = LocalCluster.start(3);
                RatisStore alone = RatisStore.start(RatisSettings.memory())) {
            List<RatisStore> all = List.of(cluster.store("m1"), cluster.store("m2"), cluster.store("m3"));
            for (String bound :
                    System.getProperty("concord.trace.bounds", "500,1000,5000").split(",")) {
                int entries = Integer.parseInt(bound);
                double caffeine = Workload.caffeine(requests, entries);
                double one = inTurn(requests, entries, List.of(alone));
                double three = inTurn(requests, entries, all);
                System.out.printf(
                        "%s, %,d requests, %,d entries: Caffeine %.2f %%, one member %.2f %%, three %.2f %%%n",
                        file.getFileName(), requests.length, entries, caffeine, one, three);
                if (Math.abs(one - caffeine) > 1 || Math.abs(three - caffeine) > 1) {
                    wrong.add(bound);
                }
            }
        }
        assertThat(wrong).isEmpty();
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
            long first = create(leader, "first", BOUND);
            double everywhere = hitRatio(first, all);
            long second = create(leader, "second", BOUND);
            double elsewhere = hitRatio(second, followers);
            assertThat(everywhere).isBetween(caffeine - 1, caffeine + 1);
            assertThat(elsewhere).isBetween(caffeine - 1, caffeine + 1);
            Awaitility.await().until(() -> leader.size(first) <= BOUND && leader.size(second) <= BOUND);
        }
    }
}
