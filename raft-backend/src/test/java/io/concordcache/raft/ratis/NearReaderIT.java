package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.NearBounds;
import io.concordcache.raft.store.ReadLevel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The copies of a client while members write. */
@Timeout(120)
class NearReaderIT {
    private static final int KEYS = 3;
    private static final Duration BOUND = Duration.ofSeconds(1);

    private static LocalCluster cluster;

    private record Acknowledged(int number, long nanos) {}

    @BeforeAll
    static void start() throws Exception {
        cluster = LocalCluster.start(3);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static int number(EntryReader reader, String key, ReadLevel level) {
        var entry = reader.get(ClusterIT.bytes(key), level);
        return entry == null ? -1 : Integer.parseInt(new String(entry.value().unwrap(), StandardCharsets.UTF_8));
    }

    @Test
    void noReadIsOlderThanItsBoundOrGoesBack() throws Exception {
        long cache = ClusterIT.create(cluster.follower());
        AtomicReferenceArray<List<Acknowledged>> acknowledged = new AtomicReferenceArray<>(KEYS);
        for (int key = 0; key < KEYS; key++) {
            ClusterIT.put(cluster.follower(), cache, "k" + key, "0");
            acknowledged.set(key, List.of(new Acknowledged(0, System.nanoTime())));
        }
        ExecutorService pool = Executors.newCachedThreadPool();
        AtomicBoolean stop = new AtomicBoolean();
        try (RemoteStore client = RemoteStore.connect(RemoteSettings.of("concord", cluster.members()));
                EntryReader reader = client.reader(cache, new NearBounds(10, BOUND))) {
            List<Future<?>> all = new ArrayList<>();
            for (int key = 0; key < KEYS; key++) {
                int mine = key;
                RatisStore store = cluster.store("m" + (key + 1));
                all.add(pool.submit(() -> {
                    for (int i = 1; !stop.get(); i++) {
                        ClusterIT.put(store, cache, "k" + mine, "" + i);
                        List<Acknowledged> more = new ArrayList<>(acknowledged.get(mine));
                        more.add(new Acknowledged(i, System.nanoTime()));
                        acknowledged.set(mine, more.size() > 5000 ? more.subList(1000, more.size()) : more);
                    }
                    return null;
                }));
            }
            for (ReadLevel level : List.of(ReadLevel.SESSION, ReadLevel.SESSION, ReadLevel.EVENTUAL)) {
                all.add(pool.submit(() -> {
                    int[] seen = new int[KEYS];
                    for (int i = 0; !stop.get(); i++) {
                        int key = i % KEYS;
                        int atLeast = level == ReadLevel.SESSION ? seen[key] : 0;
                        long since = System.nanoTime() - BOUND.toNanos();
                        for (Acknowledged each : acknowledged.get(key)) {
                            if (each.nanos() - since < 0) {
                                atLeast = Math.max(atLeast, each.number());
                            }
                        }
                        seen[key] = number(reader, "k" + key, level);
                        assertThat(seen[key]).isGreaterThanOrEqualTo(atLeast);
                    }
                    return null;
                }));
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> all.stream().anyMatch(Future::isDone)
                            || (reader.copyHits() > 2000
                                    && acknowledged
                                                    .get(0)
                                                    .get(acknowledged.get(0).size() - 1)
                                                    .number()
                                            > 500));
            stop.set(true);
            for (Future<?> each : all) {
                each.get(30, TimeUnit.SECONDS);
            }
            for (int key = 0; key < KEYS; key++) {
                List<Acknowledged> of = acknowledged.get(key);
                int last = of.get(of.size() - 1).number();
                String name = "k" + key;
                await().atMost(BOUND.multipliedBy(2)).until(() -> number(reader, name, ReadLevel.SESSION) == last);
                assertThat(number(reader, name, ReadLevel.LINEARIZABLE)).isEqualTo(last);
            }
        } finally {
            stop.set(true);
            pool.shutdownNow();
        }
    }
}
