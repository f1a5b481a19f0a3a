package io.concordcache.hibernate.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.h2.tools.Server;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three applications in processes of their own, each a member of the cluster that is their cache, on one database. One
 * after the other is killed at a random moment and started again; whatever was read must have been in the database.
 */
class StressIT {
    private static final int NODES = 3;
    private static final int ROWS = 8;
    private static final long SECONDS = Long.getLong("stress.seconds", 120);
    private static final long START_SECONDS = 120;
    private static final long KILL_EVERY_MILLIS = 12_000;

    private final List<Process> processes = new ArrayList<>();

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void nothingOldIsRead(@TempDir Path directory) throws Exception {
        List<String> members = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            members.add("127.0.0.1:" + freePort());
        }
        Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-baseDir", directory.toString())
                .start();
        String database =
                "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/mem:stress;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=5000";
        long seed = Long.getLong("stress.seed", System.nanoTime());
        try {
            try (SessionFactory tables = StressMain.open("concord:local", database)) {
                tables.inTransaction(session -> IntStream.range(0, ROWS).forEach(row -> session.persist(new Row(row))));
            }
            for (int i = 0; i < NODES; i++) {
                processes.add(start(i, members, database, directory));
            }
            for (Process process : processes) {
                awaitUp(process);
            }
            int kills = run(new Random(seed), members, database, directory);
            end(); // so that nobody writes notes while they are read, one file after the other
            check(directory, seed, kills);
        } finally {
            end();
            server.stop();
        }
    }

    private void end() throws InterruptedException {
        processes.forEach(Process::destroyForcibly);
        for (Process process : processes) {
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }

    private static Process start(int node, List<String> members, String database, Path directory) throws IOException {
        String uri = "concord:local?members=" + String.join(",", members) + "&member=" + members.get(node)
                + "&durability=disk&directory=" + directory.resolve("member-" + node);
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StressMain.class.getName(),
                        uri,
                        database,
                        directory.resolve("notes-" + node).toString(),
                        String.valueOf(ROWS))
                .redirectError(directory.resolve("errors-" + node).toFile())
                .start();
    }

    private static void awaitUp(Process process) throws Exception {
        BufferedReader from = process.inputReader(StandardCharsets.UTF_8);
        String line = CompletableFuture.supplyAsync(() -> from.lines()
                        .filter(each -> each.equals("up"))
                        .findFirst()
                        .orElse("it ended"))
                .get(START_SECONDS, TimeUnit.SECONDS);
        assertThat(line).isEqualTo("up");
    }

    /** Kills one after the other; returns how many. */
    private int run(Random random, List<String> members, String database, Path directory) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        int kills = 0;
        while (System.nanoTime() - end < 0) {
            long pause = KILL_EVERY_MILLIS / 2 + random.nextInt((int) KILL_EVERY_MILLIS);
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            int victim = random.nextInt(NODES);
            // Waits for the end of a process that does not end by itself: a pause that shows if one does.
            assertThat(processes.get(victim).waitFor(Math.min(pause, left), TimeUnit.MILLISECONDS))
                    .as("application " + victim + " goes on; its errors: "
                            + Files.readString(directory.resolve("errors-" + victim)))
                    .isFalse();
            if (pause < left) {
                processes.get(victim).destroyForcibly().waitFor(10, TimeUnit.SECONDS);
                kills++;
                processes.set(victim, start(victim, members, database, directory));
                awaitUp(processes.get(victim));
            }
        }
        return kills;
    }

    private static void check(Path directory, long seed, int kills) throws IOException {
        List<Observation> all = new ArrayList<>();
        for (int node = 0; node < NODES; node++) {
            String notes = Files.readString(directory.resolve("notes-" + node));
            // The last line of a killed process may be cut off.
            notes.lines()
                    .filter(line -> line.split(" ").length == 5)
                    .map(Observation::of)
                    .forEach(all::add);
        }
        String counts = all.stream()
                .collect(Collectors.groupingBy(Observation::what, Collectors.counting()))
                .toString();
        System.out.println("seed " + seed + ", " + kills + " kills: " + counts);
        assertThat(all.stream()
                        .filter(each -> each.what() == Observation.What.WRITTEN)
                        .count())
                .as("commits")
                .isGreaterThan(SECONDS);
        assertThat(all.stream()
                        .filter(each -> each.what() == Observation.What.READ)
                        .count())
                .as("reads")
                .isGreaterThan(10 * SECONDS);
        List<String> wrong = Verdict.of(all, ROWS);
        assertThat(wrong).as("seed " + seed).isEmpty();
    }
}
