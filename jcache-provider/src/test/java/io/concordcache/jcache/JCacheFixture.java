package io.concordcache.jcache;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.configuration.FactoryBuilder.SingletonFactory;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryExpiredListener;
import javax.cache.event.CacheEntryRemovedListener;
import javax.cache.event.CacheEntryUpdatedListener;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;

/** A cache manager on the embedded member, shared by the tests of a class, each with a cache name of its own. */
abstract class JCacheFixture {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final ConcordCachingProvider PROVIDER = new ConcordCachingProvider();

    protected String name;
    protected CacheManager manager;

    @BeforeEach
    void openManager() {
        manager = PROVIDER.getCacheManager(uri(), null);
        name = "cache-" + COUNTER.incrementAndGet();
    }

    @AfterAll
    static void closeManagers() {
        PROVIDER.close();
    }

    static CacheManager manager(String uri) {
        return PROVIDER.getCacheManager(URI.create(uri), null);
    }

    /** With what settings the tests run. */
    URI uri() {
        return PROVIDER.getDefaultURI();
    }

    CacheManager managerOfOtherLoader() {
        return managerOf(new ClassLoader(JCacheFixture.class.getClassLoader()) {});
    }

    CacheManager managerOf(ClassLoader loader) {
        return PROVIDER.getCacheManager(uri(), loader);
    }

    static ConcordConfiguration.Builder<String, Integer> types() {
        return ConcordConfiguration.builder(String.class, Integer.class);
    }

    protected Cache<String, Integer> create(ConcordConfiguration.Builder<String, Integer> configuration) {
        return manager.createCache(name, configuration.build());
    }

    /** Writes down every event as "kind key old->new". */
    static final class Recorder
            implements CacheEntryCreatedListener<String, Integer>,
                    CacheEntryUpdatedListener<String, Integer>,
                    CacheEntryRemovedListener<String, Integer>,
                    CacheEntryExpiredListener<String, Integer> {
        final List<String> events = new CopyOnWriteArrayList<>();
        final List<CacheEntryEvent<? extends String, ? extends Integer>> raw =
                Collections.synchronizedList(new ArrayList<>());

        private void note(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> of) {
            of.forEach(event -> {
                raw.add(event);
                events.add(event.getEventType() + " " + event.getKey() + " " + event.getOldValue() + "->"
                        + event.getValue());
            });
        }

        @Override
        public void onCreated(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> of) {
            note(of);
        }

        @Override
        public void onUpdated(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> of) {
            note(of);
        }

        @Override
        public void onRemoved(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> of) {
            note(of);
        }

        @Override
        public void onExpired(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> of) {
            note(of);
        }

        MutableCacheEntryListenerConfiguration<String, Integer> configuration(boolean synchronous) {
            return new MutableCacheEntryListenerConfiguration<>(new SingletonFactory<>(this), null, true, synchronous);
        }
    }

    /** Loads the length of a key that does not begin with "no". */
    static final class Loader implements CacheLoader<String, Integer> {
        final AtomicInteger loads = new AtomicInteger();

        @Override
        public @Nullable Integer load(String key) {
            loads.incrementAndGet();
            return key.startsWith("no") ? null : key.length();
        }

        @Override
        public java.util.Map<String, Integer> loadAll(Iterable<? extends String> keys) {
            java.util.Map<String, Integer> all = new java.util.HashMap<>();
            keys.forEach(key -> all.put(key, load(key)));
            return all;
        }
    }

    /** Writes down what it is told; fails for keys that begin with "bad". */
    static final class Writer implements CacheWriter<String, Integer> {
        final Set<String> calls = java.util.concurrent.ConcurrentHashMap.newKeySet();
        final List<String> order = new CopyOnWriteArrayList<>();

        private void note(String key, String call) {
            if (key.startsWith("bad")) {
                throw new CacheWriterException("told to fail");
            }
            calls.add(call);
            order.add(call);
        }

        @Override
        public void write(Cache.Entry<? extends String, ? extends Integer> entry) {
            note(entry.getKey(), "write " + entry.getKey() + "=" + entry.getValue());
        }

        @Override
        public void delete(Object key) {
            note((String) key, "delete " + key);
        }

        @Override
        public void writeAll(java.util.Collection<Cache.Entry<? extends String, ? extends Integer>> entries) {
            for (var all = entries.iterator(); all.hasNext(); ) {
                write(all.next());
                all.remove();
            }
        }

        @Override
        public void deleteAll(java.util.Collection<?> keys) {
            for (var all = keys.iterator(); all.hasNext(); ) {
                delete(all.next());
                all.remove();
            }
        }
    }
}
