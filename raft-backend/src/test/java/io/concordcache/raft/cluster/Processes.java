package io.concordcache.raft.cluster;

import io.concordcache.raft.store.Member;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Members and clients as processes, each in its own network namespace; all end with it. */
final class Processes implements AutoCloseable {
    static final long PATIENCE_SECONDS = 60;

    private final Path parent;
    private final Path logs;
    private final Network network;
    private final List<Member> members;
    private final long timeoutMillis;
    private final Map<String, Node> nodes = new TreeMap<>();

    /** Their logs go to a directory that stays, for whoever must find out what happened. */
    Processes(Path parent, Path logs, Network network, List<Member> members, long timeoutMillis) {
        this.parent = parent;
        this.logs = logs;
        this.network = network;
        this.members = members;
        this.timeoutMillis = timeoutMillis;
    }

    /** A process and what was asked of it. */
    final class Node {
        private final Process process;
        private final PrintWriter to;
        private final AtomicInteger numbers = new AtomicInteger();
        private final Map<String, CompletableFuture<String>> open = new ConcurrentHashMap<>();

        private Node(Process process) {
            this.process = process;
            this.to = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
            open.put("0", new CompletableFuture<>());
            Thread reader = new Thread(this::read);
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    String[] parts = line.split(" ", 2);
                    CompletableFuture<String> asked = open.remove(parts[0]);
                    if (asked != null) {
                        asked.complete(parts[1]);
                    }
                }
            } catch (IOException e) {
                // it ended
            }
            open.values().forEach(asked -> asked.complete("ended"));
        }

        CompletableFuture<String> begin(String command) {
            String number = String.valueOf(numbers.incrementAndGet());
            CompletableFuture<String> answer = new CompletableFuture<>();
            open.put(number, answer);
            to.println(number + " " + command);
            if (!process.isAlive()) {
                answer.complete("ended");
            }
            return answer;
        }

        String ask(String command) {
            return begin(command).orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        }

        /** Writes a value that nobody else writes meanwhile: again, if it is not known whether it was written. */
        void put(String key, String value) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            String said = ask("put " + key + " " + value);
            while (!said.equals("HELD")) {
                if (System.nanoTime() - deadline >= 0 || !isAlive()) {
                    throw new IllegalStateException("put " + key + ": " + said);
                }
                said = ask("put " + key + " " + value);
            }
        }

        void signal(String signal) {
            run("kill", "-" + signal, String.valueOf(process.pid()));
        }

        void kill() {
            var unused = process.toHandle().destroyForcibly();
            awaitEnd();
        }

        void awaitEnd() {
            try {
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the process does not end");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        boolean isAlive() {
            return process.isAlive();
        }
    }

    static void run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Starts all members of the list and waits until they serve. */
    void startAll() {
        List<CompletableFuture<String>> ups = members.stream()
                .map(member -> start("member", member.id(), members).open.get("0"))
                .toList();
        for (CompletableFuture<String> up : ups) {
            String said = up.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
            if (!said.equals("up")) {
                throw new IllegalStateException("a member did not start: " + said);
            }
        }
    }

    /** Starts a process; what it says first is in {@link #up}. */
    Node start(String role, String id, List<Member> list) {
        return startAt(id, role, id, list);
    }

    private Node startAt(String host, String role, String id, List<Member> list) {
        List<String> command = new ArrayList<>(network.in(host));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                MemberMain.class.getName(),
                role,
                id,
                list.stream().map(Member::toString).collect(Collectors.joining(",")),
                directory(id).toString(),
                String.valueOf(timeoutMillis)));
        try {
            File log = log(id).toFile();
            Node node = new Node(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(log))
                    .start());
            nodes.put(id, node);
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String startAndWait(String role, String id, List<Member> list) {
        return startAndWaitAt(id, role, id, list);
    }

    /** As {@link #startAndWait}, on the host of another. */
    String startAndWaitAt(String host, String role, String id, List<Member> list) {
        Node node = startAt(host, role, id, list);
        CompletableFuture<String> first = node.open.getOrDefault("0", CompletableFuture.completedFuture("up"));
        return first.orTimeout(3 * PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    Path directory(String id) {
        return parent.resolve(id);
    }

    Node node(String id) {
        return nodes.get(id);
    }

    /** The leader as the members that run say; waits until one is known. */
    String leader() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < deadline) {
            for (Node node : List.copyOf(nodes.values())) {
                String status = node.isAlive() ? node.ask("status") : "";
                if (status.startsWith("leader=") && !status.startsWith("leader=null")) {
                    return status.substring("leader=".length(), status.indexOf(' '));
                }
            }
        }
        throw new IllegalStateException("no leader");
    }

    List<String> others(String id) {
        return members.stream()
                .map(Member::id)
                .filter(other -> !other.equals(id))
                .toList();
    }

    private Path log(String id) {
        return logs.resolve(id + ".log");
    }

    String logOf(String id) throws IOException {
        return Files.readString(log(id));
    }

    @Override
    public void close() {
        nodes.values().forEach(node -> node.process.toHandle().destroyForcibly());
        nodes.values().forEach(Node::awaitEnd);
    }
}
