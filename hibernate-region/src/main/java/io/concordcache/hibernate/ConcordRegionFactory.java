package io.concordcache.hibernate;

import java.util.Map;
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

    private transient @Nullable Started started;

    /** What there is between start and stop. */
    private record Started(
            SessionFactoryOptions options,
            RegionSettings settings,
            RegionStore store,
            Values values,
            Keys keys,
            SharedTransaction.OfJta ofJta) {}

    /** For Hibernate. */
    public ConcordRegionFactory() {}

    /**
     * Opens the store, and waits until it serves.
     *
     * @throws CacheException if a setting is wrong or the store cannot be opened; the message says what to do
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
        RegionStore store = RegionStore.open(settings);
        Values values = new Values(settings, options.isStructuredCacheEntriesEnabled(), this::sessionFactory);
        started = new Started(
                options, settings, store, values, new Keys(values::marshaller), new SharedTransaction.OfJta());
    }

    /**
     * The session factory is ready.
     *
     * @throws CacheException if a table is missing that the settings need
     */
    void ready(SessionFactoryImplementor factory) {
        RegionStore store = store();
        if (settings().onUnavailable() == FailurePolicy.OUTBOX && store.outbox() == null) {
            store.writesTo(Outbox.start(factory, store, settings()));
        }
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

    RegionStore store() {
        return started().store;
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
        return new DomainRegion(this, regionConfig);
    }

    @Override
    public QueryResultsRegion buildQueryResultsRegion(String regionName, SessionFactoryImplementor factory) {
        sessionFactory = factory;
        return new ResultsRegion(this, regionName);
    }

    @Override
    public TimestampsRegion buildTimestampsRegion(String regionName, SessionFactoryImplementor factory) {
        sessionFactory = factory;
        return new SpacesRegion(this, regionName);
    }

    /** Closes the store, if this opened it and nobody else in the JVM uses it. */
    @Override
    public void stop() {
        Started ending = started;
        started = null;
        if (ending != null) {
            ending.store.close();
        }
    }
}
