package io.concordcache.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.config.ConfigurationException;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StartException;
import java.io.Closeable;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.FactoryBuilder.SingletonFactory;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.expiry.AccessedExpiryPolicy;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheWriterException;
import javax.cache.integration.CompletionListenerFuture;
import javax.cache.processor.EntryProcessorException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the TCK leaves open: concurrency, life cycle, limits, and what is beyond the standard. */
@Timeout(60)
class CacheBehaviourTest extends JCacheFixture {
    private static void together(int threads, Callable<?> work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(pool.submit(() -> {
                    start.await();
                    return work.call();
                }));
            }
            start.countDown();
            for (Future<?> each : all) {
                each.get(50, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    // Processors

    @Test
    void countersLoseNothingUnderContention() throws Exception {
        Cache<String, Integer> cache = create(types());
        together(64, () -> {
            for (int i = 0; i < 50; i++) {
                cache.invoke("counter-" + i % 10, (entry, arguments) -> {
                    entry.setValue(entry.exists() ? entry.getValue() + 1 : 1);
                    return null;
                });
            }
            return null;
        });
        for (int i = 0; i < 10; i++) {
            assertThat(cache.get("counter-" + i)).isEqualTo(64 * 5);
        }
    }

    @Test
    void comparingAndSwappingLosesNothingUnderContention() throws Exception {
        Cache<String, Integer> cache = create(types());
        cache.put("k", 0);
        together(8, () -> {
            for (int done = 0; done < 25; ) {
                int seen = cache.get("k");
                done += cache.replace("k", seen, seen + 1) ? 1 : 0;
            }
            return null;
        });
        assertThat(cache.get("k")).isEqualTo(200);
    }

    @Test
    void aProcessorThatThrowsLeavesTheEntry() {
        Cache<String, Integer> cache = create(types());
        cache.put("k", 1);
        assertThatThrownBy(() -> cache.invoke("k", (entry, arguments) -> {
                    entry.setValue(2);
                    throw new IllegalStateException("no");
                }))
                .isInstanceOf(EntryProcessorException.class)
                .hasRootCauseMessage("no");
        assertThat(cache.get("k")).isEqualTo(1);
    }

    @Test
    void aProcessorMayEnterOtherKeys() throws Exception {
        Cache<String, Integer> cache = create(types());
        together(2, () -> {
            for (int i = 0; i < 20; i++) {
                cache.invoke(
                        "a",
                        (entry, none) -> cache.invoke("b", (other, nothing) -> {
                            other.setValue(1);
                            return null;
                        }));
                cache.invoke(
                        "b",
                        (entry, none) -> cache.invoke("a", (other, nothing) -> {
                            other.setValue(1);
                            return null;
                        }));
            }
            return null;
        });
        assertThat(cache.get("a")).isEqualTo(1);
    }

    // Loader and writer

    @Test
    void oneThreadLoadsForAllThatMissAtOnce() throws Exception {
        Loader loader = new Loader();
        Cache<String, Integer> cache = create(types().readThrough(new SingletonFactory<>(loader)));
        together(16, () -> {
            assertThat(cache.get("three")).isEqualTo(5);
            return null;
        });
        assertThat(loader.loads).hasValue(1);
        assertThat(cache.get("nothing")).isNull();
    }

    @Test
    void aWriterThatFailsLeavesTheCache() {
        Writer writer = new Writer();
        Cache<String, Integer> cache = create(types().writeThrough(new SingletonFactory<>(writer)));
        for (Consumer<Cache<String, Integer>> call : List.<Consumer<Cache<String, Integer>>>of(
                c -> c.put("bad", 1),
                c -> c.putIfAbsent("bad", 1),
                c -> c.remove("bad"),
                c -> c.invoke("bad", (entry, none) -> {
                    entry.setValue(3);
                    return null;
                }))) {
            assertThatThrownBy(() -> call.accept(cache)).isInstanceOf(CacheException.class);
            assertThat(cache.containsKey("bad")).isFalse();
        }
        Map<String, Integer> some = new HashMap<>(Map.of("a", 1, "b", 2, "bad", 3, "c", 4));
        assertThatThrownBy(() -> cache.putAll(some)).isInstanceOf(CacheWriterException.class);
        some.forEach((key, value) -> assertThat(cache.containsKey(key))
                .as(key)
                .isEqualTo(writer.calls.contains("write " + key + "=" + value)));
    }

    @Test
    void writerAndCacheChangeInTheSameOrder() throws Exception {
        Writer writer = new Writer();
        Cache<String, Integer> cache = create(types().writeThrough(new SingletonFactory<>(writer)));
        AtomicReference<Integer> next = new AtomicReference<>(0);
        together(8, () -> {
            for (int i = 0; i < 10; i++) {
                cache.put("k", next.updateAndGet(n -> n + 1));
            }
            return null;
        });
        assertThat(writer.order.get(writer.order.size() - 1)).isEqualTo("write k=" + cache.get("k"));
    }

    // Listeners

    @Test
    void eachChangeIsHeardOnceInOrder() throws Exception {
        Recorder synchronous = new Recorder();
        Recorder asynchronous = new Recorder();
        Cache<String, Integer> cache = create(types());
        cache.registerCacheEntryListener(synchronous.configuration(true));
        cache.registerCacheEntryListener(asynchronous.configuration(false));
        together(8, () -> {
            for (int i = 0; i < 50; i++) {
                cache.invoke("k", (entry, none) -> {
                    entry.setValue(entry.exists() ? entry.getValue() + 1 : 1);
                    return null;
                });
            }
            return null;
        });
        List<String> expected = new ArrayList<>(List.of("CREATED k null->1"));
        for (int i = 1; i < 400; i++) {
            expected.add("UPDATED k " + i + "->" + (i + 1));
        }
        assertThat(synchronous.events).isEqualTo(expected);
        Awaitility.await().untilAsserted(() -> assertThat(asynchronous.events).isEqualTo(expected));
    }

    @Test
    void entriesExpireAndAreHeardOfWithoutTraffic() {
        Recorder recorder = new Recorder();
        Cache<String, Integer> cache = create(types().timeToLive(Duration.ofMillis(100)));
        cache.registerCacheEntryListener(recorder.configuration(false));
        cache.put("k", 1);
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(recorder.events).containsExactly("CREATED k null->1", "EXPIRED k 1->1"));
    }

    @Test
    void aListenerThatThrowsIsToldToTheCallerAndStopsNoOther() {
        Recorder recorder = new Recorder();
        Cache<String, Integer> cache = create(types());
        CacheEntryCreatedListener<String, Integer> broken = events -> {
            throw new IllegalStateException("broken");
        };
        cache.registerCacheEntryListener(
                new MutableCacheEntryListenerConfiguration<>(new SingletonFactory<>(broken), null, false, true));
        cache.registerCacheEntryListener(recorder.configuration(true));
        assertThatThrownBy(() -> cache.put("k", 1))
                .isInstanceOf(CacheEntryListenerException.class)
                .hasRootCauseMessage("broken");
        assertThat(cache.get("k")).isEqualTo(1);
        assertThat(recorder.events).containsExactly("CREATED k null->1");
        cache.put("k", 2);
    }

    @Test
    void aListenerMayCallTheCache() {
        Cache<String, Integer> cache = create(types());
        CacheEntryCreatedListener<String, Integer> copies = events -> events.forEach(event -> {
            if (event.getKey().equals("k")) {
                cache.put("copy", event.getValue());
            }
        });
        cache.registerCacheEntryListener(
                new MutableCacheEntryListenerConfiguration<>(new SingletonFactory<>(copies), null, false, true));
        cache.put("k", 1);
        assertThat(cache.get("copy")).isEqualTo(1);
    }

    // Expiry and what is beyond the standard

    @Test
    void anAccessKeepsAnEntryAlive() {
        Cache<String, Integer> cache = create(types().expiry(AccessedExpiryPolicy.factoryOf(
                new javax.cache.expiry.Duration(TimeUnit.MILLISECONDS, 60_000))));
        ConcordCache<String, Integer> ours = ours(cache);
        cache.put("k", 1);
        assertThat(ours.touch("k", Duration.ofMillis(30_000))).isTrue();
        cache.get("k");
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(ours.remainingTtl("k").orElseThrow()).isGreaterThan(Duration.ofMillis(50_000)));
    }

    @SuppressWarnings("unchecked") // it is what the test created
    private static ConcordCache<String, Integer> ours(Cache<String, Integer> cache) {
        return cache.unwrap(ConcordCache.class);
    }

    @Test
    void entriesLiveAsLongAsTheyAreTold() {
        ConcordCache<String, Integer> cache = ours(create(types()));
        cache.put("short", 1, Duration.ofMillis(100));
        cache.put("long", 2, Duration.ofHours(1));
        cache.put("ever", 3);
        assertThat(cache.remainingTtl("long").orElseThrow()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
        assertThat(cache.remainingTtl("ever")).contains(ConcordCache.ETERNAL);
        assertThat(cache.remainingTtl("none")).isEmpty();
        assertThat(cache.touch("none", Duration.ofHours(1))).isFalse();
        Awaitility.await().until(() -> cache.get("short") == null);
        assertThat(cache.touch("long", Duration.ZERO)).isTrue();
        assertThat(cache.get("long")).isNull();
        assertThatThrownBy(() -> cache.put("k", 1, Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void versionsTellWhetherAValueHasChanged() throws Exception {
        ConcordCache<String, Integer> cache = ours(create(types()));
        cache.put("k", 1);
        long version = cache.getVersioned("k").orElseThrow().version();
        assertThat(cache.replace("k", version, 2)).isTrue();
        assertThat(cache.replace("k", version, 3)).isFalse();
        assertThat(cache.getAsync("k").toCompletableFuture().get(10, TimeUnit.SECONDS))
                .isEqualTo(2);
        cache.putAsync("k", 5).toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(cache.removeAsync("k").toCompletableFuture().get(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(cache.getVersioned("k")).isEmpty();
    }

    // Life cycle

    @Test
    void managersOfOneUriShareTheirData() {
        Cache<String, Integer> cache = create(types());
        cache.put("k", 1);
        CacheManager other = managerOfOtherLoader();
        assertThat(other.getCacheNames()).isEmpty();
        Cache<String, Integer> same = other.getCache(name, String.class, Integer.class);
        assertThat(same.get("k")).isEqualTo(1);
        assertThatThrownBy(() -> other.getCache(name, String.class, String.class))
                .isInstanceOf(ClassCastException.class);
        other.destroyCache(name);
        assertThatThrownBy(() -> cache.get("k"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("destroyed");
        other.close();
    }

    @Test
    void anotherDefinitionIsRefusedWithItsDifferences() {
        create(types().maxEntries(7));
        CacheManager other = managerOfOtherLoader();
        assertThatThrownBy(() -> other.createCache(
                        name,
                        ConcordConfiguration.builder(String.class, Long.class)
                                .maxEntries(8)
                                .build()))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("max-entries is 7, asked for is 8")
                .hasMessageContaining("java.lang.Long");
        assertThat(other.createCache(name, types().maxEntries(7).build())).isNotNull();
        other.close();
    }

    @Test
    @DisplayName("Row 43: a typing error in the URI of a cache manager")
    void aWrongSettingIsACacheException() {
        assertThatThrownBy(() -> manager("concord:local?durabilty=disk"))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("did you mean 'durability'?")
                .hasCauseInstanceOf(ConfigurationException.class)
                .satisfies(e -> assertThat(e).hasMessage(e.getCause().getMessage()));
    }

    @Test
    void otherSettingsForAnOpenStoreAreACacheException() {
        Properties properties = new Properties();
        properties.setProperty("operation-timeout", "7s");
        assertThatThrownBy(() -> new ConcordCachingProvider().getCacheManager(uri(), null, properties))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("is open in this JVM already, with other settings")
                .hasMessageContaining("PT7S")
                .hasCauseInstanceOf(StartException.class);
    }

    @Test
    void memoryForgetsWithTheLastManager() {
        String uri = "concord:local?cluster.name=forgets";
        CacheManager first = manager(uri);
        first.createCache(name, types().build()).put("k", 1);
        first.close();
        CacheManager second = manager(uri);
        assertThat(second).isNotSameAs(first);
        assertThat((Object) second.getCache(name)).isNull();
        second.close();
    }

    @Test
    void aFullCacheEvicts() {
        Cache<String, Integer> cache = create(types().maxEntries(100));
        for (int i = 0; i < 1000; i++) {
            cache.put("k" + i, i);
        }
        Awaitility.await().untilAsserted(() -> {
            int count = 0;
            for (Cache.Entry<String, Integer> ignored : cache) {
                count++;
            }
            assertThat(count).isBetween(50, 100);
        });
    }

    @SuppressWarnings("unchecked") // there is no class literal with type arguments
    private static CompleteConfiguration<String, Integer> configuration(Cache<String, Integer> cache) {
        return cache.getConfiguration(CompleteConfiguration.class);
    }

    @Test
    void settingsReachTheCaches() {
        CacheManager configured = manager("concord:local?cluster.name=configured"
                + "&caches.default.time-to-live=100ms&caches.default.statistics=true");
        Cache<String, Integer> cache = configured.createCache(name, types().build());
        assertThat(ours(cache).remainingTtl("k")).isEmpty();
        cache.put("k", 1);
        CompleteConfiguration<String, Integer> configuration = configuration(cache);
        assertThat(configuration.isStatisticsEnabled()).isTrue();
        Awaitility.await().until(() -> cache.get("k") == null);
        configured.close();
    }

    // Bad input

    private static final class NotSerializable {}

    private static final class Unknown implements Serializable {
        private static final long serialVersionUID = 1;
    }

    @Test
    @DisplayName("Rows 11 to 13 and 18: what cannot be stored")
    void whatCannotBeStoredIsRefusedAndNothingIsLost() {
        Cache<Object, Object> cache = manager.createCache(name, new MutableConfiguration<>());
        cache.put("k", "v");
        assertThatThrownBy(() -> cache.put("k", new NotSerializable()))
                .isInstanceOf(CacheRejectedException.class)
                .hasMessageContaining("NotSerializable")
                .hasMessageContaining("Serializable");
        assertThatThrownBy(() -> cache.put("k", List.of(new Unknown())))
                .isInstanceOf(CacheRejectedException.class)
                .hasMessageContaining("Unknown")
                .hasMessageContaining("serialization.allow");
        assertThatThrownBy(() -> cache.put("k", new byte[17 << 20]))
                .isInstanceOf(CacheRejectedException.class)
                .hasMessageContaining("limits.value");
        assertThatThrownBy(() -> cache.put(new byte[70_000], "v"))
                .isInstanceOf(CacheRejectedException.class)
                .hasMessageContaining("limits.key");
        assertThatThrownBy(() -> cache.put(null, "v")).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> cache.put("k", null)).isInstanceOf(NullPointerException.class);
        assertThat(cache.get("k")).isEqualTo("v");
    }

    @Test
    @DisplayName("Row 14: a hundred thousand entries at once are one change")
    void aHundredThousandEntriesAtOnceAreOneChange() {
        Cache<String, Integer> cache = create(types().unbounded());
        Map<String, Integer> many = new HashMap<>();
        for (int i = 0; i < 100_000; i++) {
            many.put("key-" + i, i);
        }
        cache.putAll(many);
        assertThat(cache.getAll(many.keySet())).isEqualTo(many);
        cache.removeAll();
        assertThat(cache.iterator().hasNext()).isFalse();
    }

    @Test
    void distinctKeysWithEqualBytesAreOneEntry() {
        Cache<Object, Object> cache = manager.createCache(name, new MutableConfiguration<>());
        byte[] one = {1};
        byte[] same = {1};
        Map<Object, Object> twice = new HashMap<>();
        twice.put(one, "a");
        twice.put(same, "b");
        cache.putAll(twice);
        assertThat(cache.get(one)).isIn("a", "b").isEqualTo(cache.get(same));
        cache.removeAll(Set.of(one, same));
        assertThat(cache.containsKey(one)).isFalse();
    }

    @Test
    void aLockedKeyDelaysAWriterUntilItsTimeoutAndNotLonger() {
        CacheManager impatient = manager("concord:local?cluster.name=impatient&operation-timeout=2s");
        Cache<String, Integer> cache = impatient.createCache(name, types().build());
        CacheStore store = impatient.unwrap(ConcordCacheManager.class).node().store();
        long cacheId = Objects.requireNonNull(store.cache(name)).id();
        io.concordcache.raft.core.Bytes key =
                io.concordcache.raft.core.Bytes.wrap(new io.concordcache.raft.marshal.StandardMarshaller(
                                io.concordcache.raft.marshal.ClassFilter.forTypes(String.class),
                                getClass().getClassLoader())
                        .marshal("k"));
        Outcome lock = store.execute(new Command.LockKey(cacheId, key, 60_000));
        assertThat(lock.held()).isTrue();
        long started = System.nanoTime();
        assertThatThrownBy(() -> cache.put("k", 1))
                .isInstanceOf(CacheUnavailableException.class)
                .hasMessageContaining("not applied");
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
        assertThat(cache.get("k")).isNull();
        store.execute(new Command.UnlockKey(cacheId, key, lock.afterVersion()));
        cache.put("k", 1);
        impatient.close();
    }

    /** Says whether it was called after it had been closed, or closed while it was called. */
    private static final class SlowLoader implements CacheLoader<String, Integer>, Closeable {
        final CountDownLatch called = new CountDownLatch(1);
        final CountDownLatch mayReturn = new CountDownLatch(1);
        final AtomicReference<String> fault = new AtomicReference<>();
        private final AtomicBoolean running = new AtomicBoolean();
        private volatile boolean closed;

        @Override
        public Integer load(String key) {
            if (closed) {
                fault.set("called after close");
            }
            running.set(true);
            called.countDown();
            try {
                if (!mayReturn.await(10, TimeUnit.SECONDS)) {
                    fault.set("nobody let it return");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            running.set(false);
            return 1;
        }

        @Override
        public Map<String, Integer> loadAll(Iterable<? extends String> keys) {
            keys.forEach(this::load);
            return Map.of();
        }

        @Override
        public void close() {
            if (running.get()) {
                fault.set("closed while it was called");
            }
            closed = true;
        }
    }

    @Test
    void closesALoaderWhenNoCallIntoItRuns() throws Exception {
        SlowLoader loader = new SlowLoader();
        Cache<String, Integer> cache = create(types().loader(new SingletonFactory<>(loader)));
        cache.loadAll(Set.of("a"), true, null);
        assertThat(loader.called.await(10, TimeUnit.SECONDS)).isTrue();
        Thread closer = new Thread(cache::close);
        closer.start();
        while (closer.getState() != Thread.State.TIMED_WAITING && closer.isAlive()) {
            Thread.onSpinWait();
        }
        loader.mayReturn.countDown();
        closer.join(10_000);
        assertThat(closer.isAlive()).isFalse();
        assertThat(loader.closed).isTrue();
        assertThat(loader.fault.get()).isNull();
    }

    @Test
    void callsNoLoaderThatIsClosed() throws Exception {
        SlowLoader loader = new SlowLoader();
        Cache<String, Integer> cache = create(types().loader(new SingletonFactory<>(loader)));
        loader.mayReturn.countDown();
        List<CompletionListenerFuture> ends = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            CompletionListenerFuture end = new CompletionListenerFuture();
            cache.loadAll(Set.of("a" + i), true, end);
            ends.add(end);
        }
        cache.close();
        for (CompletionListenerFuture end : ends) {
            try {
                end.get(10, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(CacheException.class);
            }
        }
        assertThat(loader.fault.get()).isNull();
    }
}
