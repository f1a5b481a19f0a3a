package io.concordcache.raft.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.store.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Faults of processes and networks: members are processes in network namespaces. */
@Timeout(240)
class FaultsIT {
    private static final long OPERATION_TIMEOUT = 2000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private Network network;
    private List<Member> members;
    private Processes cluster;

    @BeforeEach
    void start(TestInfo test) throws Exception {
        Path logs =
                Path.of("target", "faults", test.getTestMethod().orElseThrow().getName());
        if (Files.exists(logs)) {
            deleteTree(logs);
        }
        Files.createDirectories(logs);
        network = new Network(4);
        members = IntStream.rangeClosed(1, 3).mapToObj(network::member).toList();
        cluster = new Processes(directory, logs, network, members, OPERATION_TIMEOUT);
        cluster.startAll();
    }

    @AfterEach
    void end() {
        cluster.close();
        network.close();
    }

    /** Writes 1, 2, 3 … to a key of its own by one member until stopped; knows what was acknowledged, and when. */
    private final class Load implements AutoCloseable {
        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicInteger acknowledged = new AtomicInteger();
        private final AtomicInteger unknown = new AtomicInteger();
        private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
        private final AtomicLong longestGapNanos = new AtomicLong();
        private final Thread thread;
        private final String key;

        Load(String by) {
            key = "load-" + by;
            thread = new Thread(() -> {
                for (int i = 1; !stop.get(); i++) {
                    String said = cluster.node(by).ask("put " + key + " " + i);
                    long now = System.nanoTime();
                    if (said.equals("HELD")) {
                        longestGapNanos.accumulateAndGet(now - lastNanos.getAndSet(now), Math::max);
                        acknowledged.set(i);
                    } else if (said.startsWith("unknown")) {
                        unknown.incrementAndGet();
                    }
                }
            });
            thread.start();
            await().atMost(PATIENCE).until(() -> acknowledged.get() > 20);
        }

        long longestGapMillis() {
            return longestGapNanos.get() / 1_000_000;
        }

        void awaitMore() {
            int now = acknowledged.get();
            await().atMost(PATIENCE).until(() -> acknowledged.get() > now + 20);
        }

        void assertNothingLost(String reader) throws InterruptedException {
            close();
            int found = Integer.parseInt(cluster.node(reader).ask("get " + key + " LINEARIZABLE"));
            assertThat(found).isGreaterThanOrEqualTo(acknowledged.get());
        }

        @Override
        public void close() throws InterruptedException {
            stop.set(true);
            thread.join(PATIENCE.toMillis());
            assertThat(thread.isAlive()).isFalse();
        }
    }

    private void awaitEqualReplicas(List<String> ids) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            List<String> states = ids.stream()
                    .map(id -> cluster.node(id).ask("all EVENTUAL"))
                    .distinct()
                    .toList();
            assertThat(states).hasSize(1);
            assertThat(states.get(0)).startsWith("{");
        });
    }

    private List<String> ids() {
        return members.stream().map(Member::id).toList();
    }

    // Reads

    /** Reads on the old leader, cut off, while the others go on; returns stale values of reads of this level. */
    private List<String> readOnCutOffLeader(String level, int cuts) {
        List<String> stale = new ArrayList<>();
        AtomicInteger served = new AtomicInteger();
        for (int cut = 0; cut < cuts; cut++) {
            String old = cluster.leader();
            String other = cluster.others(old).get(0);
            AtomicInteger last = new AtomicInteger();
            cluster.node(other).put("x" + cut, "0");
            assertThat(cluster.node(old).ask("get x" + cut + " LINEARIZABLE")).isEqualTo("0");
            network.cut(old);
            AtomicBoolean stop = new AtomicBoolean();
            String key = "x" + cut;
            Thread reader = new Thread(() -> {
                while (!stop.get()) {
                    int before = last.get();
                    String said = cluster.node(old).ask("get " + key + " " + level);
                    if (said.matches("\\d+")) {
                        served.incrementAndGet();
                        if (Integer.parseInt(said) < before) {
                            stale.add(said + " after " + before + " was acknowledged");
                        }
                    }
                }
            });
            reader.start();
            try {
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                    int next = last.get() + 1;
                    if (cluster.node(other).ask("put " + key + " " + next).equals("HELD")) {
                        last.set(next);
                    }
                    return last.get() > 100;
                });
            } finally {
                stop.set(true);
                network.heal(old);
            }
            long healed = System.nanoTime();
            await().atMost(PATIENCE).until(() -> !reader.isAlive());
            await().atMost(PATIENCE)
                    .until(() -> cluster.node(old)
                            .ask("get " + key + " LINEARIZABLE")
                            .equals("" + last.get()));
            System.out.println("longest until the old leader served again after the cut, ms: "
                    + (System.nanoTime() - healed) / 1_000_000);
        }
        return stale;
    }

    @Test
    void aLeaderThatIsCutOffServesNothingStale() {
        assertThat(readOnCutOffLeader("LINEARIZABLE", Integer.getInteger("concord.faults.cuts", 2)))
                .isEmpty();
    }

    /** The canary: a read of level SESSION is one that passes no barrier. */
    @Test
    void withoutTheBarrierItWould() {
        assertThat(readOnCutOffLeader("SESSION", 1)).isNotEmpty();
    }

    @Test
    void whoIsCutOffSaysSoInTimeAndComesBack() {
        String cutOff = cluster.others(cluster.leader()).get(0);
        await().atMost(PATIENCE).until(() -> cluster.node(cutOff).ask("put k 1").equals("HELD"));
        network.cut(cutOff);
        for (String command : List.of("put k 2", "get k LINEARIZABLE", "put k 3")) {
            long started = System.nanoTime();
            assertThat(cluster.node(cutOff).ask(command)).matches("(unavailable|unknown) .*");
            assertThat(Duration.ofNanos(System.nanoTime() - started))
                    .isLessThan(Duration.ofMillis(OPERATION_TIMEOUT + 500));
        }
        assertThat(cluster.node(cutOff).ask("get k EVENTUAL")).isEqualTo("1");
        assertThat(cluster.node(cutOff).ask("get k SESSION")).isEqualTo("1");
        network.heal(cutOff);
        await().atMost(PATIENCE).until(() -> cluster.node(cutOff).ask("put k 4").equals("HELD"));
        assertThat(cluster.node(cutOff).ask("get k LINEARIZABLE")).isEqualTo("4");
    }

    // Processes

    @Test
    @Tag("long")
    void nothingAcknowledgedIsLostWhenLeadersAreKilled() throws Exception {
        int kills = Integer.getInteger("concord.faults.kills", 2);
        List<Long> gaps = new ArrayList<>();
        for (int i = 0; i < kills; i++) {
            String leader = cluster.leader();
            String writer = cluster.others(leader).get(0);
            Load load = new Load(writer);
            cluster.node(leader).kill();
            load.awaitMore();
            assertThat(cluster.startAndWait("member", leader, members)).isEqualTo("up");
            load.assertNothingLost(leader);
            gaps.add(load.longestGapMillis());
            awaitEqualReplicas(ids());
        }
        System.out.println("longest time without an acknowledged write after kill -9 of the leader, ms: "
                + gaps.stream().sorted().toList());
    }

    @Test
    @Tag("long")
    void aRollingRestartLosesNothing() throws Exception {
        List<Long> gaps = new ArrayList<>();
        for (String id : ids()) {
            Load load = new Load(cluster.others(id).get(0));
            boolean led = cluster.leader().equals(id);
            assertThat(cluster.node(id).ask("close")).isEqualTo("ok");
            cluster.node(id).kill();
            load.awaitMore();
            assertThat(cluster.startAndWait("member", id, members)).isEqualTo("up");
            load.assertNothingLost(id);
            if (led) {
                gaps.add(load.longestGapMillis());
            }
        }
        awaitEqualReplicas(ids());
        System.out.println("longest time without an acknowledged write at a planned hand-over, ms: " + gaps);
    }

    @Test
    @Tag("long")
    void aLeaderThatSleptRejoinsAndServesNothingStale() throws Exception {
        int seconds = Integer.getInteger("concord.faults.pause", 4);
        String sleeper = cluster.leader();
        String writer = cluster.others(sleeper).get(0);
        Load load = new Load(writer);
        cluster.node(sleeper).signal("STOP");
        var asked = cluster.node(sleeper).begin("get " + load.key + " LINEARIZABLE");
        load.awaitMore();
        await().pollDelay(Duration.ofSeconds(seconds))
                .atMost(PATIENCE.plusSeconds(seconds))
                .until(() -> true);
        int before = load.acknowledged.get();
        cluster.node(sleeper).signal("CONT");
        String first = asked.get(30, java.util.concurrent.TimeUnit.SECONDS);
        assertThat(first)
                .satisfiesAnyOf(
                        said -> assertThat(said).startsWith("unavailable"),
                        said -> assertThat(Integer.parseInt(said)).isGreaterThan(0));
        await().atMost(PATIENCE).untilAsserted(() -> {
            String said = cluster.node(sleeper).ask("get " + load.key + " LINEARIZABLE");
            assertThat(said).matches("\\d+");
            assertThat(Integer.parseInt(said)).isGreaterThanOrEqualTo(before);
        });
        load.assertNothingLost(sleeper);
        awaitEqualReplicas(ids());
    }

    @Test
    void aCounterCountsEachIncrementOnceThroughLeaderChanges() throws Exception {
        Map<String, Integer> sure = new ConcurrentHashMap<>();
        AtomicInteger unknown = new AtomicInteger();
        AtomicBoolean stop = new AtomicBoolean();
        cluster.node("m1").put("counter", "0");
        List<Thread> threads = new ArrayList<>();
        assertThat(cluster.startAndWait("client", "m4", members)).isEqualTo("up");
        for (String by : List.of("m1", "m2", "m3", "m4")) {
            Thread thread = new Thread(() -> {
                while (!stop.get()) {
                    String[] seen = cluster.node(by).ask("version counter").split(" ");
                    if (!seen[0].matches("\\d+")) {
                        continue;
                    }
                    String said =
                            cluster.node(by).ask("cas counter " + (Integer.parseInt(seen[0]) + 1) + " " + seen[1]);
                    if (said.equals("HELD")) {
                        sure.merge(by, 1, Integer::sum);
                    } else if (said.startsWith("unknown")) {
                        unknown.incrementAndGet();
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (int i = 0; i < 6; i++) {
            String leader = cluster.leader();
            int now = sure.values().stream().mapToInt(Integer::intValue).sum();
            await().atMost(PATIENCE)
                    .until(() ->
                            sure.values().stream().mapToInt(Integer::intValue).sum() > now + 50);
            if (i % 2 == 0) {
                var unused = cluster.node(leader).ask("transfer");
            } else {
                network.cut(leader);
                await().atMost(PATIENCE)
                        .until(() -> cluster.others(leader).stream()
                                .map(id -> cluster.node(id).ask("status"))
                                .anyMatch(status ->
                                        !status.startsWith("leader=null") && !status.startsWith("leader=" + leader)));
                network.heal(leader);
            }
        }
        stop.set(true);
        for (Thread thread : threads) {
            thread.join(PATIENCE.toMillis());
        }
        int counted = sure.values().stream().mapToInt(Integer::intValue).sum();
        await().atMost(PATIENCE).untilAsserted(() -> {
            String said = cluster.node("m1").ask("get counter LINEARIZABLE");
            assertThat(said).matches("\\d+");
            assertThat(Integer.parseInt(said)).isBetween(counted, counted + unknown.get());
        });
        assertThat(sure).containsOnlyKeys("m1", "m2", "m3", "m4");
    }

    // Members

    private static void deleteTree(Path root) throws Exception {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    @Tag("long")
    void aMemberWithoutItsDirectoryMustBeReplaced() throws Exception {
        String lost = cluster.others(cluster.leader()).get(0);
        String stays = cluster.others(lost).get(0);
        Load load = new Load(stays);
        cluster.node(lost).kill();
        deleteTree(cluster.directory(lost));
        assertThat(cluster.startAndWait("member", lost, members)).contains("has lost its directory");
        List<Member> withNew = new ArrayList<>(members);
        withNew.add(network.member(4));
        assertThat(cluster.startAndWait("join", lost, members)).contains("is still in the cluster");
        assertThat(cluster.node(stays).ask("remove " + lost)).isEqualTo("ok");
        assertThat(cluster.startAndWait("join", "m4", withNew)).isEqualTo("up");
        assertThat(cluster.node(stays).ask("add " + network.member(4))).isEqualTo("ok");
        load.awaitMore();
        cluster.node("m4").put("fresh", "1");
        load.assertNothingLost("m4");
        List<String> now = new ArrayList<>(cluster.others(lost));
        now.add("m4");
        awaitEqualReplicas(now);
        assertThat(cluster.node("m4").ask("status")).contains("m4=").doesNotContain(lost + "=");
    }

    @Test
    @Tag("long")
    void aMemberThatLagsGetsASnapshot() throws Exception {
        String lags = cluster.others(cluster.leader()).get(0);
        String goesOn = cluster.others(lags).get(0);
        cluster.node(lags).kill();
        assertThat(cluster.node(goesOn).ask("fill 5000 5000")).isEqualTo("ok"); // several segments of the log
        assertThat(cluster.startAndWait("member", lags, members)).isEqualTo("up");
        awaitEqualReplicas(ids());
        assertThat(cluster.logOf(lags).contains("snapshot of the leader")).isTrue();
    }

    @Test
    @Tag("long")
    void aMemberWhoseDiskIsFullComesBackWhenThereIsSpace() throws Exception {
        String full = cluster.leader();
        String other = cluster.others(full).get(0);
        Load load = new Load(other);
        assertThat(cluster.node(full).ask("close")).isEqualTo("ok");
        cluster.node(full).kill();
        Path disk = cluster.directory(full);
        deleteTree(disk);
        Files.createDirectory(disk);
        Disks.mount(disk, "96m");
        try {
            assertThat(cluster.node(other).ask("remove " + full)).isEqualTo("ok");
            assertThat(cluster.startAndWait("join", full, members)).isEqualTo("up");
            Member again = members.stream()
                    .filter(member -> member.id().equals(full))
                    .findFirst()
                    .orElseThrow();
            assertThat(cluster.node(other).ask("add " + again)).isEqualTo("ok");
            assertThat(cluster.node(other).ask("transfer " + full)).isEqualTo("ok");
            Path ballast = disk.resolve("ballast");
            fill(ballast);
            await().atMost(PATIENCE.multipliedBy(2))
                    .until(() -> cluster.node(other).ask("status").contains(full + "=IMPAIRED")
                            || cluster.node(other).ask("status").contains(full + "=UNREACHABLE"));
            load.awaitMore();
            Files.delete(ballast);
            await().atMost(PATIENCE)
                    .until(() -> cluster.node(full).ask("put back 1").equals("HELD"));
            load.assertNothingLost(full);
            awaitEqualReplicas(ids());
        } finally {
            cluster.node(full).kill();
            Disks.unmount(disk);
        }
    }

    /** Until nothing more goes in, again and again: what is freed meanwhile is taken too. */
    private static void fill(Path ballast) {
        byte[] block = new byte[1 << 16];
        try (var out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(block);
            }
        } catch (java.io.IOException e) {
            assertThat(e).hasMessageContaining("No space");
        }
    }

    @Test
    void readsEachOthersWritesEverywhere() {
        TreeMap<String, String> said = new TreeMap<>();
        for (int i = 0; i < 30; i++) {
            String by = ids().get(i % 3);
            cluster.node(by).put("k", "" + i);
            for (String id : ids()) {
                said.put(id, cluster.node(id).ask("get k LINEARIZABLE"));
            }
            assertThat(said.values()).containsOnly("" + i);
        }
    }
}
