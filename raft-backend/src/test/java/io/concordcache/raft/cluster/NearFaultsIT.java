package io.concordcache.raft.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.store.Member;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client that is cut off, by itself or with a member, serves no copy that was overwritten longer ago than the bound. */
@Timeout(240)
class NearFaultsIT {
    private static final long OPERATION_TIMEOUT = 2000;
    private static final long BOUND_MILLIS = 1000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private Network network;
    private List<Member> members;
    private Processes cluster;

    @BeforeEach
    void start(TestInfo test) throws Exception {
        Path logs =
                Path.of("target", "faults", test.getTestMethod().orElseThrow().getName());
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

    /** When each number was acknowledged, as the test heard of it: that is later. */
    private final class Writer implements AutoCloseable {
        private final List<Long> acknowledged = new CopyOnWriteArrayList<>();
        private final AtomicBoolean stop = new AtomicBoolean();
        private final Thread thread;

        Writer(String by) {
            cluster.node(by).put("k", "0");
            acknowledged.add(System.nanoTime());
            thread = new Thread(() -> {
                while (!stop.get()) {
                    int next = acknowledged.size();
                    // Not so often that there is never a copy
                    await().pollDelay(Duration.ofMillis(20)).until(() -> true);
                    if (cluster.node(by).ask("put k " + next).equals("HELD")) {
                        acknowledged.add(System.nanoTime());
                    }
                }
            });
            thread.start();
        }

        /** Since when, before this moment, another number was there; negative if none was. */
        long overwrittenFor(int number, long nanos) {
            return number + 1 < acknowledged.size() ? nanos - acknowledged.get(number + 1) : -1;
        }

        @Override
        public void close() throws InterruptedException {
            stop.set(true);
            thread.join(PATIENCE.toMillis());
        }
    }

    /** Reads at the client meanwhile; returns for how many milliseconds each copy was overwritten when it was asked for. */
    private List<Long> agesOfCopies(String client, String cutOff, String writes, long boundMillis) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<Integer> numbers = new CopyOnWriteArrayList<>();
        List<Long> times = new CopyOnWriteArrayList<>();
        try (Writer writer = new Writer(writes)) {
            Thread reader = new Thread(() -> {
                while (!stop.get()) {
                    long asked = System.nanoTime();
                    String said = cluster.node(client).ask("near k SESSION " + boundMillis);
                    if (said.matches("copy \\d+")) {
                        numbers.add(Integer.parseInt(said.split(" ")[1]));
                        times.add(asked);
                    }
                }
            });
            reader.start();
            await().atMost(PATIENCE).until(() -> times.size() > 100);
            network.cut(cutOff);
            int before = writer.acknowledged.size();
            await().pollDelay(Duration.ofMillis(3 * BOUND_MILLIS))
                    .atMost(PATIENCE)
                    .until(() -> writer.acknowledged.size() > before + 10);
            network.heal(cutOff);
            int healed = times.size();
            await().atMost(PATIENCE).until(() -> times.size() > healed + 50);
            stop.set(true);
            reader.join(PATIENCE.toMillis());
            List<Long> ages = new ArrayList<>();
            for (int i = 0; i < times.size(); i++) {
                ages.add(writer.overwrittenFor(numbers.get(i), times.get(i)) / 1_000_000);
            }
            System.out.println("copies served: " + ages.size() + ", the oldest overwritten for ms: "
                    + ages.stream().mapToLong(Long::longValue).max().orElse(-1));
            return ages;
        }
    }

    @Test
    void aClientThatIsCutOffServesNoCopyBeyondItsBound() throws Exception {
        assertThat(cluster.startAndWait("client", "m4", members)).isEqualTo("up");
        assertThat(agesOfCopies("m4", "m4", "m1", BOUND_MILLIS)).allMatch(age -> age <= BOUND_MILLIS);
    }

    /** The canary: the bound of the copies is another than that which is checked. */
    @Test
    void withAnotherBoundItWould() throws Exception {
        assertThat(cluster.startAndWait("client", "m4", members)).isEqualTo("up");
        boolean caught = false;
        for (int cut = 0; cut < 5 && !caught; cut++) { // a feed that ends at once takes its copies with it
            caught = agesOfCopies("m4", "m4", "m1", 3_600_000).stream().anyMatch(age -> age > BOUND_MILLIS);
        }
        assertThat(caught).isTrue();
    }

    /** The feed lives, but whoever sends it does not hear of the writes. */
    @Test
    @Tag("long")
    void aClientOfAMemberThatIsCutOffServesNoCopyBeyondItsBound() throws Exception {
        String cutOff = cluster.others(cluster.leader()).get(0);
        String writes = cluster.others(cutOff).get(0);
        Member member = members.stream()
                .filter(each -> each.id().equals(cutOff))
                .findFirst()
                .orElseThrow();
        assertThat(cluster.startAndWaitAt(cutOff, "client", "m4", List.of(member)))
                .isEqualTo("up");
        assertThat(agesOfCopies("m4", cutOff, writes, BOUND_MILLIS)).allMatch(age -> age <= BOUND_MILLIS);
    }
}
