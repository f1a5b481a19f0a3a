package io.concordcache.benchmarks;

import io.concordcache.benchmarks.member.Done;
import io.concordcache.benchmarks.member.GcLog;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject.Role;
import io.concordcache.benchmarks.member.Task;
import io.concordcache.benchmarks.member.ValueType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.HdrHistogram.Histogram;

/** All members of one system, each a process. */
final class Cluster implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration SHORT = Duration.ofMinutes(1);
    private static final Duration FILL = Duration.ofMinutes(10);

    private static final Set<Cluster> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Cluster::kill)));
    }

    private final Candidate candidate;
    private final Path directory;
    private final List<Node> nodes = new CopyOnWriteArrayList<>();
    private final Map<ValueType, String> filled = new EnumMap<>(ValueType.class);

    private Cluster(Candidate candidate, Path directory) {
        this.candidate = candidate;
        this.directory = directory;
    }

    /** Starts the members and opens the caches. */
    static Cluster start(Candidate candidate, String classPath, int members, String heap)
            throws FailedException, InterruptedException {
        try {
            Cluster cluster = new Cluster(candidate, Files.createTempDirectory("concord-benchmarks-"));
            RUNNING.add(cluster);
            try {
                cluster.start(classPath, members, heap);
                return cluster;
            } catch (FailedException | IOException | InterruptedException e) {
                cluster.close();
                throw e;
            }
        } catch (IOException e) {
            throw new FailedException(candidate.title() + " cannot be started: " + e.getMessage());
        }
    }

    private void start(String classPath, int members, String heap)
            throws IOException, FailedException, InterruptedException {
        Node.Launch launch = new Node.Launch(candidate.subject(), classPath, candidate.jvmArguments(), heap);
        List<Integer> ports = freePorts(2 * members);
        for (int i = 0; i < members; i++) {
            Path own = Files.createDirectory(directory.resolve("member-" + i));
            Seat seat = new Seat(i, ports.subList(0, members), ports.subList(members, 2 * members), own);
            nodes.add(new Node(candidate.title() + ", member " + i + ",", launch, seat));
        }
        for (Node node : nodes) {
            node.answer(START);
        }
        for (ValueType type : ValueType.values()) {
            for (Node node : nodes) {
                node.ask("open " + type, SHORT);
            }
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    Candidate candidate() {
        return candidate;
    }

    int members() {
        return nodes.size();
    }

    /** Writes all keys that are not there yet with values of this type and size. */
    void fill(ValueType type, int valueBytes, long keys) throws FailedException, InterruptedException {
        String wanted = type + " " + valueBytes + " " + keys;
        if (!wanted.equals(filled.put(type, wanted))) {
            nodes.get(0).ask("fill " + wanted, FILL);
        }
    }

    /** Does the task, on all members at once for {@link Place#ALL}. */
    Done run(Place place, Task task) throws FailedException, InterruptedException {
        fill(task.type(), task.valueBytes(), task.keys());
        List<Node> chosen = place == Place.ALL ? nodes : List.of(node(place));
        for (Node node : chosen) {
            node.tell("run " + task.toLine());
        }
        Histogram latencies = new Histogram(3);
        long operations = 0;
        long nanos = 0;
        int batch = 1;
        for (Node node : chosen) {
            Done done = Done.of(node.answer(SHORT.plusMillis(task.millis())));
            latencies.add(done.latencies());
            operations += done.operations();
            nanos = Math.max(nanos, done.nanos());
            batch = done.batch();
        }
        return new Done(operations, nanos, batch, latencies);
    }

    private Node node(Place place) throws FailedException, InterruptedException {
        if (place == Place.ANY) {
            return nodes.get(0);
        }
        Role role = place == Place.LEADER ? Role.LEADER : Role.FOLLOWER;
        for (Node node : nodes) {
            if (node.ask("role", SHORT).equals(role.name())) {
                return node;
            }
        }
        throw new FailedException(candidate.title() + " has no " + role.name().toLowerCase(Locale.ROOT));
    }

    /** The heap in use of the first member. */
    long usedHeap() throws FailedException, InterruptedException {
        return Long.parseLong(nodes.get(0).ask("heap", SHORT));
    }

    /** The pauses of all members since they were last asked for. */
    GcLog.Pauses pauses() throws FailedException, InterruptedException {
        GcLog.Pauses all = GcLog.Pauses.NONE;
        for (Node node : nodes) {
            all = all.and(GcLog.Pauses.of(node.ask("pauses", SHORT)));
        }
        return all;
    }

    @Override
    public void close() {
        nodes.forEach(Node::close);
        Directories.delete(directory);
        RUNNING.remove(this);
    }

    private void kill() {
        nodes.forEach(Node::kill);
        Directories.delete(directory);
    }
}
