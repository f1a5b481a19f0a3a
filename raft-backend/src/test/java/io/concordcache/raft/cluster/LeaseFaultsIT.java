package io.concordcache.raft.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.history.Checker;
import io.concordcache.raft.history.Op;
import io.concordcache.raft.history.Rules;
import io.concordcache.raft.history.Verdict;
import io.concordcache.raft.store.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reads by lease of real processes that are stopped, cut off and killed: all of them, and the writes, are linearizable. */
@Timeout(600)
class LeaseFaultsIT {
    private static final long OPERATION_TIMEOUT = 2000;
    private static final long ROUND_MILLIS = 8000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final Random random = new Random(Long.getLong("concord.faults.seed", 1));
    private Network network;
    private List<String> ids;
    private List<Member> members;
    private Processes cluster;
    private int written = 1;

    @BeforeEach
    void start(TestInfo test) throws Exception {
        Path logs =
                Path.of("target", "faults", test.getTestMethod().orElseThrow().getName());
        Files.createDirectories(logs);
        network = new Network(3);
        members = IntStream.rangeClosed(1, 3).mapToObj(network::member).toList();
        ids = members.stream().map(Member::id).toList();
        cluster = new Processes(directory, logs, network, members, OPERATION_TIMEOUT);
        cluster.startAll();
        ids.forEach(id -> cluster.node(id).put(id, "0"));
    }

    @AfterEach
    void end() {
        cluster.close();
        network.close();
    }

    /** What all members saw of the registers, one for each member that writes. */
    private final class History {
        private final Map<String, List<Register>> registers = new TreeMap<>();
        private final Map<String, Long> reads = new TreeMap<>();
        private final List<Op> ops = new ArrayList<>();
        private final Set<String> writersKilled = new TreeSet<>();
        private long writes;
        private final List<CompletableFuture<?>> open = new ArrayList<>();

        void begin(String level) {
            for (String id : ids) {
                String keys = String.join(",", ids);
                open.add(cluster.node(id)
                        .begin("reads " + keys + " " + ROUND_MILLIS + " " + level)
                        .thenAccept(said -> seen(id, said)));
                open.add(cluster.node(id)
                        .begin("writes " + id + " " + written + " " + ROUND_MILLIS)
                        .thenAccept(said -> wrote(id, said)));
            }
            written += 1_000_000;
        }

        private synchronized void seen(String by, String said) {
            String[] each = said.split(";");
            for (int i = 0; i < each.length && each.length == ids.size(); i++) {
                add(ids.get(i), each[i]);
                ops.addAll(Register.parse(each[i]).reads(by, ids.get(i)));
                reads.merge(by, Register.parse(each[i]).calls(), Long::sum);
            }
        }

        private synchronized void wrote(String key, String said) {
            add(key, said);
            if (said.equals("ended")) {
                writersKilled.add(key);
            } else {
                writes += Register.parse(said).calls();
                ops.addAll(Register.parse(said).writes(key, key));
            }
        }

        private synchronized void add(String key, String said) {
            if (!said.equals("ended")) { // it was killed
                registers.computeIfAbsent(key, unused -> new ArrayList<>()).add(Register.parse(said));
            }
        }

        void end() throws Exception {
            CompletableFuture.allOf(open.toArray(CompletableFuture<?>[]::new))
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        /** By a checker that knows no more than reads and writes. Of what a killed member wrote only reads tell. */
        Verdict verdict() {
            List<Op> all = new ArrayList<>(ops);
            for (String key : writersKilled) {
                Set<String> unknown = new TreeSet<>();
                ops.stream()
                        .filter(op -> op.key().equals(key)
                                && op.found() != null
                                && !op.found().isEmpty())
                        .forEach(op -> unknown.add(op.found()));
                unknown.removeAll(ops.stream()
                        .filter(op -> op.key().equals(key))
                        .map(Op::value)
                        .collect(Collectors.toSet()));
                unknown.forEach(value ->
                        all.add(Op.begun(key, Op.Kind.PUT, key, Long.MIN_VALUE).with("value", value)));
            }
            return Checker.check(all, Rules.STRICT);
        }

        List<String> violations() {
            List<String> all = new ArrayList<>();
            registers.forEach((key, of) -> all.addAll(Register.violations(of)));
            return all;
        }
    }

    private void pause(int millis) {
        await().pollDelay(Duration.ofMillis(millis)).until(() -> true);
    }

    private String any() {
        return random.nextBoolean() ? cluster.leader() : ids.get(random.nextInt(ids.size()));
    }

    private void stopForAWhile(String id) {
        cluster.node(id).signal("STOP");
        pause(200 + random.nextInt(2200));
        cluster.node(id).signal("CONT");
    }

    private void cutForAWhile(String id) {
        network.cut(id);
        pause(200 + random.nextInt(2200));
        network.heal(id);
    }

    private void killAndStart(String id) {
        cluster.node(id).kill();
        pause(random.nextInt(500));
        assertThat(cluster.startAndWait("member", id, members)).isEqualTo("up");
    }

    @Test
    @Tag("long")
    void everyReadIsLinearizableWhateverHappensToMembers() throws Exception {
        History history = new History();
        int rounds = Integer.getInteger("concord.faults.rounds", 2);
        for (int round = 0; round < rounds; round++) {
            history.begin("LINEARIZABLE");
            pause(1000);
            String first = any();
            stopForAWhile(first);
            cutForAWhile(any());
            if (round % 2 == 1) {
                killAndStart(any());
            }
            history.end();
        }
        System.out.println("reads by member: " + history.reads + ", writes: " + history.writes);
        assertThat(history.violations()).isEmpty();
        assertThat(history.verdict()).isEqualTo(Verdict.OK);
        assertThat(history.reads).containsOnlyKeys(ids);
        // Those that ask a quorum take about as long as a write.
        assertThat(history.reads.values().stream().mapToLong(Long::longValue).sum())
                .isGreaterThan(30 * history.writes);
        assertThat(history.writes).isPositive();
    }

    /** The canary: a replica read without a lease, by a member that slept. */
    @Test
    void withoutALeaseTheyWouldNotBe() throws Exception {
        History history = new History();
        history.begin("EVENTUAL");
        pause(1000);
        stopForAWhile(cluster.others(cluster.leader()).get(0));
        cutForAWhile(cluster.others(cluster.leader()).get(0));
        history.end();
        assertThat(history.violations()).isNotEmpty();
        assertThat(history.verdict().isViolation()).isTrue();
        System.out.println(history.verdict());
    }

    /** The shortest of three times: a busy machine delays writes too. */
    @Test
    void aMemberThatIsGoneDelaysWritesNoLongerThanItsLease() throws Exception {
        Duration bound = Duration.ofMillis(1500);
        Duration shortest = PATIENCE;
        for (int i = 1; i <= 3 && shortest.compareTo(bound) >= 0; i++) {
            String gone = cluster.others(cluster.leader()).get(0);
            String stays = cluster.others(gone).get(0);
            pause(1500); // all have leases
            cluster.node(gone).kill();
            long began = System.nanoTime();
            cluster.node(stays).put("x", "" + i);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            shortest = took.compareTo(shortest) < 0 ? took : shortest;
            assertThat(cluster.node(stays).ask("get x LINEARIZABLE")).isEqualTo("" + i);
            assertThat(cluster.startAndWait("member", gone, members)).isEqualTo("up");
        }
        assertThat(shortest).isLessThan(bound);
    }
}
