package io.concordcache.faults;

import io.concordcache.raft.cluster.Network;
import io.concordcache.raft.cluster.Skew;
import io.concordcache.raft.store.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Members m1, m2, … and clients c1, c2, … as processes, each on a host of a {@link Network}; all end with it. A member that
 * is replaced keeps its name here, and has a new one in the group.
 */
final class Nodes implements AutoCloseable {
    static final long START_SECONDS = 120;
    static final long ANSWER_SECONDS = 60;

    private static final long STATUS_SECONDS = 5;
    private static final String DISK_SIZE = "size=128m";
    private static final String DISK = "concord-faults-";

    private final Path directory;
    private final Path journals;
    private final Path logs;
    private final int members;
    private final int clients;
    private final int others;
    private final long seed;
    private final Canary canary;
    private final long baseNanos;
    private final Network network;
    private final Path skew;
    private final Path agent;
    private final Path library;
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Map<String, Integer> replaced = new ConcurrentHashMap<>();
    /** Of those that do not run the classes under test. */
    private final Map<String, String> classPaths = new ConcurrentHashMap<>();

    private final AtomicInteger incarnations = new AtomicInteger();
    /** How far the clocks of all are ahead, in milliseconds. */
    private volatile long aheadMillis;

    /** With so many hosts besides, for processes of others. */
    Nodes(Path directory, Path logs, int members, int clients, int others, long seed, Canary canary, long baseNanos)
            throws IOException {
        this.directory = directory;
        this.journals = Files.createDirectories(directory.resolve("journals"));
        this.logs = Files.createDirectories(logs);
        this.members = members;
        this.clients = clients;
        this.others = others;
        this.seed = seed;
        this.canary = canary;
        this.baseNanos = baseNanos;
        this.skew = Skew.agent(Skew.class, directory);
        this.agent = Skew.agent(Canary.Agent.class, directory);
        this.library = FailingDisk.library(directory);
        Files.writeString(
                directory.resolve("logging.properties"),
                "handlers=java.util.logging.ConsoleHandler\n.level=WARNING\nio.concordcache.level=INFO\n"
                        + "java.util.logging.ConsoleHandler.level=ALL\n"
                        + "java.util.logging.SimpleFormatter.format=%1$tT.%1$tL %4$s %3$s %5$s%6$s%n\n");
        unmountLeftovers();
        this.network = new Network(members + clients + others);
        for (String id : members()) {
            Files.createDirectories(disk(id));
            failingDisk(id).heal();
        }
        Commands.run(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                DISK_SIZE,
                DISK + ProcessHandle.current().pid(),
                disk(smallDisk()).toString());
    }

    private static void unmountLeftovers() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
            String[] words = line.split(" ");
            if (words[0].startsWith(DISK)
                    && ProcessHandle.of(Long.parseLong(words[0].substring(DISK.length())))
                            .isEmpty()) {
                Commands.run("umount", words[1]);
            }
        }
    }

    List<String> members() {
        return IntStream.rangeClosed(1, members).mapToObj(i -> "m" + i).toList();
    }

    List<String> clients() {
        return IntStream.rangeClosed(1, clients).mapToObj(i -> "c" + i).toList();
    }

    List<String> all() {
        return Stream.concat(members().stream(), clients().stream()).toList();
    }

    List<String> membersBut(String id) {
        return members().stream().filter(other -> !other.equals(id)).toList();
    }

    /** The member whose disk is small, and a file system of its own. */
    String smallDisk() {
        return "m" + members;
    }

    Path disk(String id) {
        return directory.resolve(id);
    }

    Path data(String id) {
        return disk(id).resolve("data");
    }

    /** How writes of a member fail. */
    FailingDisk failingDisk(String id) {
        return new FailingDisk(directory.resolve(id + ".disk"));
    }

    Path directory() {
        return directory;
    }

    Path journals() {
        return journals;
    }

    Network network() {
        return network;
    }

    /** The number of its host. */
    int host(String id) {
        int number = Integer.parseInt(id.substring(1));
        return id.startsWith("c") ? members + number : number;
    }

    /** The numbers of all hosts. */
    List<Integer> hosts() {
        return IntStream.rangeClosed(1, members + clients + others).boxed().toList();
    }

    /** The numbers of those for processes of others. */
    List<Integer> otherHosts() {
        return hosts().subList(members + clients, hosts().size());
    }

    /** As the group knows it now. */
    Member member(String id) {
        Member first = network.member(host(id));
        int times = replaced.getOrDefault(id, 0);
        return times == 0 ? first : new Member(id + "r" + times, first.host(), first.port());
    }

    /** From now on it is another for the group. */
    void renew(String id) {
        replaced.merge(id, 1, Integer::sum);
    }

    /** From its next start it runs other classes than those under test; null for those. */
    void runs(String id, @Nullable String classPath) {
        if (classPath == null) {
            classPaths.remove(id);
        } else {
            classPaths.put(id, classPath);
        }
    }

    long aheadMillis() {
        return aheadMillis;
    }

    void aheadMillis(long millis) {
        aheadMillis = millis;
    }

    // Processes

    /** A process and what was asked of it. */
    private static final class Running {
        private final String session;
        private final Process process;
        private final PrintWriter to;
        private final AtomicInteger numbers = new AtomicInteger();
        private final Map<String, CompletableFuture<String>> open = new ConcurrentHashMap<>();
        private final CompletableFuture<String> first = new CompletableFuture<>();

        Running(String session, Process process) {
            this.session = session;
            this.process = process;
            this.to = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
            open.put("0", first);
            Thread reader = new Thread(this::read, "reader");
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    String[] parts = line.split(" ", 2);
                    CompletableFuture<String> asked = open.remove(parts[0]);
                    if (asked != null) {
                        asked.complete(parts.length > 1 ? parts[1] : "");
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
    }

    /** Starts a process; what it says first is {@code up}, {@code refused …} or {@code ended}. */
    CompletableFuture<String> start(String id, String role) {
        String session = id + "_" + incarnations.incrementAndGet();
        List<Member> list = members().stream().map(this::member).toList();
        Node.Arguments arguments = new Node.Arguments(
                role,
                id.startsWith("m") ? member(id).id() : id,
                session,
                list,
                data(id),
                journals,
                baseNanos,
                members + clients,
                seed);
        List<String> command = new ArrayList<>(network.in(host(id)));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms160m",
                "-Xmx160m",
                "-XX:+AlwaysPreTouch", // so that whatever else is resident shows
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Djava.util.logging.config.file=" + directory.resolve("logging.properties"),
                "-javaagent:" + skew + "=" + aheadMillis,
                "-javaagent:" + agent + "=" + canary.name().toLowerCase(Locale.ROOT),
                "-cp",
                classPaths.getOrDefault(id, System.getProperty("java.class.path")),
                Node.class.getName()));
        command.addAll(arguments.words());
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            logs.resolve(id + ".log").toFile()));
            if (id.startsWith("m")) {
                builder.environment().putAll(failingDisk(id).environment(library, data(id)));
            }
            Running node = new Running(session, builder.start());
            running.put(id, node);
            return node.first.copy().orTimeout(START_SECONDS, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    CompletableFuture<String> start(String id) {
        return start(id, id.startsWith("m") ? "member" : "client");
    }

    /** What names of its callers begin with: another at each start. */
    String session(String id) {
        return running.get(id).session;
    }

    List<String> sessions() {
        return running.values().stream().map(node -> node.session).toList();
    }

    boolean isAlive(String id) {
        Running node = running.get(id);
        return node != null && node.process.isAlive();
    }

    CompletableFuture<String> begin(String id, String command) {
        return running.get(id).begin(command);
    }

    /** Asks, and waits; {@code late} if there is no answer. */
    String ask(String id, String command) {
        return answer(begin(id, command), ANSWER_SECONDS);
    }

    private static String answer(CompletableFuture<String> asked, long seconds) {
        try {
            return asked.copy().orTimeout(seconds, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof TimeoutException) {
                return "late";
            }
            throw e;
        }
    }

    void signal(String id, String signal) {
        Commands.run(
                "kill", "-" + signal, String.valueOf(running.get(id).process.pid()));
    }

    /** Lets it end by itself. */
    void end(String id) {
        Running node = running.get(id);
        node.to.close();
        node.process.onExit().orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
    }

    void kill(String id) {
        Running node = running.get(id);
        var unused = node.process.toHandle().destroyForcibly();
        node.process.onExit().orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Ends all at once; what they have noted stays. */
    void killAll() {
        running.values().forEach(node -> node.process.toHandle().destroyForcibly());
        running.values()
                .forEach(node -> node.process
                        .onExit()
                        .orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                        .join());
    }

    /** What the members say of who leads. */
    record Leader(String id, long term) {}

    /** The leader of the newest term that any process knows of, null if none knows one. */
    @Nullable
    Leader leader() {
        Map<String, CompletableFuture<String>> asked = new TreeMap<>();
        for (String id : all()) {
            if (isAlive(id)) {
                asked.put(id, begin(id, "status"));
            }
        }
        return asked.values().stream()
                .map(answer -> answer(answer, STATUS_SECONDS))
                .map(this::leader)
                .filter(leader -> leader != null)
                .max(Comparator.comparingLong(Leader::term))
                .orElse(null);
    }

    private @Nullable Leader leader(String status) {
        String[] words = status.split(" ");
        return members().stream()
                .filter(id -> member(id).id().equals(words[0]))
                .map(id -> new Leader(id, Long.parseLong(words[1])))
                .findFirst()
                .orElse(null);
    }

    /** How often members have logged this. */
    int logged(String what) throws IOException {
        int times = 0;
        for (String id : members()) {
            Path log = logs.resolve(id + ".log");
            if (Files.exists(log)) {
                try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
                    times += (int) lines.filter(line -> line.contains(what)).count();
                }
            }
        }
        return times;
    }

    @Override
    public void close() {
        killAll();
        network.close();
        Commands.run("umount", disk(smallDisk()).toString());
    }

    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
