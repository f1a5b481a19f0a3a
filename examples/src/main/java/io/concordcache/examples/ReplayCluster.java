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
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Replays a trace on a cluster whose members are processes here; each takes its share of the requests. */
final class ReplayCluster {
    /** A member says something a few times in a second; after so long without a word it is given up. */
    private static final long PATIENCE_SECONDS = 60;

    private static final long END_SECONDS = 10;
    private static final int LINES = 10_000;

    private final PrintStream out;
    private final List<String> ids;
    private final ReplayMember.Work work;

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

    /** One of the processes. A thread reads what it says, so that each wait for it has an end. */
    private static final class Node {
        private final String id;
        private final Process process;
        private final PrintWriter to;
        private final BlockingQueue<String> said = new ArrayBlockingQueue<>(LINES);
        private long done;

        Node(String id, List<String> arguments) throws IOException {
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
            Thread reader = new Thread(this::read, "replay-" + id);
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (BufferedReader from = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = from.readLine(); line != null; line = from.readLine()) {
                    said.put(line);
                }
                said.put("failed its process ended");
            } catch (IOException | UncheckedIOException e) {
                var unused = said.offer("failed " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** The rest of the next line that begins with this word; on the way, steps the progress of a replay. */
        String await(String word, @Nullable ProgressBar progress) throws InterruptedException {
            while (true) {
                String line = said.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (line == null) {
                    throw new FailedException("member " + id + " says nothing for " + PATIENCE_SECONDS + " s");
                }
                if (line.startsWith("failed")) {
                    throw new FailedException("member " + id + " " + line);
                }
                if (line.startsWith("at ") && progress != null) {
                    long now = Long.parseLong(line.substring("at ".length()));
                    progress.stepBy(now - done);
                    done = now;
                } else if (line.startsWith(word)) {
                    return line.substring(word.length()).strip();
                }
            }
        }

        void end() {
            process.destroyForcibly();
        }
    }

    /** Prints how it went. Returns 0, or 1 if a count is wrong or a member failed; all processes are gone then. */
    int replay(Trace trace) throws IOException, InterruptedException {
        Path parent = Files.createTempDirectory("concord-replay-");
        List<Node> nodes = new ArrayList<>();
        Thread end = new Thread(() -> end(nodes, parent), "replay-end");
        Runtime.getRuntime().addShutdownHook(end); // of Ctrl-C
        try {
            return replay(trace, nodes, parent);
        } catch (FailedException e) {
            out.println("FAILED     " + e.getMessage());
            return 1;
        } finally {
            end(nodes, parent);
            try {
                Runtime.getRuntime().removeShutdownHook(end);
            } catch (IllegalStateException e) {
                // the JVM is shutting down, and the hook does the same
            }
        }
    }

    private static void end(List<Node> nodes, Path parent) {
        synchronized (nodes) {
            nodes.forEach(Node::end);
            try {
                for (Node node : nodes) {
                    node.process.waitFor(END_SECONDS, TimeUnit.SECONDS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        try {
            if (Files.exists(parent)) {
                Cluster.deleteTree(parent);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("replay: " + parent + " was not removed: " + e.getMessage());
        }
    }

    private int replay(Trace trace, List<Node> nodes, Path parent) throws IOException, InterruptedException {
        long started = System.nanoTime();
        List<String> members = Cluster.members(ids);
        synchronized (nodes) {
            for (int i = 0; i < ids.size(); i++) {
                List<String> arguments = new ArrayList<>(List.of(
                        Cluster.uri(members, ids.get(i), parent), String.valueOf(i), String.valueOf(ids.size())));
                arguments.addAll(work.arguments());
                nodes.add(new Node(ids.get(i), arguments));
            }
        }
        for (Node node : nodes) {
            node.await("up", null);
        }
        out.printf(
                "members    %d processes, all serve after %.1f s%n", ids.size(), (System.nanoTime() - started) / 1e9);
        List<ReplayMember.Result> results = new ArrayList<>();
        try (ProgressBar progress = Replay.progress(trace.keys().length)) {
            nodes.forEach(node -> node.to.println("replay"));
            for (Node node : nodes) {
                results.add(ReplayMember.Result.of(node.await("result", progress)));
            }
            progress.stepTo(trace.keys().length);
        }
        report(results);
        return work.maxEntries() == null && !isExact(trace, nodes, results) ? 1 : 0;
    }

    private void report(List<ReplayMember.Result> results) {
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
    private boolean isExact(Trace trace, List<Node> nodes, List<ReplayMember.Result> results)
            throws InterruptedException {
        long distinct = trace.distinctKeys();
        List<String> wrong = new ArrayList<>();
        long total = 0;
        for (int i = 0; i < ids.size(); i++) {
            ReplayMember.Result result = results.get(i);
            total += result.hits().getTotalCount() + result.loads();
            // A call that was made again may have loaded again.
            if (result.repeated() > result.retries()) {
                wrong.add("%s loaded %,d keys again".formatted(ids.get(i), result.repeated()));
            }
            nodes.get(i).to.println("count");
            long counted = Long.parseLong(nodes.get(i).await("counted", null));
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
