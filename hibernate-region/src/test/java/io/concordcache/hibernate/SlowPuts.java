package io.concordcache.hibernate;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.local.LocalStore;
import io.concordcache.raft.store.CacheStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.hibernate.SessionFactory;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.cache.cfg.spi.DomainDataRegionBuildingContext;
import org.hibernate.cache.cfg.spi.DomainDataRegionConfig;
import org.hibernate.cache.spi.support.DomainDataStorageAccess;
import org.hibernate.cache.spi.support.RegionFactoryTemplate;
import org.hibernate.cache.spi.support.StorageAccess;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/** Two nodes on one cache, of which what one puts may be held back, as by a slow network. */
final class SlowPuts implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final SessionFactory reader;
    private final SessionFactory writer;
    private final Gate gate;

    private SlowPuts(SessionFactory reader, SessionFactory writer, Gate gate) {
        this.reader = reader;
        this.writer = writer;
        this.gate = gate;
    }

    /** Lets puts pass, or holds them. */
    static final class Gate {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);
        private final AtomicInteger waiting = new AtomicInteger();
        private volatile boolean holds;

        /** Whether it was held, for {@link #passed}. */
        boolean pass() {
            boolean held = holds;
            if (held) {
                waiting.incrementAndGet();
                arrived.countDown();
                await(opened);
            }
            return held;
        }

        static void await(CountDownLatch latch) {
            try {
                if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("nobody came");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        void passed(boolean held) {
            if (held) {
                waiting.decrementAndGet();
            }
        }
    }

    static SlowPuts open(RacesTest.Cache cache) {
        Databases database = new Databases();
        Gate gate = new Gate();
        if (cache == RacesTest.Cache.CONCORD) {
            LocalStore store = new LocalStore(System::currentTimeMillis);
            return new SlowPuts(
                    database.open(concord(new SlowStore(store, gate))), database.open(concord(store)), gate);
        }
        Map<String, Map<Object, Object>> shared = new ConcurrentHashMap<>();
        return new SlowPuts(
                database.open(Map.of("hibernate.cache.region.factory_class", new StockFactory(shared, gate, 5_000))),
                database.open(Map.of("hibernate.cache.region.factory_class", new StockFactory(shared, new Gate(), 0))),
                gate);
    }

    private static Map<String, Object> concord(CacheStore store) {
        return Map.of("hibernate.cache.region.factory_class", "concord", "hibernate.cache.concord.store", store);
    }

    SessionFactory reader() {
        return reader;
    }

    SessionFactory writer() {
        return writer;
    }

    void holdPutsOfReader() {
        gate.holds = true;
    }

    void awaitHeldPut() {
        Gate.await(gate.arrived);
    }

    void release() {
        gate.holds = false;
        gate.opened.countDown();
    }

    void awaitQuiet() {
        Awaitility.await().until(() -> gate.waiting.get() == 0);
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
    }

    /** The store as seen over a network that is slow for what nobody waits for. */
    private static final class SlowStore extends ForwardingStore {
        private final Gate gate;

        SlowStore(CacheStore store, Gate gate) {
            super(store);
            this.gate = gate;
        }

        @Override
        public CompletableFuture<List<Outcome>> submit(Command command) {
            return CompletableFuture.supplyAsync(() -> {
                boolean held = gate.pass();
                List<Outcome> outcomes = super.submit(command).join();
                gate.passed(held);
                return outcomes;
            });
        }
    }

    /** Hibernate's own regions on maps that all nodes share. */
    private static final class StockFactory extends RegionFactoryTemplate {
        private static final long serialVersionUID = 1;

        private final transient Map<String, Map<Object, Object>> shared;
        private final transient Gate gate;
        private final long aheadMillis;

        StockFactory(Map<String, Map<Object, Object>> shared, Gate gate, long aheadMillis) {
            this.shared = shared;
            this.gate = gate;
            this.aheadMillis = aheadMillis;
        }

        @Override
        protected void prepareForUse(SessionFactoryOptions settings, Map<String, Object> configValues) {}

        @Override
        protected void releaseFromUse() {}

        @Override
        public long nextTimestamp() {
            return System.currentTimeMillis() + aheadMillis;
        }

        private StorageAccess access(String region) {
            return new SharedMap(shared.computeIfAbsent(region, name -> new ConcurrentHashMap<>()), gate);
        }

        @Override
        protected DomainDataStorageAccess createDomainDataStorageAccess(
                DomainDataRegionConfig config, DomainDataRegionBuildingContext context) {
            return (SharedMap) access(config.getRegionName());
        }

        @Override
        protected StorageAccess createQueryResultsRegionStorageAccess(
                String regionName, SessionFactoryImplementor factory) {
            return access(regionName);
        }

        @Override
        protected StorageAccess createTimestampsRegionStorageAccess(
                String regionName, SessionFactoryImplementor factory) {
            return new SharedMap(shared.computeIfAbsent(regionName, name -> new ConcurrentHashMap<>()), new Gate());
        }
    }

    private record SharedMap(Map<Object, Object> map, Gate gate) implements DomainDataStorageAccess {
        @Override
        public Object getFromCache(Object key, SharedSessionContractImplementor session) {
            return map.get(key);
        }

        @Override
        public void putIntoCache(Object key, Object value, SharedSessionContractImplementor session) {
            boolean held = gate.pass();
            map.put(key, value);
            gate.passed(held);
        }

        @Override
        public boolean contains(Object key) {
            return map.containsKey(key);
        }

        @Override
        public void evictData() {
            map.clear();
        }

        @Override
        public void evictData(Object key) {
            map.remove(key);
        }

        @Override
        public void release() {}
    }
}
