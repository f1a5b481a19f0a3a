package io.concordcache.faults;

import io.concordcache.hibernate.stress.Stress;
import io.concordcache.raft.store.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Applications h1, h2, … with Hibernate on one database, as processes on hosts that no fault cuts off: clients of the
 * cluster, which is their second-level cache. They read and write at random until they are closed, and are judged then.
 */
final class Applications implements AutoCloseable {
    private static final String TIMEOUT = "2s";
    private static final long END_SECONDS = 30;

    private record Running(String name, Process process, BufferedReader said) {}

    private final Nodes nodes;
    private final long seed;
    private final Path logs;
    private final Path directory;
    private final List<Running> running = new ArrayList<>();

    /** As many as there are hosts for, but one, which is that of the database; none if there are no hosts. */
    Applications(Nodes nodes, long seed, Path logs, Path directory) {
        this.nodes = nodes;
        this.seed = seed;
        this.logs = logs;
        this.directory = directory;
    }

    private int count() {
        return Math.max(0, nodes.otherHosts().size() - 1);
    }

    private String databaseHost() {
        return address(nodes.otherHosts().get(0));
    }

    private String address(int host) {
        return nodes.network().member(host).host();
    }

    private Path notes(int number) {
        return directory.resolve("h" + number + ".notes");
    }

    private List<Path> notes() {
        return IntStream.rangeClosed(1, count())
                .mapToObj(this::notes)
                .filter(Files::exists)
                .toList();
    }

    private synchronized Running start(String name, int host, List<String> command) {
        List<String> there = new ArrayList<>(nodes.network().in(host));
        there.addAll(command);
        try {
            Process process = new ProcessBuilder(there)
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            logs.resolve(name + ".log").toFile()))
                    .start();
            Running started = new Running(name, process, process.inputReader(StandardCharsets.UTF_8));
            running.add(started);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitUp(Running started) {
        String said = CompletableFuture.supplyAsync(() -> started.said
                        .lines()
                        .filter(line -> line.startsWith("up"))
                        .findFirst()
                        .orElse("ended"))
                .completeOnTimeout("late", Nodes.START_SECONDS, TimeUnit.SECONDS)
                .join();
        if (!said.startsWith("up")) {
            throw new Injector.WrongException(started.name + " did not start: " + said);
        }
    }

    /** Starts the database, and makes the tables. */
    void startDatabase() {
        if (count() > 0) {
            int host = nodes.otherHosts().get(0);
            awaitUp(start("database", host, Stress.database(databaseHost())));
            Running tables = start("tables", host, Stress.tables(databaseHost()));
            awaitUp(tables);
            synchronized (this) {
                end(tables);
                running.remove(tables);
            }
        }
    }

    /** Starts the applications, once database and members are there. */
    void start() {
        String members =
                nodes.members().stream().map(nodes::member).map(Member::address).collect(Collectors.joining(","));
        URI store = URI.create("concord://" + members + "?operation-timeout=" + TIMEOUT);
        for (int i = 1; i <= count(); i++) {
            var unused = start(
                    "h" + i,
                    nodes.otherHosts().get(i),
                    Stress.application(store, databaseHost(), notes(i), seed + 100L * i));
        }
    }

    private synchronized List<Running> all() {
        return List.copyOf(running);
    }

    void awaitUp() {
        all().stream().filter(each -> each.name.startsWith("h")).forEach(Applications::awaitUp);
    }

    /** No fault of a run ends any of them. */
    void requireAlive() {
        for (Running each : all()) {
            if (!each.process.isAlive()) {
                throw new Injector.WrongException(each.name + " ended by itself; see its log");
            }
        }
    }

    private static void end(Running ends) {
        try {
            ends.process.getOutputStream().close();
            if (!ends.process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                var unused = ends.process.toHandle().destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What they read that was not in the database then, a line for each, once they are closed. */
    List<String> stale() {
        return Stress.stale(notes());
    }

    /** What they did, of which so many reads were stale; counts when, too. */
    Report.Transactions transactions(int stale, Counts counts) {
        long[] sums = new long[3];
        for (int i = 1; i <= count(); i++) {
            if (Files.exists(notes(i))) {
                Stress.read(notes(i), reader("h" + i, sums, counts));
            }
        }
        return new Report.Transactions(sums[0], sums[1], sums[2], stale);
    }

    private static Stress.Reader reader(String name, long[] sums, Counts counts) {
        return new Stress.Reader() {
            @Override
            public void committed(long atNanos) {
                sums[0]++;
                counts.done(name, atNanos);
            }

            @Override
            public void read(long atNanos) {
                sums[1]++;
                counts.done(name, atNanos);
            }

            @Override
            public void hits(long count) {
                sums[2] += count;
            }
        };
    }

    /** The applications before the database, so that they end in peace. */
    @Override
    public synchronized void close() {
        for (int i = 1; i < running.size(); i++) {
            end(running.get(i));
        }
        if (!running.isEmpty()) {
            end(running.get(0));
        }
        running.clear();
    }
}
