package io.concordcache.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.marshal.ClassFilter;
import io.concordcache.raft.marshal.Marshaller;
import io.concordcache.raft.marshal.StandardMarshaller;
import io.concordcache.raft.ratis.RemoteSettings;
import io.concordcache.raft.ratis.RemoteStore;
import io.concordcache.raft.store.Member;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.configuration.FactoryBuilder.SingletonFactory;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bad keys, values, names and times, given to a member and to a client of it, and what others wrote into a cache past any
 * filter. Nothing changes, nobody runs foreign code, and both go on.
 */
@Timeout(120)
class BadInputTest {
    private static final ConcordCachingProvider PROVIDER = new ConcordCachingProvider();
    private static final AtomicInteger NAMES = new AtomicInteger();
    /** A refusal takes milliseconds; the machine may be busy. */
    private static final Duration SOON = Duration.ofSeconds(5);

    @TempDir
    static Path directory;

    private static CacheManager member;
    private static CacheManager client;
    private static RemoteStore raw;

    /** Who is asked. */
    enum At {
        MEMBER,
        CLIENT
    }

    private Cache<Object, Object> atMember;
    private Cache<Object, Object> atClient;
    private long cacheId;

    @BeforeAll
    static void start() throws IOException {
        String address;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = "127.0.0.1:" + socket.getLocalPort();
        }
        String settings = "cluster.name=bad-input";
        member = PROVIDER.getCacheManager(
                URI.create("concord:local?" + settings + "&members=" + address + "&member=" + address
                        + "&durability=disk&directory=" + directory.resolve("data")),
                null);
        client = PROVIDER.getCacheManager(URI.create("concord://" + address + "?" + settings), null);
        raw = RemoteSettings.of("bad-input", List.of(Member.parse(address))).open();
    }

    @AfterAll
    static void end() {
        raw.close();
        PROVIDER.close();
    }

    @BeforeEach
    void create() {
        String name = "cache-" + NAMES.incrementAndGet();
        atMember = member.createCache(name, new MutableConfiguration<>());
        atClient = client.getCache(name);
        cacheId = Objects.requireNonNull(raw.cache(name)).id();
        atMember.put("k", "v");
        Gadget.hasRun = false;
    }

    /** Whatever came: member and client answer, and the entry is as it was. */
    @AfterEach
    void bothGoOn() {
        assertThat(atMember.get("k")).isEqualTo("v");
        assertThat(atClient.get("k")).isEqualTo("v");
        atClient.put("after", 1);
        assertThat(atMember.get("after")).isEqualTo(1);
        assertThat(Gadget.hasRun).as("foreign code ran").isFalse();
        atMember.close();
        atClient.close();
    }

    private Cache<Object, Object> cache(At at) {
        return at == At.MEMBER ? atMember : atClient;
    }

    private static void refused(Class<? extends Throwable> type, ThrowingCallable call, String... words) {
        long begun = System.nanoTime();
        assertThatThrownBy(call)
                .isInstanceOf(type)
                .hasMessageContainingAll(words)
                .message()
                .doesNotContain("\n", "\tat ");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
    }

    // What an application gives

    @ParameterizedTest
    @EnumSource
    @DisplayName("Row 11: null as key, value or among several")
    void nulls(At at) {
        Cache<Object, Object> cache = cache(at);
        Map<Object, Object> withNull = new HashMap<>();
        withNull.put("a", 1);
        withNull.put(null, 2);
        Set<Object> keys = withNull.keySet();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> cache.get(null),
                () -> cache.containsKey(null),
                () -> cache.put(null, 1),
                () -> cache.put("a", null),
                () -> cache.putIfAbsent(null, 1),
                () -> cache.getAndPut(null, 1),
                () -> cache.remove(null),
                () -> cache.remove("k", null),
                () -> cache.getAndRemove(null),
                () -> cache.replace(null, 1),
                () -> cache.replace("k", "v", null),
                () -> cache.getAndReplace("k", null),
                () -> cache.getAll(keys),
                () -> cache.putAll(withNull),
                () -> cache.removeAll(keys),
                () -> cache.invoke(null, (entry, arguments) -> 1))) {
            assertThatThrownBy(call).isInstanceOf(NullPointerException.class);
        }
        assertThat(cache.containsKey("a")).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Rows 12 and 13: a key and a value beyond their limits")
    void tooLarge(At at) {
        Cache<Object, Object> cache = cache(at);
        String key = "k".repeat(64 << 10);
        refused(CacheRejectedException.class, () -> cache.put(key, 1), "65537", "65536", "limits.key");
        Map<Object, Object> several = new HashMap<>(Map.of("a", 1, key, 2));
        refused(CacheRejectedException.class, () -> cache.putAll(several), "limits.key");
        byte[] value = new byte[16 << 20];
        refused(CacheRejectedException.class, () -> cache.put("k", value), "16777217", "16777216", "limits.value");
        refused(CacheRejectedException.class, () -> cache.replace("k", value), "limits.value");
        assertThat(cache.containsKey("a")).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Row 14: a putAll beyond a log entry is split, and one change")
    void manyAtOnce(At at) {
        Map<Object, Object> many = new HashMap<>();
        for (int i = 0; i < 7_000; i++) {
            many.put("key-" + i, new byte[500]);
        }
        cache(at).putAll(many); // 3.6 MB, but a log entry takes 3
        assertThat(cache(at).getAll(many.keySet())).hasSize(7_000);
        cache(at).removeAll(many.keySet());
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Row 15: times to live that are negative or beyond all numbers")
    void times(At at) {
        ConcordCache<Object, Object> cache = (ConcordCache<Object, Object>) cache(at);
        Duration negative = Duration.ofMillis(-1);
        refused(IllegalArgumentException.class, () -> cache.put("k", 1, negative), "-0.001S");
        refused(IllegalArgumentException.class, () -> cache.touch("k", negative), "-0.001S");
        refused(
                IllegalArgumentException.class,
                () -> cache.put("k", 1, Duration.ofSeconds(Long.MIN_VALUE)),
                "must not be negative");
        cache.put("a", 1, Duration.ofSeconds(Long.MAX_VALUE));
        cache.put("b", 1, Duration.ofMillis(Long.MAX_VALUE).minusNanos(1));
        assertThat(cache.remainingTtl("a")).contains(ConcordCache.ETERNAL);
        assertThat(cache.get("b")).isEqualTo(1);
        var builder = ConcordConfiguration.builder(String.class, String.class);
        for (Duration wrong : List.of(
                negative, Duration.ZERO, Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MIN_VALUE))) {
            refused(IllegalArgumentException.class, () -> builder.timeToLive(wrong), "a time to live");
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Row 16: names of caches with control characters, too long, or like paths")
    void names(At at) throws IOException {
        CacheManager manager = at == At.MEMBER ? member : client;
        for (String bad : List.of("", "a\u0000b", "a\r\nb", "a\u2028b", "\ud800", "n".repeat(256))) {
            refused(
                    IllegalArgumentException.class,
                    () -> manager.createCache(bad, new MutableConfiguration<>()),
                    "the name of a cache");
            assertThat((Object) manager.getCache(bad)).isNull();
            manager.destroyCache(bad);
        }
        List<Path> before = files();
        for (String odd : List.of("../x", "/etc/passwd", "C:\\x", "..")) { // names, and nothing but names
            Cache<String, String> cache = manager.createCache(odd, new MutableConfiguration<>());
            cache.put("k", odd);
            assertThat(cache.get("k")).isEqualTo(odd);
            manager.destroyCache(odd);
        }
        assertThat(files()).isEqualTo(before);
    }

    /** Names of files; the log may begin a new one, of the same form. */
    private static List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path -> !path.getFileName().toString().startsWith("log_"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @EnumSource
    @SuppressWarnings("unchecked")
    @DisplayName("Row 17: keys and values of other types than declared")
    void wrongTypes(At at) {
        CacheManager manager = at == At.MEMBER ? member : client;
        Cache<String, Integer> typed = manager.createCache(
                "typed-" + at, new MutableConfiguration<String, Integer>().setTypes(String.class, Integer.class));
        Cache<Object, Object> cache = (Cache<Object, Object>) (Cache<?, ?>) typed;
        refused(ClassCastException.class, () -> cache.put(1, 1), "java.lang.Integer", "java.lang.String", "key");
        refused(ClassCastException.class, () -> cache.put("a", "b"), "value");
        refused(ClassCastException.class, () -> cache.get(1L), "key");
        refused(ClassCastException.class, () -> cache.putAll(Map.of("a", "b")), "value");
        refused(ClassCastException.class, () -> manager.getCache("typed-" + at, Long.class, Integer.class), "Long");
        assertThat(typed.containsKey("a")).isFalse();
        manager.destroyCache("typed-" + at);
    }

    // What others wrote

    /** Runs code when it is read. */
    private static final class Gadget implements Serializable {
        private static final long serialVersionUID = 1;
        private static volatile boolean hasRun;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            hasRun = true;
        }

        @Override
        public int hashCode() {
            return 1;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Gadget;
        }
    }

    /** What no filter has seen: the tag of serialized objects and a stream. */
    private static Bytes crafted(Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(56);
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Bytes.wrap(bytes.toByteArray());
    }

    private static Bytes key(String key) {
        Marshaller marshaller =
                new StandardMarshaller(ClassFilter.forTypes(String.class), BadInputTest.class.getClassLoader());
        return Bytes.wrap(marshaller.marshal(key));
    }

    private void write(Bytes key, Bytes value) {
        Mutation put = new Mutation.Put(value, Expiry.ETERNAL);
        assertThat(raw.execute(new Command.Write(cacheId, key, Condition.ANY, put))
                        .held())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Row 18: a gadget as value, by the application and past any filter")
    void gadgetAsValue(At at) {
        Cache<Object, Object> cache = cache(at);
        refused(CacheRejectedException.class, () -> cache.put("k", new Gadget()), "Gadget", "serialization.allow");
        write(key("bad"), crafted(new Gadget()));
        refused(CacheRejectedException.class, () -> cache.get("bad"), "Gadget", "serialization.allow");
        refused(CacheRejectedException.class, () -> cache.getAll(Set.of("k", "bad")), "Gadget");
        refused(
                CacheRejectedException.class,
                () -> cache.forEach(entry -> assertThat(entry.getKey()).isNotNull()),
                "Gadget");
        assertThat(cache.containsKey("bad")).isTrue();
        cache.put("bad", "good again");
        assertThat(cache.get("bad")).isEqualTo("good again");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Row 19: a gadget as key, by the application and past any filter")
    void gadgetAsKey(At at) {
        Cache<Object, Object> cache = cache(at);
        refused(CacheRejectedException.class, () -> cache.put(new Gadget(), 1), "Gadget", "serialization.allow");
        refused(CacheRejectedException.class, () -> cache.get(new Gadget()), "Gadget", "serialization.allow");
        write(crafted(new Gadget()), key("v"));
        refused(
                CacheRejectedException.class,
                () -> cache.forEach(entry -> assertThat(entry.getKey()).isNotNull()),
                "Gadget");
        assertThat(cache.get("k")).isEqualTo("v");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Row 20: a gadget within collections and arrays")
    void nestedGadgets(At at) {
        Gadget gadget = new Gadget();
        for (Object hiding : List.of(
                new ArrayList<>(List.of("a", gadget)),
                new HashMap<>(Map.of("a", new ArrayList<>(List.of(gadget)))),
                new HashMap<>(Map.of(gadget, 1)),
                new HashSet<>(Set.of(gadget)),
                new TreeMap<>(Map.of("a", Set.of(gadget))),
                new Object[] {1, new Object[][] {{gadget}}},
                Arrays.asList(1, gadget))) {
            Cache<Object, Object> cache = cache(at);
            refused(CacheRejectedException.class, () -> cache.put("k", hiding), "Gadget");
            write(key("bad"), crafted(hiding));
            refused(CacheRejectedException.class, () -> cache.get("bad"), "Gadget");
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Row 21: sets within sets, whose hash codes would take for ever")
    void graphBomb(At at) {
        Cache<Object, Object> cache = cache(at);
        Set<Object> bomb = bomb();
        refused(CacheRejectedException.class, () -> cache.put("k", bomb), "allowed in one cache key or value");
        write(key("bad"), crafted(bomb));
        refused(CacheRejectedException.class, () -> cache.get("bad"), "allowed in one cache key or value");
        Object[] deep = {"x"};
        for (int i = 0; i < 200; i++) {
            deep = new Object[] {deep};
        }
        Object[] tooDeep = deep;
        refused(CacheRejectedException.class, () -> cache.put("k", tooDeep), "levels of nesting");
        write(key("bad"), crafted(tooDeep));
        refused(CacheRejectedException.class, () -> cache.get("bad"), "levels of nesting");
    }

    /** Each level holds two sets of the next; filled from the top, so that nothing is hashed. */
    private static Set<Object> bomb() {
        Set<Object> root = new HashSet<>();
        Set<Object> one = root;
        Set<Object> two = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            Set<Object> left = new HashSet<>();
            Set<Object> right = new HashSet<>();
            left.add("differs");
            one.add(left);
            one.add(right);
            two.add(left);
            two.add(right);
            one = left;
            two = right;
        }
        return root;
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Row 22: a few bytes that say they were very many before compression")
    void compressionBomb(At at) {
        for (byte tag : new byte[] {64, 65}) { // of LZ4 and Zstandard
            for (byte[] length : new byte[][] {
                {-1, -1, -1, -1, 7}, {-1, -1, -1, -1, -1, -1, -1, -1, 127}, {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1}
            }) {
                byte[] bomb = new byte[20];
                bomb[0] = tag;
                System.arraycopy(length, 0, bomb, 1, length.length);
                write(key("bad"), Bytes.wrap(bomb));
                refused(CacheRejectedException.class, () -> cache(at).get("bad"), "limits.value");
            }
        }
    }

    /** Hears of entries that were created. */
    private static final class Heard implements CacheEntryCreatedListener<Object, Object> {
        private final Queue<Object> keys = new ConcurrentLinkedQueue<>();

        @Override
        public void onCreated(Iterable<CacheEntryEvent<?, ?>> events) {
            events.forEach(event -> keys.add(event.getKey()));
        }
    }

    /** What is logged meanwhile about events. */
    private static final class Log extends Handler {
        private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();

        @Override
        public void publish(LogRecord record) {
            records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Rows 18 to 20: listeners hear the rest, and the log is not flooded")
    void listenersGoOn(At at) {
        Heard heard = new Heard();
        cache(at)
                .registerCacheEntryListener(new MutableCacheEntryListenerConfiguration<>(
                        new SingletonFactory<>(heard), null, false, false));
        Logger logger = Logger.getLogger("io.concordcache.jcache.event.EventDispatcher");
        Log log = new Log();
        logger.addHandler(log);
        try {
            Bytes gadget = crafted(new Gadget());
            for (int i = 0; i < 300; i++) {
                write(key("bad-" + i), gadget);
            }
            cache(at).put("good", 1);
            await().atMost(Duration.ofSeconds(60)).until(() -> heard.keys.contains("good"));
            assertThat(heard.keys).noneMatch(key -> key.toString().startsWith("bad"));
            // One line now and one each ten seconds: fewer than these if it takes minutes.
            assertThat(log.records).hasSizeBetween(1, 12).allMatch(record -> record.getThrown() == null);
        } finally {
            logger.removeHandler(log);
        }
    }
}
