package io.concordcache.raft.cluster;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.Durability;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RemoteSettings;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.NearBounds;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.store.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * One member or client in a process of its own, which does what it reads: lines of {@code NUMBER COMMAND ARGUMENTS},
 * answered in any order by {@code NUMBER ANSWER}. Ends with its input.
 */
final class MemberMain {
    private final CacheStore store;
    private long cache;
    private EntryReader near;

    private MemberMain(CacheStore store) {
        this.store = store;
    }

    /** Arguments: member, join or client; its id; all members; directory; operation timeout in milliseconds. */
    public static void main(String[] args) throws IOException {
        List<Member> members =
                Arrays.stream(args[2].split(",")).map(Member::parse).toList();
        Duration timeout = Duration.ofMillis(Long.parseLong(args[4]));
        CacheStore store;
        try {
            store = open(args[0], args[1], members, Path.of(args[3]), timeout);
        } catch (StartException e) {
            System.out.println("0 refused " + e.getMessage());
            return;
        }
        System.out.println("0 up");
        ExecutorService threads = Executors.newCachedThreadPool();
        MemberMain main = new MemberMain(store);
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                threads.execute(() -> System.out.println(words[0] + " " + main.answer(words)));
            }
        }
        store.close();
        System.exit(0);
    }

    private static CacheStore open(String role, String id, List<Member> members, Path directory, Duration timeout) {
        if (role.equals("client")) {
            RemoteSettings s = RemoteSettings.of("concord", members);
            return new RemoteSettings(
                            s.clusterName(),
                            members,
                            null,
                            null,
                            timeout,
                            s.maxKeyBytes(),
                            s.maxValueBytes(),
                            s.maxLogEntryBytes())
                    .open();
        }
        Member self = members.stream()
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElseThrow();
        RatisSettings s = RatisSettings.member(
                Durability.DISK, directory, new ClusterSettings(self, members, role.equals("join")));
        return new RatisSettings(
                        s.clusterName(),
                        s.durability(),
                        s.directory(),
                        s.listen(),
                        s.cluster(),
                        s.readLease(),
                        s.linkCompression(),
                        io.concordcache.raft.tls.Security.PLAINTEXT, // in a network of its own
                        timeout,
                        1000, // so that one that lags needs a snapshot
                        s.snapshotBytes(),
                        s.snapshotInterval(),
                        s.maxKeyBytes(),
                        s.maxValueBytes(),
                        s.maxLogEntryBytes())
                .open();
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Entry entry) {
        return entry == null ? "none" : new String(entry.value().unwrap(), StandardCharsets.UTF_8);
    }

    private String answer(String[] words) {
        try {
            return switch (words[1]) {
                case "put" -> put(words[2], words[3], Condition.ANY).status().name();
                case "cas" ->
                    put(words[2], words[3], new Condition.VersionIs(Long.parseLong(words[4])))
                            .status()
                            .name();
                case "get" -> text(store.get(cache(), bytes(words[2]), ReadLevel.valueOf(words[3])));
                case "near" -> near(words[2], ReadLevel.valueOf(words[3]), Long.parseLong(words[4]));
                case "writes" -> writes(words[2], Integer.parseInt(words[3]), Long.parseLong(words[4]));
                case "reads" -> reads(words[2].split(","), Long.parseLong(words[3]), ReadLevel.valueOf(words[4]));
                case "fill" -> fill(Integer.parseInt(words[2]), Integer.parseInt(words[3]));
                case "version" -> version(words[2]);
                case "all" -> all(ReadLevel.valueOf(words[2]));
                case "status" -> status();
                case "transfer" -> {
                    store.admin().transferLeadership(words.length > 2 ? words[2] : null);
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
                case "close" -> {
                    store.close();
                    yield "ok";
                }
                default -> "what is " + words[1];
            };
        } catch (OutcomeUnknownException e) {
            return "unknown " + e.getMessage();
        } catch (StoreException e) {
            return "unavailable " + e.getMessage();
        } catch (RuntimeException e) {
            return "broken " + e;
        }
    }

    /** What a reader that may keep copies finds, and whether it was a copy; for one thread. */
    private String near(String key, ReadLevel level, long boundMillis) {
        if (near == null) {
            near = store.reader(cache(), new NearBounds(100, Duration.ofMillis(boundMillis)));
        }
        long before = near.copyHits();
        String found = text(near.get(bytes(key), level));
        return (near.copyHits() > before ? "copy " : "asked ") + found;
    }

    private synchronized long cache() {
        if (cache == 0) {
            Outcome created = store.execute(new Command.CreateCache(CacheDefinition.named("c")));
            cache = created.afterVersion();
        }
        return cache;
    }

    private Outcome put(String key, String value, Condition when) {
        return store.execute(
                new Command.Write(cache(), bytes(key), when, new Mutation.Put(bytes(value), Expiry.ETERNAL)));
    }

    private String fill(int count, int size) {
        String value = "x".repeat(size);
        for (int i = 0; i < count; i++) {
            var unused = put("fill" + i % 50, value + i, Condition.ANY);
        }
        return "ok";
    }

    /** Writes growing numbers to a key for a while: those that were acknowledged, and when. */
    private String writes(String key, int first, long millis) {
        Register register = new Register();
        long end = System.nanoTime() + millis * 1_000_000;
        for (int i = first; System.nanoTime() < end; i++) {
            long began = System.nanoTime();
            try {
                if (put(key, String.valueOf(i), Condition.ANY).status() == Outcome.Status.HELD) {
                    register.saw(i, began, System.nanoTime());
                }
            } catch (StoreException e) {
                register.saw(i, began, Long.MAX_VALUE); // it may have been applied: nobody knows
            }
        }
        return register.toString();
    }

    /** A key that is read again and again, as a near cache does it: what was read is good while its revision is. */
    private static final class Remembering {
        private final EntryReader reader;
        private final Bytes key;
        private long revision = EntryReader.NO_REVISION;
        private Entry entry;

        Remembering(EntryReader reader, Bytes key) {
            this.reader = reader;
            this.key = key;
        }

        Entry get(ReadLevel level) {
            if (entry == null || !reader.isAt(key, revision, entry.expiresAtMillis(), level)) {
                entry = null; // if the read fails
                revision = reader.revision(key);
                entry = reader.get(key, level);
            }
            return entry;
        }
    }

    /** Reads keys in turn for a while: what was seen of each, and when. */
    private String reads(String[] keys, long millis, ReadLevel level) {
        Register[] registers = new Register[keys.length];
        Remembering[] remembered = new Remembering[keys.length];
        EntryReader reader = store.reader(cache(), null);
        for (int i = 0; i < keys.length; i++) {
            registers[i] = new Register();
            remembered[i] = new Remembering(reader, bytes(keys[i]));
        }
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            for (int i = 0; i < keys.length; i++) {
                long began = System.nanoTime();
                try {
                    Entry entry = remembered[i].get(level);
                    registers[i].saw(entry == null ? 0 : Integer.parseInt(text(entry)), began, System.nanoTime());
                } catch (StoreException e) {
                    // not read
                }
            }
        }
        return Arrays.stream(registers).map(Register::toString).collect(Collectors.joining(";"));
    }

    private String version(String key) {
        Entry entry = store.get(cache(), bytes(key), ReadLevel.LINEARIZABLE);
        return entry == null ? "none 0" : text(entry) + " " + entry.version();
    }

    /** Keys and values, sorted. */
    private String all(ReadLevel level) {
        TreeMap<String, String> found = new TreeMap<>();
        List<CacheInfo> caches = store.caches();
        for (Iterator<Bytes> keys = store.keys(caches.get(0).id(), level); keys.hasNext(); ) {
            Bytes key = keys.next();
            found.put(
                    new String(key.unwrap(), StandardCharsets.UTF_8),
                    text(store.get(caches.get(0).id(), key, level)));
        }
        return found.toString();
    }

    private String status() {
        ClusterStatus status = store.admin().status();
        return "leader=" + status.leader() + " "
                + status.members().stream()
                        .map(member -> member.member().id() + "=" + member.role())
                        .collect(Collectors.joining(" "));
    }
}
