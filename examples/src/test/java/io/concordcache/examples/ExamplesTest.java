package io.concordcache.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.examples.shop.Shop;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Every example runs and says what it should. */
class ExamplesTest {
    @TempDir
    Path temporary;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int replay(String... arguments) {
        return Replay.run(new PrintStream(printed, true, StandardCharsets.UTF_8), arguments);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** 1,000 requests over 10 keys. */
    private Path trace(boolean compressed) throws IOException {
        ByteBuffer keys = ByteBuffer.allocate(4000);
        for (int i = 0; i < 1000; i++) {
            keys.putInt((i * i) % 10 << 20);
        }
        Path file = temporary.resolve(compressed ? "some.trace.xz" : "some.trace");
        if (compressed) {
            try (XZOutputStream out = new XZOutputStream(Files.newOutputStream(file), new LZMA2Options())) {
                out.write(keys.array());
            }
        } else {
            Files.write(file, keys.array());
        }
        return file;
    }

    @Test
    void quickstart() throws InterruptedException {
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Quickstart.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        assertThat(printed().lines())
                .containsExactly(
                        "  event: created anna",
                        "anna has 1 visit",
                        "anna has 2 visits",
                        "putIfAbsent: false, replace 2 by 3: true",
                        "  event: expired anna",
                        "anna after half a second: null",
                        printed().lines().reduce((first, last) -> last).orElseThrow());
        assertThat(printed()).contains("statistics: 3 puts");
    }

    @Test
    void replayCountsExactly() throws IOException {
        assertThat(replay("--trace", trace(true).toString())).isZero();
        // squares end in 0, 1, 4, 5, 6 and 9
        assertThat(printed())
                .contains("1,000 requests")
                .contains("hits       994, hit ratio 99.40 %")
                .contains("loads      6")
                .contains("exact ");
    }

    @Test
    void replayWithSeveralThreadsCountsExactly() throws IOException {
        assertThat(replay("--trace", trace(false).toString(), "--threads", "4")).isZero();
        assertThat(printed()).contains("loads      6").contains("exact ");
    }

    @Test
    void replayOfFewerRequests() throws IOException {
        assertThat(replay("--trace", trace(true).toString(), "--requests", "3")).isZero();
        assertThat(printed()).contains("3 requests").contains("loads      3");
    }

    @Test
    void replayGeneratesAWorkloadAndSaysSo() {
        assertThat(replay("--requests", "5000", "--max-entries", "100")).isZero();
        assertThat(printed())
                .contains("generated, Zipf", "hit ratio", "of a plain Caffeine cache")
                .doesNotContain("exact ");
    }

    @Test
    void replayRefusesBadArguments() throws IOException {
        Path broken = temporary.resolve("broken.xz");
        Files.writeString(broken, "not compressed at all");
        Path odd = temporary.resolve("odd.trace");
        Files.write(odd, new byte[7]);
        assertThat(replay("--trace", temporary.resolve("missing").toString())).isEqualTo(2);
        assertThat(replay("--trace", broken.toString())).isEqualTo(2);
        assertThat(replay("--trace", odd.toString())).isEqualTo(2);
        assertThat(replay("--requests", "0")).isEqualTo(2);
        assertThat(replay("--threads", "-1")).isEqualTo(2);
        assertThat(replay("--max-entries", "many")).isEqualTo(2);
        assertThat(replay("--no-such-option")).isEqualTo(2);
        assertThat(replay("--members", "2")).isEqualTo(2);
        assertThat(replay("--members", "many")).isEqualTo(2);
        assertThat(replay("--members", "3", "--threads", "0")).isEqualTo(2);
        assertThat(replay("--members", "3", "--trace", odd.toString())).isEqualTo(2);
        assertThat(printed()).isEmpty();
    }

    @Test
    void threeMembersGoOnWithoutTheirLeader() throws Exception {
        Cluster.show(new PrintStream(printed, true, StandardCharsets.UTF_8));
        assertThat(printed())
                .contains("m2 reads   greeting = hello from m1", "m1 reads   greeting = hello from m3", "kill -9")
                .containsSubsequence("starting", "caught up", "reads   greeting = still here");
    }

    @Test
    void twoNodesShareWhatAnnotatedMethodsComputed() throws Exception {
        Annotations.show(new PrintStream(printed, true, StandardCharsets.UTF_8));
        assertThat(printed()
                        .lines()
                        .map(line -> line.replaceAll(", (computed|not computed), in .*", ", $1"))
                        .map(line -> line.replaceAll(", computed in .*", ", computed")))
                .containsExactly(
                        "starting two nodes, each a process with CDI: A holds the cache, B is its client",
                        "@CacheResult",
                        "  A: quote tea      3.10, computed",
                        "  A: quote tea      3.10, not computed",
                        "  B: quote tea      3.10, not computed",
                        "@CachePut",
                        "  B: set tea 2.95   done, not computed",
                        "  A: quote tea      2.95, not computed",
                        "@CacheRemove",
                        "  A: forget tea     done, not computed",
                        "  B: quote tea      2.95, computed",
                        "a cache for exceptions",
                        "  A: quote gold     gold is not sold here, computed",
                        "  B: quote gold     gold is not sold here, not computed",
                        "@ComputeOnce, by a lock of the key in the cluster",
                        "  B: once milk      1.25, computed",
                        "  A: once milk      1.25, not computed");
        assertThat(children()).isEmpty();
    }

    /** The members among these processes: a progress bar starts others for a moment, to see how wide the terminal is. */
    private static List<ProcessHandle> members(Stream<ProcessHandle> processes) {
        return processes
                .filter(ProcessHandle::isAlive)
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .toList();
    }

    private static List<ProcessHandle> children() {
        return members(ProcessHandle.current().children());
    }

    private static List<Path> directories() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(path -> path.getFileName().toString().startsWith("concord-replay-"))
                    .toList();
        }
    }

    @Test
    void replayOnThreeMembers() throws IOException {
        List<Path> before = directories();
        assertThat(replay("--trace", trace(true).toString(), "--members", "3", "--threads", "2"))
                .as(printed())
                .isZero();
        assertThat(printed())
                .contains("members    3 processes", "1,000 in", "on each of 3 members")
                .contains("m1       334 in", "m2       333 in", "m3       333 in")
                .contains("values     each was the right one")
                .contains("exact      no member loaded a key twice; all 6 keys are on each");
        assertThat(children()).isEmpty();
        assertThat(before).containsAll(directories());
    }

    @Test
    void replayOnThreeMembersWithABound() throws IOException {
        assertThat(replay("--requests", "300", "--max-entries", "30", "--members", "3"))
                .as(printed())
                .isZero();
        assertThat(printed())
                .contains("generated, Zipf", "hit ratio", "of a plain Caffeine cache", "values ")
                .doesNotContain("exact ");
        assertThat(children()).isEmpty();
    }

    @Test
    void replayFailsWithAMember() throws Exception {
        List<Path> before = directories();
        CompletableFuture<Integer> exit =
                CompletableFuture.supplyAsync(() -> replay("--requests", "300000", "--members", "3"));
        await().atMost(120, TimeUnit.SECONDS).until(() -> printed().contains("members ") || exit.isDone());
        children().get(1).destroyForcibly();
        assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(printed()).containsPattern("FAILED +member m\\d failed its process ended");
        assertThat(children()).isEmpty();
        assertThat(before).containsAll(directories());
    }

    /** As Ctrl-C does: the processes of the members end with the program. */
    @Test
    void replayThatIsEndedLeavesNothingBehind() throws Exception {
        List<Path> before = directories();
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Replay.class.getName(),
                        "--requests",
                        "300000",
                        "--members",
                        "3")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = program.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            while (line != null && !line.startsWith("members ")) {
                line = out.readLine();
            }
            assertThat(line).startsWith("members ");
            List<ProcessHandle> members = members(program.descendants());
            assertThat(members).hasSize(3);
            program.destroy();
            assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
            for (ProcessHandle member : members) {
                member.onExit().get(30, TimeUnit.SECONDS);
            }
            assertThat(before).containsAll(directories());
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void hibernate() {
        int code = Shop.run(new PrintStream(printed, true, StandardCharsets.UTF_8), "--requests", "2000");
        assertThat(printed()).contains("requests   2,000", "queries    ", "B reads 777,777, with 0 queries");
        assertThat(code).isZero();
    }
}
