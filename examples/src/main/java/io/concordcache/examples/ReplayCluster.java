package io.concordcache.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Replays a trace on a cluster whose members are processes here; each takes its share of the requests. */
final class ReplayCluster {
    /** A member says something a few times in a second; one from which nothing came for so long is given up. */
    private static final long PATIENCE_SECONDS = 120;

    private static final long LOOK_SECONDS = 1;
    private static final long END_SECONDS = 10;

    private final PrintStream out;
    private final List<String> ids;
    private final ReplayMember.Work work;
    /** Guarded by itself. */
    private final List<Node> nodes = new ArrayList<>();
    /** Guarded by {@link #nodes}. */
    private boolean ended;

    /** What all members say, in the order in which it came. */
    private final BlockingQueue<Said> said = new LinkedBlockingQueue<>();

    ReplayCluster(PrintStream out, int members, ReplayMember.Work work) {
        this.out = out;
        this.ids = IntStream.rangeClosed(1, members).mapToObj(i -> "m" + i).toList();
        this.work = work;
    }

    private static final class FailedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        FailedException(String message) {
            super(message);
        }
    }

    private record Said(Node node, String line) {}

    /** One of the processes. A thread reads what it says. */
    private static final class Node {
        private final String id;
        private final Process process;
        private final PrintWriter to;
        private volatile long heardAt = System.nanoTime();
        /** Requests that it has made, as it said last. */
        private long done;

        Node(String id, List<String> arguments, BlockingQueue<Said> said) throws IOException {
            this.id = id;
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ReplayMember.class.getName()));
            command.addAll(arguments);
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            to = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
            Thread reader = new Thread(() -> read(said), "replay-" + id);
            reader.setDaemon(true);
            reader.start();
        }

        private void read(BlockingQueue<Said> said) {
            try (BufferedReader from = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = from.readLine(); line != null; line = from.readLine()) {
                    heardAt = System.nanoTime();
                    said.add(new Said(this, line));
                }
                said.add(new Said(this, ReplayMember.FAILED + " its process ended"));
            } catch (IOException | UncheckedIOException e) {
                said.add(new Said(this, ReplayMember.FAILED + " " + e.getMessage()));
            }
        }

        private boolean isSilent() {
            return System.nanoTime() - heardAt > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        }
    }

    /** Prints how it went. Returns 0, or 1 if a count is wrong or a member failed; all processes are gone then. */
    int replay(Trace trace) throws IOException, InterruptedException {
        Path parent = Files.createTempDirectory("concord-replay-");
        Thread end = new Thread(() -> end(parent), "replay-end");
        Runtime.getRuntime().addShutdownHook(end); // of Ctrl-C
        try {
            return replay(trace, parent);
        } catch (FailedException e) {
            out.println("FAILED     " + e.getMessage());
            return 1;
        } finally {
            end(parent);
            try {
                Runtime.getRuntime().removeShutdownHook(end);
            } catch (IllegalStateException e) {
                // the JVM is shutting down, and the hook does the same
            }
        }
    }

    /** May be called by several threads, and again; all is gone when it returns. */
    private void end(Path parent) {
        synchronized (nodes) {
            ended = true;
            nodes.forEach(node -> node.process.destroyForcibly());
            try {
                for (Node node : nodes) {
                    node.process.waitFor(END_SECONDS, TimeUnit.SECONDS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            try {
                if (Files.exists(parent)) {
                    Cluster.deleteTree(parent);
                }
            } catch (IOException | UncheckedIOException e) {
                System.err.println("replay: " + parent + " was not removed: " + e.getMessage());
            }
        }
    }

    private void start(Path parent) throws IOException {
        List<String> members = Cluster.members(ids);
        synchronized (nodes) {
            if (ended) {
                throw new FailedException("it was ended before it began");
            }
            for (int i = 0; i < ids.size(); i++) {
                List<String> arguments = new ArrayList<>(List.of(
                        Cluster.uri(members, ids.get(i), parent), String.valueOf(i), String.valueOf(ids.size())));
                arguments.addAll(work.arguments());
                nodes.add(new Node(ids.get(i), arguments, said));
            }
        }
    }

    private int replay(Trace trace, Path parent) throws IOException, InterruptedException {
        long started = System.nanoTime();
        start(parent);
        awaitAll(ReplayMember.UP, null);
        out.printf(
                "members    %d processes, all serve after %.1f s%n", ids.size(), (System.nanoTime() - started) / 1e9);
        List<ReplayMember.Result> results;
        try (ProgressBar progress = Replay.progress(trace.keys().length)) {
            tell(ReplayMember.REPLAY);
            results = awaitAll(ReplayMember.RESULT, progress).stream()
                    .map(ReplayMember.Result::of)
                    .toList();
            progress.stepTo(trace.keys().length);
        }
        report(trace, results);
        return work.maxEntries() == null && !isExact(trace, results) ? 1 : 0;
    }

    private void tell(String command) {
        nodes.forEach(node -> node.to.println(command));
    }

    /**
     * Waits until each member has said a line that begins with this word; on the way, steps the progress.
     *
     * @return the rest of that line of each, in the order of the members
     */
    private List<String> awaitAll(String word, @Nullable ProgressBar progress) throws InterruptedException {
        Map<String, String> answers = new HashMap<>();
        while (answers.size() < nodes.size()) {
            Said next = said.poll(LOOK_SECONDS, TimeUnit.SECONDS);
            if (next != null) {
                hear(next.node, next.line, word, answers, progress);
            }
            for (Node node : nodes) {
                if (node.isSilent()) {
                    throw new FailedException("member " + node.id + " says nothing for " + PATIENCE_SECONDS + " s");
                }
            }
        }
        return ids.stream().map(answers::get).map(Objects::requireNonNull).toList();
    }

    private static void hear(
            Node node, String line, String word, Map<String, String> answers, @Nullable ProgressBar progress) {
        if (line.startsWith(ReplayMember.FAILED)) {
            throw new FailedException("member " + node.id + " " + line);
        }
        if (line.startsWith(word)) {
            answers.put(node.id, line.substring(word.length()).strip());
        } else if (line.startsWith(ReplayMember.AT) && progress != null) {
            long now = Long.parseLong(line.substring(ReplayMember.AT.length()).strip());
            progress.stepBy(now - node.done);
            node.done = now;
        }
    }

    private void report(Trace trace, List<ReplayMember.Result> results) {
        Histogram hits = Replay.histogram();
        Histogram all = Replay.histogram();
        double seconds = 0;
        for (ReplayMember.Result result : results) {
            hits.add(result.hits());
            all.add(result.all());
            seconds = Math.max(seconds, result.seconds());
        }
        long total = all.getTotalCount();
        out.printf(
                "requests   %,d in %.1f s with %d thread(s) on each of %d members: %,.0f/s%n",
                total, seconds, work.threads(), ids.size(), total / seconds);
        for (int i = 0; i < ids.size(); i++) {
            ReplayMember.Result result = results.get(i);
            out.printf(
                    "  %-8s %,d in %.1f s: %,.0f/s; hit ratio %.2f %%; hits p50 %.1f µs, p99 %.1f µs%n",
                    ids.get(i),
                    result.all().getTotalCount(),
                    result.seconds(),
                    result.all().getTotalCount() / result.seconds(),
                    100.0 * result.hits().getTotalCount() / result.all().getTotalCount(),
                    result.hits().getValueAtPercentile(50) / 1e3,
                    result.hits().getValueAtPercentile(99) / 1e3);
        }
        out.printf("hits       %,d, hit ratio %.2f %%%n", hits.getTotalCount(), 100.0 * hits.getTotalCount() / total);
        Replay.printCaffeine(out, trace, work.maxEntries());
        out.printf(
                "loads      %,d%n",
                results.stream().mapToLong(ReplayMember.Result::loads).sum());
        out.printf(
                "hit        p50 %.1f µs, p99 %.1f µs, max %,.0f µs%n",
                hits.getValueAtPercentile(50) / 1e3, hits.getValueAtPercentile(99) / 1e3, hits.getMaxValue() / 1e3);
        long retries = results.stream().mapToLong(ReplayMember.Result::retries).sum();
        if (retries > 0) {
            out.printf("retries    %,d calls that the cluster did not answer in time%n", retries);
        }
        Replay.printHistogram(out, all);
        out.println("values     each was the right one"); // else the member had failed
    }

    /**
     * Nothing leaves an unbounded cache, so a member loads no key twice, and in the end each member has all keys with
     * their right values. Several members may load one key at the same time, so the number of loads is not checked more
     * closely than that.
     */
    private boolean isExact(Trace trace, List<ReplayMember.Result> results) throws InterruptedException {
        long distinct = trace.distinctKeys();
        tell(ReplayMember.COUNT);
        List<String> counts = awaitAll(ReplayMember.COUNTED, null);
        List<String> wrong = new ArrayList<>();
        long total = 0;
        for (int i = 0; i < ids.size(); i++) {
            ReplayMember.Result result = results.get(i);
            total += result.hits().getTotalCount() + result.loads();
            // A call that was made again may have loaded again.
            if (result.repeated() > result.retries()) {
                wrong.add("%s loaded %,d keys again".formatted(ids.get(i), result.repeated()));
            }
            long counted = Long.parseLong(counts.get(i));
            if (counted != distinct) {
                wrong.add("%s has %,d keys of %,d".formatted(ids.get(i), counted, distinct));
            }
        }
        long retries = results.stream().mapToLong(ReplayMember.Result::retries).sum();
        if (Math.abs(total - trace.keys().length) > retries) {
            wrong.add("%,d hits and loads for %,d requests".formatted(total, trace.keys().length));
        }
        out.println(
                wrong.isEmpty()
                        ? "exact      no member loaded a key twice; all %,d keys are on each with their values"
                                .formatted(distinct)
                        : "WRONG      " + String.join("; ", wrong));
        return wrong.isEmpty();
    }
}
