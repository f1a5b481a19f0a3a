package io.concordcache.faults;

import io.concordcache.jcache.ConcordCachingProvider;
import io.concordcache.raft.cluster.Skew;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import org.jspecify.annotations.Nullable;

/**
 * One member or client in a process of its own, which does what it reads: lines of {@code NUMBER COMMAND ARGUMENTS},
 * answered in any order by {@code NUMBER ANSWER}. Ends with its input.
 */
final class Node {
    private static final String SNAPSHOT_ENTRIES = "400"; // so that one that lags needs one
    private static final String OPERATION_TIMEOUT = "2s";
    private static final int JOIN_MILLIS = 10_000;

    /**
     * What a process is told when it starts, as words of its command line.
     *
     * @param role member, join or client
     * @param session what the names of its callers begin with: never the same again
     * @param directory of a member's log and snapshots
     * @param processes how many use the same keys
     */
    record Arguments(
            String role,
            String id,
            String session,
            List<Member> members,
            Path directory,
            Path journals,
            long baseNanos,
            int processes,
            long seed) {
        List<String> words() {
            return List.of(
                    role,
                    id,
                    session,
                    members.stream().map(Member::toString).collect(Collectors.joining(",")),
                    directory.toString(),
                    journals.toString(),
                    String.valueOf(baseNanos),
                    String.valueOf(processes),
                    String.valueOf(seed));
        }

        static Arguments parse(String... words) {
            return new Arguments(
                    words[0],
                    words[1],
                    words[2],
                    Arrays.stream(words[3].split(",")).map(Member::parse).toList(),
                    Path.of(words[4]),
                    Path.of(words[5]),
                    Long.parseLong(words[6]),
                    Integer.parseInt(words[7]),
                    Long.parseLong(words[8]));
        }
    }

    private final Arguments arguments;
    private final CacheStore store;
    private final Caches caches;
    private final List<Worker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Node(Arguments arguments, CacheManager manager) {
        this.arguments = arguments;
        this.caches = new Caches(manager);
        this.store = caches.store();
    }

    public static void main(String[] args) throws IOException {
        Arguments arguments = Arguments.parse(args);
        CacheManager manager;
        try {
            manager = open(arguments);
        } catch (CacheException e) {
            System.out.println("0 refused " + e.getMessage().replace('\n', ' '));
            return;
        }
        System.out.println("0 up");
        Node node = new Node(arguments, manager);
        ScheduledExecutorService listener = Executors.newSingleThreadScheduledExecutor();
        var unused = listener.scheduleWithFixedDelay(node::noteListeners, 500, 500, TimeUnit.MILLISECONDS);
        ExecutorService threads = Executors.newCachedThreadPool();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                threads.execute(() -> System.out.println(words[0] + " " + node.answer(words)));
            }
        }
        manager.close();
        System.exit(0);
    }

    private static CacheManager open(Arguments a) {
        Properties properties = new Properties();
        properties.put("operation-timeout", OPERATION_TIMEOUT);
        String uri = "concord:local";
        if (a.role.equals("client")) {
            uri = "concord://" + a.members.stream().map(Member::address).collect(Collectors.joining(","));
        } else {
            properties.put("members", a.members.stream().map(Member::toString).collect(Collectors.joining(",")));
            properties.put("member", a.id);
            properties.put("join", String.valueOf(a.role.equals("join")));
            properties.put("durability", "disk");
            properties.put("directory", a.directory.toString());
            properties.put("plaintext", "allowed"); // in a network of its own
            properties.put("snapshot.entries", SNAPSHOT_ENTRIES);
        }
        return Caching.getCachingProvider(ConcordCachingProvider.class.getName())
                .getCacheManager(URI.create(uri), Node.class.getClassLoader(), properties);
    }

    private String answer(String[] words) {
        try {
            return switch (words[1]) {
                case "load" -> load(Integer.parseInt(words[2]), Long.parseLong(words[3]));
                case "stop" -> stop();
                case "probe" -> probe();
                case "status" -> status();
                case "members" ->
                    "members "
                            + store.admin().status().members().stream()
                                    .map(each -> each.member().id())
                                    .collect(Collectors.joining(","));
                case "transfer" -> {
                    store.admin().transferLeadership(words[2]);
                    yield "ok";
                }
                case "add" -> {
                    store.admin().addMember(Member.parse(words[2]));
                    yield "ok";
                }
                case "remove" -> {
                    store.admin().removeMember(words[2]);
                    yield "ok";
                }
                case "clock" -> {
                    Skew.set(Long.parseLong(words[2]));
                    yield "ok";
                }
                case "destroy" -> destroy(words[2]);
                case "fill" -> fill(Integer.parseInt(words[2]), Integer.parseInt(words[3]));
                case "snapshot" -> {
                    store.admin().snapshot(words[2]);
                    yield "ok";
                }
                case "hash" -> hash();
                case "heard" -> heard();
                case "sample" -> sample();
                case "threads" -> threads();
                default -> "what is " + words[1];
            };
        } catch (StoreException | CacheException e) {
            return "failed " + e.getMessage().replace('\n', ' ');
        } catch (RuntimeException e) {
            return "broken " + e.toString().replace('\n', ' ');
        }
    }

    private synchronized String load(int count, long pauseNanos) {
        Keys keys = new Keys(arguments.baseNanos, arguments.processes);
        Worker.Place place =
                new Worker.Place(caches, keys, arguments.role.equals("client"), arguments.journals, pauseNanos);
        for (int i = 1; i <= count; i++) {
            String session = arguments.session + "w" + i;
            Worker worker = new Worker(session, place, new Mix(arguments.seed + session.hashCode()));
            Thread thread = new Thread(worker, session);
            workers.add(worker);
            threads.add(thread);
            thread.start();
        }
        return "ok";
    }

    private synchronized String stop() {
        workers.forEach(Worker::end);
        for (Thread thread : threads) {
            try {
                thread.join(JOIN_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                return "failed: " + thread.getName() + " hangs in " + Arrays.toString(thread.getStackTrace());
            }
        }
        workers.clear();
        threads.clear();
        return "ok";
    }

    /** A linearizable read, of a cache that need not be there. */
    private String probe() {
        var unused = store.cache("probe");
        return "ok";
    }

    private String status() {
        ClusterStatus status = store.admin().status();
        return status.leader() + " " + status.term();
    }

    /** Makes the log longer, and nothing else by much. */
    private String fill(int count, int size) {
        long cache = caches.id("fill");
        Bytes value = Worker.bytes("x".repeat(size));
        for (int i = 0; i < count; i++) {
            var unused = store.execute(new Command.Write(
                    cache, Worker.bytes("key" + i % 4), Condition.ANY, new Mutation.Put(value, Expiry.ETERNAL)));
        }
        return "ok";
    }

    private String destroy(String name) {
        CacheInfo info = store.cache(name);
        caches.forget(name);
        if (info != null) {
            var unused = store.execute(new Command.DestroyCache(info.id()));
        }
        return "ok";
    }

    /** Of all that this replica holds, wherever it stands. */
    private String hash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            long entries = 0;
            List<CacheInfo> infos = new ArrayList<>(store.caches());
            infos.sort(Comparator.comparing(info -> info.definition().name()));
            for (CacheInfo info : infos) {
                Map<Bytes, Entry> sorted = new TreeMap<>(Comparator.comparing(Worker::text));
                for (Iterator<Bytes> keys = store.keys(info.id(), ReadLevel.EVENTUAL); keys.hasNext(); ) {
                    Bytes key = keys.next();
                    Entry entry = store.get(info.id(), key, ReadLevel.EVENTUAL);
                    if (entry != null) {
                        sorted.put(key, entry);
                    }
                }
                digest.update((info.definition().name() + info.id()).getBytes(StandardCharsets.UTF_8));
                sorted.forEach((key, entry) -> {
                    digest.update(key.unwrap());
                    digest.update(entry.value().unwrap());
                    digest.update(ByteBuffer.allocate(2 * Long.BYTES)
                            .putLong(entry.version())
                            .putLong(entry.expiresAtMillis())
                            .array());
                });
                entries += sorted.size();
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8) + " " + entries;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    // Listeners

    /** What listeners found goes to a journal, as what callers found does. */
    private void noteListeners() {
        List<String> wrong = new ArrayList<>();
        caches.all().values().forEach(open -> wrong.addAll(open.watch().takeWrong()));
        if (!wrong.isEmpty()) {
            try (Journal journal = new Journal(arguments.journals.resolve(arguments.session + "listeners.ops"))) {
                wrong.forEach(journal::wrong);
            }
        }
    }

    /** {@code ok EVENTS GAPS}, or a key of which the last change has not been heard. */
    private String heard() {
        long events = 0;
        long gaps = 0;
        for (Map.Entry<String, Caches.Open> each : caches.all().entrySet()) {
            Watch watch = each.getValue().watch();
            events += watch.events();
            gaps += watch.gaps();
            List<Map.Entry<Bytes, Long>> known = List.copyOf(watch.versions().entrySet());
            List<Bytes> keys = known.stream().map(Map.Entry::getKey).toList();
            List<@Nullable Entry> entries = store.getAll(each.getValue().id(), keys, ReadLevel.LINEARIZABLE);
            for (int i = 0; i < keys.size(); i++) {
                Entry entry = entries.get(i);
                long is = entry == null ? 0 : entry.version();
                if (is != known.get(i).getValue()) {
                    return "of " + each.getKey() + " " + Worker.text(keys.get(i)) + " version "
                            + known.get(i).getValue() + " was heard of last, and there is " + is;
                }
            }
        }
        return "ok " + events + " " + gaps;
    }

    // What grows

    /** See {@code Run.SAMPLES}. */
    private String sample() {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        long code = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getCommitted();
        int threadCount = ManagementFactory.getThreadMXBean().getThreadCount();
        try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"));
                Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
            long resident = status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .sum();
            return heap + " " + resident + " " + direct + " " + code + " " + size(arguments.directory) + " "
                    + threadCount + " " + handles.count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** To the log. */
    private static String threads() {
        Thread.getAllStackTraces()
                .forEach((thread, stack) -> System.err.println(thread + " " + thread.getState() + "\n    "
                        + Arrays.stream(stack).map(StackTraceElement::toString).collect(Collectors.joining("\n    "))));
        return "ok";
    }

    private static long size(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.mapToLong(
                            file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
        }
    }
}
