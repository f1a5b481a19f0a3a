package io.concordcache.hibernate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.cache.CacheException;
import org.hibernate.cache.cfg.spi.DomainDataRegionBuildingContext;
import org.hibernate.cache.cfg.spi.DomainDataRegionConfig;
import org.hibernate.cache.spi.CacheTransactionSynchronization;
import org.hibernate.cache.spi.DomainDataRegion;
import org.hibernate.cache.spi.QueryResultsRegion;
import org.hibernate.cache.spi.RegionFactory;
import org.hibernate.cache.spi.TimestampsRegion;
import org.hibernate.cache.spi.access.AccessType;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.jspecify.annotations.Nullable;

/**
 * The second-level cache of Hibernate on the replicated store ({@link RegionFactory}): {@code
 * hibernate.cache.region.factory_class=concord}. For one session factory. Settings begin with {@code
 * hibernate.cache.concord.}; see {@code docs/hibernate.md}.
 *
 * <p>Whatever a session reads from it is what the database had committed at some moment between the begin and the end of
 * the read, on every node, as long as those who write the database write it by Hibernate.
 */
public final class ConcordRegionFactory implements RegionFactory {
    private static final long serialVersionUID = 1;

    private transient volatile @Nullable Started started;
    private final transient List<StoreRegion> unopened = new ArrayList<>();
    private transient boolean isReady;

    /** What there is between start and stop. */
    private record Started(
            SessionFactoryOptions options,
            RegionSettings settings,
            CompletableFuture<RegionStore> store,
            Values values,
            Keys keys,
            SharedTransaction.OfJta ofJta) {}

    /** For Hibernate. */
    public ConcordRegionFactory() {}

    /**
     * Begins to open the store, while Hibernate goes on. The session factory is ready when the store serves.
     *
     * @throws CacheException if a setting is wrong; the message says what to do
     */
    @Override
    public void start(SessionFactoryOptions options, Map<String, Object> configValues) {
        if (Boolean.parseBoolean(String.valueOf(configValues.get("hibernate.cache.use_reference_entries")))) {
            throw new CacheException(
                    "hibernate.cache.use_reference_entries caches instances, which cannot be shared between"
                            + " nodes; set it to false");
        }
        RegionSettings settings = RegionSettings.of(configValues);
        if (settings.onUnavailable() == FailurePolicy.OUTBOX && options.isMultiTenancyEnabled()) {
            throw new CacheException(
                    RegionSettings.PREFIX + "on-unavailable=outbox writes to one database, but each tenant has"
                            + " one of its own here; use fail or degrade");
        }
        CompletableFuture<RegionStore> store = new CompletableFuture<>();
        Thread opening = new Thread(() -> open(settings, store), "concord-hibernate-open");
        opening.setDaemon(true);
        opening.start();
        Values values = new Values(settings, options.isStructuredCacheEntriesEnabled(), this::sessionFactory);
        started = new Started(
                options, settings, store, values, new Keys(values::marshaller), new SharedTransaction.OfJta());
    }

    private static void open(RegionSettings settings, CompletableFuture<RegionStore> store) {
        try {
            store.complete(RegionStore.open(settings));
        } catch (RuntimeException | Error e) {
            store.completeExceptionally(e);
        }
    }

    /**
     * The session factory is ready but for the store and its regions: waits for them.
     *
     * @throws CacheException if the store or a region cannot be opened, or a table is missing that the settings need
     */
    void ready(SessionFactoryImplementor factory) {
        RegionStore store = store();
        synchronized (unopened) {
            unopened.forEach(StoreRegion::open);
            unopened.clear();
            isReady = true;
        }
        if (settings().onUnavailable() == FailurePolicy.OUTBOX && store.outbox() == null) {
            store.writesTo(Outbox.start(factory, store, settings()));
        }
    }

    /** Hibernate makes some of the regions when it is asked for a query that uses them first. */
    private <R extends StoreRegion> R added(R region) {
        synchronized (unopened) {
            if (isReady) {
                region.open();
            } else {
                unopened.add(region);
            }
        }
        return region;
    }

    private transient volatile @Nullable SessionFactoryImplementor sessionFactory;

    private SessionFactoryImplementor sessionFactory() {
        SessionFactoryImplementor known = sessionFactory;
        if (known == null) {
            throw new IllegalStateException("no region was built yet");
        }
        return known;
    }

    MappingMetamodelImplementor model() {
        return sessionFactory().getMappingMetamodel();
    }

    private Started started() {
        Started now = started;
        if (now == null) {
            throw new IllegalStateException("the region factory is not started");
        }
        return now;
    }

    RegionSettings settings() {
        return started().settings;
    }

    /** Waits until it serves. */
    RegionStore store() {
        CompletableFuture<RegionStore> store = started().store;
        try {
            return store.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof CacheException known ? known : e;
        }
    }

    Values values() {
        return started().values;
    }

    Keys keys() {
        return started().keys;
    }

    @Override
    public boolean isMinimalPutsEnabledByDefault() {
        return false;
    }

    @Override
    public AccessType getDefaultAccessType() {
        return AccessType.READ_WRITE;
    }

    @Override
    public String qualify(String regionName) {
        String prefix = started().options.getCacheRegionPrefix();
        return prefix == null || regionName.startsWith(prefix + ".") ? regionName : prefix + "." + regionName;
    }

    @Override
    public CacheTransactionSynchronization createTransactionContext(SharedSessionContractImplementor session) {
        return new TransactionSync(session, store(), started().ofJta);
    }

    /** The replicated clock as far as this node has seen it; costs no message. */
    @Override
    public long nextTimestamp() {
        return store().now();
    }

    /** How long a soft lock lasts, in milliseconds. */
    @Override
    public long getTimeout() {
        return settings().lockTimeout().toMillis();
    }

    @Override
    public DomainDataRegion buildDomainDataRegion(
            DomainDataRegionConfig regionConfig, DomainDataRegionBuildingContext buildingContext) {
        sessionFactory = buildingContext.getSessionFactory();
        return added(new DomainRegion(this, regionConfig));
    }

    @Override
    public QueryResultsRegion buildQueryResultsRegion(String regionName, SessionFactoryImplementor factory) {
        sessionFactory = factory;
        return added(new ResultsRegion(this, regionName));
    }

    @Override
    public TimestampsRegion buildTimestampsRegion(String regionName, SessionFactoryImplementor factory) {
        sessionFactory = factory;
        return added(new SpacesRegion(this, regionName));
    }

    /** Closes the store, if this opened it and nobody else in the JVM uses it. */
    @Override
    public void stop() {
        Started ending = started;
        started = null;
        if (ending != null) {
            // Not before it is open: the directory and the port are free when this returns.
            var unused = ending.store
                    .thenAccept(RegionStore::close)
                    .exceptionally(failure -> null)
                    .join();
        }
    }
}
