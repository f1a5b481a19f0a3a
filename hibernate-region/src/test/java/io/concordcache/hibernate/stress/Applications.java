package io.concordcache.hibernate.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.hibernate.stress.FaultyStore.Canary;
import io.concordcache.raft.cluster.Network;
import io.concordcache.raft.cluster.Skew;
import io.concordcache.raft.store.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Applications in processes and network namespaces of their own, on one database in another: members of the cluster that is
 * their cache, the last one its client. All end with it; what they wrote stays.
 */
final class Applications implements AutoCloseable {
    static final int ROWS = 8;

    private static final int MEMBERS = 3;
    private static final int COUNT = 4;
    private static final int THREADS = 3;
    private static final long PAUSE_NANOS = 200_000;
    private static final int DATABASE_HOST = COUNT + 1;
    private static final long START_SECONDS = 300;
    private static final long PATIENCE_SECONDS = 30;
    private static final int LONGEST_STOP_MILLIS = 2_500;
    private static final long HOUR_MILLIS = TimeUnit.HOURS.toMillis(1);

    /** What may happen to an application for a while. */
    enum Fault {
        KILL,
        /** Dies when its soft locks are held, before the commit. */
        DIE_LOCKED,
        /** Dies after the commit, before the end of its soft locks. */
        DIE_COMMITTED,
        STOP,
        CUT,
        /** What it sends to the others is lost. */
        CUT_OUT,
        /** What the others send to it is lost. */
        CUT_IN,
        /** Its wall clock is set, and stays so. */
        CLOCK,
        /** Calls to the store fail, lose their answer, or are late. */
        FAILING
    }

    private record Running(Process process, PrintWriter to) {
        void end() throws InterruptedException {
            to.close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.toHandle().destroyForcibly();
                process.waitFor();
            }
        }
    }

    private final Database database;
    private final Path directory;
    private final Path logs;
    private final Canary canary;
    private final Random random;
    private final Path agent;
    private final Network network = new Network(DATABASE_HOST);
    private final Map<Integer, Running> running = new TreeMap<>();
    private final Map<Fault, Integer> faults = new TreeMap<>();
    /** How far that clock is ahead that is most: the replicated clock follows it, and never goes back. */
    private long mostAheadMillis;

    Applications(Database database, Path directory, Path databaseDirectory, Path logs, Canary canary, Random random)
            throws Exception {
        this.database = database;
        this.directory = directory;
        this.logs = logs;
        this.canary = canary;
        this.random = random;
        this.agent = Skew.agent(Skew.class, directory);
        try {
            start(DATABASE_HOST, database.command(host(DATABASE_HOST), databaseDirectory));
            assertThat(awaitUp(DATABASE_HOST)).isEqualTo("up");
            start(0, java(List.of(), "tables", url(), String.valueOf(ROWS)));
            assertThat(awaitUp(0)).isEqualTo("up");
            running.remove(0).end();
            for (int i = 1; i <= COUNT; i++) {
                startApplication(i, 0);
            }
            for (int i = 1; i <= COUNT; i++) {
                assertThat(awaitUp(i)).startsWith("up ");
            }
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    static List<String> java(List<String> options, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), StressMain.class.getName()));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private String host(int number) {
        return network.member(number).host();
    }

    private String url() {
        return database.url(host(DATABASE_HOST));
    }

    private void start(int number, List<String> command) throws IOException {
        List<String> there = new ArrayList<>(network.in(number == 0 ? DATABASE_HOST : number));
        there.addAll(command);
        Process process = new ProcessBuilder(there)
                .redirectError(ProcessBuilder.Redirect.appendTo(errors(number).toFile()))
                .start();
        running.put(number, new Running(process, new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true)));
    }

    private Path errors(int number) {
        return logs.resolve("errors-" + number);
    }

    private void startApplication(int number, long aheadMillis) throws IOException {
        String members = IntStream.rangeClosed(1, MEMBERS)
                .mapToObj(network::member)
                .map(Member::address)
                .collect(Collectors.joining(","));
        String uri = number > MEMBERS
                ? "concord://" + members + "?operation-timeout=2s"
                : "concord:local?operation-timeout=2s&plaintext=allowed&members=" + members + "&member="
                        + network.member(number).address() + "&durability=disk&directory="
                        + directory.resolve("member-" + number);
        start(
                number,
                java(
                        List.of("-javaagent:" + agent + "=" + aheadMillis),
                        "application",
                        uri,
                        url(),
                        notes(number).toString(),
                        String.valueOf(ROWS),
                        canary.toString(),
                        String.valueOf(random.nextLong()),
                        String.valueOf(THREADS),
                        String.valueOf(PAUSE_NANOS)));
    }

    private Path notes(int number) {
        return logs.resolve("notes-" + number);
    }

    private Process process(int number) {
        return Objects.requireNonNull(running.get(number)).process;
    }

    private String awaitUp(int number) {
        BufferedReader from = process(number).inputReader(StandardCharsets.UTF_8);
        return CompletableFuture.supplyAsync(() -> from.lines()
                        .filter(line -> line.startsWith("up"))
                        .findFirst()
                        .orElse("it ended"))
                .orTimeout(START_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** Half of them a little more than any before, so that the replicated clock leaps again and again. */
    private long someClock() {
        long ahead = random.nextBoolean()
                ? random.nextLong(-HOUR_MILLIS, HOUR_MILLIS)
                : mostAheadMillis + random.nextInt(30_000);
        mostAheadMillis = Math.max(mostAheadMillis, ahead);
        return ahead;
    }

    private void tell(int number, String command) {
        Objects.requireNonNull(running.get(number)).to.println(command);
    }

    /** One or two applications suffer for some seconds; then they are well again, or new. */
    void suffer() throws Exception {
        Map<Integer, Fault> now = new TreeMap<>();
        for (int i = random.nextInt(3) == 0 ? 2 : 1; i > 0; i--) {
            now.put(1 + random.nextInt(COUNT), Fault.values()[random.nextInt(Fault.values().length)]);
        }
        for (Map.Entry<Integer, Fault> each : now.entrySet()) {
            faults.merge(each.getValue(), 1, Integer::sum);
            begin(each.getValue(), each.getKey());
        }
        live(500 + random.nextInt(LONGEST_STOP_MILLIS - 500), now);
        for (Map.Entry<Integer, Fault> each : now.entrySet()) {
            end(each.getValue(), each.getKey());
        }
        // None starts before all links are whole.
        for (Map.Entry<Integer, Fault> each : now.entrySet()) {
            if (!process(each.getKey()).isAlive()) {
                restart(each.getKey());
            }
        }
    }

    private void begin(Fault fault, int number) throws Exception {
        switch (fault) {
            case KILL -> process(number).toHandle().destroyForcibly();
            case DIE_LOCKED -> tell(number, "die " + Attempt.Point.LOCKED);
            case DIE_COMMITTED -> tell(number, "die " + Attempt.Point.COMMITTED);
            case STOP -> signal(number, "STOP");
            case CUT, CUT_OUT, CUT_IN -> cut(fault, number, true);
            case CLOCK -> tell(number, "clock " + someClock());
            case FAILING -> tell(number, "failing 200");
        }
    }

    private void end(Fault fault, int number) throws Exception {
        switch (fault) {
            case KILL, DIE_LOCKED, DIE_COMMITTED ->
                assertThat(process(number).waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                        .as("application " + number + " ends: " + fault)
                        .isTrue();
            case STOP -> signal(number, "CONT");
            case CUT, CUT_OUT, CUT_IN -> cut(fault, number, false);
            case CLOCK -> {}
            case FAILING -> tell(number, "failing 0");
        }
    }

    private void signal(int number, String signal) throws Exception {
        new ProcessBuilder("kill", "-" + signal, String.valueOf(process(number).pid()))
                .start()
                .waitFor();
    }

    /** The database stays in reach. */
    private void cut(Fault fault, int number, boolean begins) {
        for (int other = 1; other <= COUNT; other++) {
            if (other != number && fault != Fault.CUT_IN) {
                link(number, other, begins);
            }
            if (other != number && fault != Fault.CUT_OUT) {
                link(other, number, begins);
            }
        }
    }

    private void link(int from, int to, boolean cut) {
        if (cut) {
            network.cut(from, to);
        } else {
            network.heal(from, to);
        }
    }

    private void restart(int number) throws Exception {
        long ahead = someClock();
        startApplication(number, ahead);
        String up = awaitUp(number);
        assertThat(up).as(Files.readString(errors(number))).startsWith("up ");
        assertThat(Long.parseLong(up.substring(3)) - System.currentTimeMillis())
                .as("its clock")
                .isBetween(ahead - TimeUnit.MINUTES.toMillis(1), ahead + TimeUnit.MINUTES.toMillis(1));
    }

    /** Lets them go on for so long; none but these may end. */
    void live(long millis, Map<Integer, Fault> except) throws InterruptedException, IOException {
        CompletableFuture<?>[] ends = running.entrySet().stream()
                .filter(each -> !except.containsKey(each.getKey()))
                .map(each -> each.getValue().process.onExit().thenAccept(ended -> {
                    throw new IllegalStateException("process " + each.getKey() + " ended");
                }))
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.anyOf(ends).get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // as it should be
        } catch (ExecutionException e) {
            throw new AssertionError("see its errors in " + logs, e);
        }
    }

    /** What they read that they should not have, up to now; they stand still meanwhile. */
    List<String> verdict() throws Exception {
        for (int i = 1; i <= COUNT; i++) {
            signal(i, "STOP");
        }
        List<String> wrong = Verdict.of(this::notes, ROWS);
        for (int i = 1; i <= COUNT; i++) {
            signal(i, "CONT");
        }
        return wrong;
    }

    Map<Fault, Integer> faults() {
        return faults;
    }

    /** What all have noted, when they have ended. */
    Stream<Observation> notes() {
        return IntStream.rangeClosed(1, COUNT).boxed().map(this::notes).flatMap(Notes::read);
    }

    /** The applications before the database, so that they end in peace. */
    @Override
    public void close() throws InterruptedException {
        for (Running each : running.values()) {
            each.end();
        }
        running.clear();
        network.close();
    }
}
