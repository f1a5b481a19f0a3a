package io.concordcache.jcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.store.CacheUse;
import io.concordcache.raft.store.StoreHolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.expiry.AccessedExpiryPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a near cache saves, and that nobody can tell but by the clock. */
@Timeout(60)
class NearCacheTest extends JCacheFixture {
    private static final int KEYS = 3;

    private Cache<String, String> strings(ConcordConfiguration.Builder<String, String> configuration) {
        return manager.createCache(name, configuration.build());
    }

    private static ConcordConfiguration.Builder<String, String> ofStrings() {
        return ConcordConfiguration.builder(String.class, String.class).statistics(true);
    }

    private static NearCacheStatistics near(Cache<?, ?> cache) {
        return cache.unwrap(ConcordCache.class).nearCacheStatistics();
    }

    // What is saved

    @Test
    void theStoreShowsWhatItsUsersCountUntilTheyClose() {
        Cache<String, String> cache = strings(ofStrings());
        cache.put("k", "value");
        for (int i = 0; i < 5; i++) {
            assertThat(cache.get("k")).isEqualTo("value");
        }
        assertThat(cache.get("none")).isNull();
        CacheUse use = use();
        assertThat(use.hits()).isEqualTo(5);
        assertThat(use.misses()).isEqualTo(1);
        assertThat(use.nearHits()).isEqualTo(near(cache).hits()).isPositive();
        cache.close();
        assertThat(use()).isEqualTo(CacheUse.NONE);
    }

    private CacheUse use() {
        return manager.unwrap(StoreHolder.class).store().metrics().caches().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow()
                .use();
    }

    @Test
    void aValueThatCannotBeChangedIsDecodedOnce() {
        Cache<String, String> cache = strings(ofStrings());
        cache.put("k", "value");
        String first = cache.get("k");
        assertThat(cache.get("k")).isSameAs(first);
        assertThat(cache.get(new String("k"))).isSameAs(first);
        assertThat(cache.getAll(Set.of("k")).get("k")).isSameAs(first);
        assertThat(near(cache)).isEqualTo(new NearCacheStatistics(3, 1, 0, 1));
    }

    @Test
    void withoutItEachReaderDecodes() {
        Cache<String, String> cache = strings(ofStrings().withoutNearCache());
        cache.put("k", "value");
        assertThat(cache.get("k")).isEqualTo("value").isNotSameAs(cache.get("k"));
        assertThat(near(cache)).isEqualTo(new NearCacheStatistics(0, 0, 0, 0));
    }

    @Test
    void countsOnlyWhileStatisticsAreEnabled() {
        Cache<String, String> cache = strings(ofStrings().statistics(false));
        cache.put("k", "value");
        assertThat(cache.get("k")).isSameAs(cache.get("k"));
        assertThat(near(cache)).isEqualTo(new NearCacheStatistics(0, 0, 0, 1));
    }

    @Test
    void keepsNoMoreThanItsBound() {
        Cache<String, String> cache = strings(ofStrings().nearCache(10));
        Map<String, String> all = IntStream.range(0, 500).boxed().collect(Collectors.toMap(i -> "k" + i, i -> "v" + i));
        cache.putAll(all);
        for (int round = 0; round < 3; round++) {
            all.forEach((key, value) -> assertThat(cache.get(key)).isEqualTo(value));
            assertThat(near(cache).entries()).isLessThanOrEqualTo(10);
        }
    }

    @Test
    void keepsNothingOfWhatIsGone() {
        Cache<String, String> cache = strings(ofStrings());
        cache.put("k", "value");
        assertThat(cache.get("k")).isEqualTo("value");
        cache.remove("k");
        assertThat(cache.get("k")).isNull();
        assertThat(near(cache).entries()).isZero();
    }

    // What nobody notices

    @Test
    void aChangeOfWhateverKindIsSeenAtOnce() {
        Cache<String, String> cache = strings(ofStrings());
        Cache<String, String> other = managerOfOtherLoader().getCache(name, String.class, String.class);
        List<Runnable> changes = List.of(
                () -> other.put("k", "put"),
                () -> other.remove("k"),
                () -> other.putAll(Map.of("k", "putAll", "l", "x")),
                () -> other.removeAll(Set.of("k")),
                () -> other.putIfAbsent("k", "putIfAbsent"),
                () -> other.replace("k", "replace"),
                () -> other.replace("k", "replace", "replaced"),
                () -> other.clear(),
                () -> other.invoke("k", (entry, arguments) -> {
                    entry.setValue("invoke");
                    return null;
                }),
                () -> other.getAndPut("k", "invoke"),
                () -> other.removeAll());
        String[] expected = {
            "put", null, "putAll", null, "putIfAbsent", "replace", "replaced", null, "invoke", "invoke", null
        };
        for (int i = 0; i < expected.length; i++) {
            changes.get(i).run();
            for (int twice = 0; twice < 2; twice++) {
                assertThat(cache.get("k")).isEqualTo(expected[i]);
                assertThat(other.get("k")).isEqualTo(expected[i]);
                assertThat(cache.containsKey("k")).isEqualTo(expected[i] != null);
            }
        }
    }

    @Test
    void anEntryThatExpiredIsNotServed() {
        Cache<String, String> cache = strings(ofStrings());
        ConcordCache<String, String> concord = (ConcordCache<String, String>) cache;
        concord.put("k", "value", java.time.Duration.ofMillis(300));
        assertThat(cache.get("k")).isEqualTo("value");
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(301);
        while (System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        assertThat(cache.get("k")).isNull();
    }

    @Test
    @Timeout(60)
    void aHitIsAnAccess() {
        Cache<String, String> cache = strings(ofStrings()
                .expiry(AccessedExpiryPolicy.factoryOf(new javax.cache.expiry.Duration(TimeUnit.MILLISECONDS, 500))));
        long life = TimeUnit.MILLISECONDS.toNanos(500);
        long began = System.nanoTime();
        cache.put("k", "value");
        for (long last = began; last - began < 2 * life + life / 2; ) {
            long access = System.nanoTime();
            String value = cache.get("k");
            if (System.nanoTime() - last < life) {
                assertThat(value).isEqualTo("value");
                last = access;
            } else { // nobody came for so long
                began = System.nanoTime();
                cache.put("k", "value");
                last = began;
            }
        }
    }

    @Test
    void aValueThatTheCallerChangesStaysAsItIsInTheCache() {
        Cache<String, ArrayList<String>> cache = lists();
        cache.put("k", new ArrayList<>(List.of("a", "b")));
        for (int i = 0; i < 3; i++) {
            ArrayList<String> mine = cache.get("k");
            assertThat(mine).containsExactly("a", "b");
            mine.add("mine");
            assertThat(cache.getAll(Set.of("k")).get("k")).containsExactly("a", "b");
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private Cache<String, ArrayList<String>> lists() {
        return (Cache) manager.createCache(
                name,
                ConcordConfiguration.builder(String.class, ArrayList.class).build());
    }

    @Test
    void valuesMayChangeTheirClass() {
        Cache<String, Serializable> cache = manager.createCache(
                name,
                ConcordConfiguration.builder(String.class, Serializable.class).build());
        for (int i = 0; i < 3; i++) {
            cache.put("k", "text");
            assertThat(cache.get("k")).isEqualTo("text").isSameAs(cache.get("k"));
            cache.put("k", new ArrayList<>(List.of("a")));
            assertThat(cache.get("k")).isEqualTo(List.of("a")).isNotSameAs(cache.get("k"));
        }
    }

    /** Equal to whatever has the same letters, in the view of its author. */
    record Label(String text) implements Serializable {
        @Override
        public boolean equals(Object other) {
            return other instanceof Label label && label.text.equalsIgnoreCase(text);
        }

        @Override
        public int hashCode() {
            return text.toLowerCase(java.util.Locale.ROOT).hashCode();
        }
    }

    @Test
    void keysAreComparedAsTheStoreDoes() {
        for (boolean on : new boolean[] {true, false}) {
            ConcordConfiguration.Builder<Label, String> labels =
                    ConcordConfiguration.builder(Label.class, String.class);
            Cache<Label, String> cache =
                    manager.createCache(name + on, (on ? labels : labels.withoutNearCache()).build());
            cache.put(new Label("a"), "small");
            cache.put(new Label("A"), "large");
            for (int i = 0; i < 2; i++) {
                assertThat(cache.get(new Label("a"))).isEqualTo("small");
                assertThat(cache.get(new Label("A"))).isEqualTo("large");
            }
        }
    }

    @Test
    void numbersOfDifferentTypesAreDifferentKeys() {
        Cache<Number, String> cache = manager.createCache(
                name, ConcordConfiguration.builder(Number.class, String.class).build());
        cache.put(1, "int");
        cache.put(1L, "long");
        for (int i = 0; i < 2; i++) {
            assertThat(cache.get(1)).isEqualTo("int");
            assertThat(cache.get(1L)).isEqualTo("long");
            assertThat(cache.get((short) 1)).isNull();
        }
    }

    // Class loaders

    /** A value of the application. */
    public record Point(int x, int y) implements Serializable {}

    /** Has a copy of the class for itself. */
    private static final class OwnLoader extends ClassLoader {
        OwnLoader() {
            super(NearCacheTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String className, boolean resolve) throws ClassNotFoundException {
            if (!className.equals(Point.class.getName())) {
                return super.loadClass(className, resolve);
            }
            Class<?> known = findLoadedClass(className);
            if (known != null) {
                return known;
            }
            try (InputStream in =
                    Objects.requireNonNull(getParent().getResourceAsStream(className.replace('.', '/') + ".class"))) {
                byte[] bytes = in.readAllBytes();
                return defineClass(className, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void eachClassLoaderGetsObjectsOfItsOwn() throws Exception {
        Cache<String, Point> here = manager.createCache(
                name, ConcordConfiguration.builder(String.class, Point.class).build());
        OwnLoader loader = new OwnLoader();
        CacheManager over = managerOf(loader);
        Cache<String, Object> there = over.getCache(name);
        here.put("k", new Point(1, 2));
        for (int i = 0; i < 2; i++) {
            assertThat(here.get("k")).isEqualTo(new Point(1, 2)).isSameAs(here.get("k"));
            assertThat(there.get("k").getClass()).isEqualTo(loader.loadClass(Point.class.getName()));
            assertThat(there.get("k")).isSameAs(there.get("k")).isNotInstanceOf(Point.class);
        }
    }

    // Linearizability

    /**
     * Each key has one writer, which counts up. Nobody reads less than what was acknowledged before the read began, or less
     * than what he himself read before, through either of two caches.
     */
    @Test
    void readsAreLinearizableUnderWrites() throws Exception {
        Cache<String, Integer> first = create(types());
        Cache<String, Integer> second = managerOfOtherLoader().getCache(name, String.class, Integer.class);
        List<Cache<String, Integer>> caches = List.of(first, second);
        AtomicIntegerArray acknowledged = new AtomicIntegerArray(KEYS);
        for (int key = 0; key < KEYS; key++) {
            first.put("k" + key, 0);
        }
        ExecutorService pool = Executors.newCachedThreadPool();
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            List<Future<Integer>> all = new ArrayList<>();
            for (int key = 0; key < KEYS; key++) {
                int mine = key;
                Cache<String, Integer> through = caches.get(key % 2);
                all.add(pool.submit(() -> {
                    int value = 0;
                    while (System.nanoTime() - end < 0) {
                        value++;
                        through.put("k" + mine, value);
                        acknowledged.set(mine, value);
                    }
                    return value;
                }));
            }
            for (Cache<String, Integer> cache : caches) {
                for (int i = 0; i < 2; i++) {
                    all.add(pool.submit(() -> read(cache, acknowledged, () -> System.nanoTime() - end < 0)));
                }
            }
            for (Future<Integer> each : all) {
                assertThat(each.get(50, TimeUnit.SECONDS)).isGreaterThan(10);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static int read(Cache<String, Integer> cache, AtomicIntegerArray acknowledged, Supplier<Boolean> on) {
        int[] seen = new int[KEYS];
        int reads = 0;
        for (; on.get(); reads++) {
            int key = reads % KEYS;
            int atLeast = Math.max(acknowledged.get(key), seen[key]);
            seen[key] = cache.get("k" + key);
            assertThat(seen[key]).isGreaterThanOrEqualTo(atLeast);
        }
        return reads;
    }
}
