package io.concordcache.hibernate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Slot;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.StoreException;
import org.hibernate.cache.CacheException;
import org.hibernate.cache.spi.ExtendedStatisticsSupport;
import org.hibernate.cache.spi.Region;
import org.hibernate.cache.spi.RegionFactory;
import org.hibernate.stat.CacheRegionStatistics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A region is a cache of the store, which all nodes share. Its entries are read linearizably. */
class StoreRegion implements Region, ExtendedStatisticsSupport {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRegion.class);
    private static final String NAME_PREFIX = "hibernate:";

    /**
     * A value as it was decoded from an entry. Hibernate does not change what it gets from a cache.
     *
     * @param revision of the key with this reader, from before the entry was read
     */
    private record Decoded(Opened from, long revision, long version, long expiresAtMillis, Object value) {}

    /** The cache and its reads, which change together if the cache is made anew. */
    private record Opened(long cacheId, EntryReader reader) {}

    private final ConcordRegionFactory factory;
    private final String name;
    private final CacheDefinition definition;
    private final @Nullable Cache<Bytes, Decoded> near;
    private volatile @Nullable Opened opened;

    StoreRegion(ConcordRegionFactory factory, String name, RegionSettings.Kind kind) {
        this.factory = factory;
        this.name = name;
        RegionSettings settings = factory.settings();
        String qualified = factory.qualify(name);
        definition = settings.definition(NAME_PREFIX + qualified, qualified, name, kind);
        if (settings.onUnavailable() == FailurePolicy.DEGRADE
                && kind != RegionSettings.Kind.TIMESTAMPS
                && settings.timeToLive(qualified, name, kind) == null) {
            throw new CacheException("region " + qualified + " has no time to live, but with " + RegionSettings.PREFIX
                    + "on-unavailable=degrade old data may stay there until it expires; set " + RegionSettings.PREFIX
                    + qualified + ".time-to-live, or " + RegionSettings.PREFIX + "time-to-live for all regions");
        }
        long nearEntries = settings.nearEntries(qualified, name, kind);
        near = nearEntries == 0
                ? null
                : Caffeine.newBuilder()
                        .maximumSize(nearEntries)
                        .executor(Runnable::run)
                        .build();
    }

    /** @throws CacheException if it cannot be opened; the message says why and what to do */
    final void open() {
        var unused = opened();
    }

    private Opened opened() {
        Opened known = opened;
        return known == null ? openNow() : known;
    }

    private synchronized Opened openNow() {
        Opened known = opened;
        if (known == null) {
            known = findOrCreate();
            opened = known;
        }
        return known;
    }

    private Opened findOrCreate() {
        try {
            return find();
        } catch (StoreException e) {
            throw new CacheException("region " + factory.qualify(name) + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private Opened find() {
        CacheInfo existing = store().store().cache(definition.name());
        if (existing == null) {
            existing = create();
        }
        if (!existing.definition().equals(definition)) {
            LOG.warn(
                    "Region {} exists with other settings, which stay: {}; asked for are {}. To change them destroy it"
                            + " while no application uses it",
                    factory.qualify(name),
                    existing.definition(),
                    definition);
        }
        return new Opened(existing.id(), store().store().reader(existing.id(), null));
    }

    private CacheInfo create() {
        switch (factory.settings().missingRegion()) {
            case CREATE -> {}
            case CREATE_WARN -> LOG.warn("Region {} is missing and is created", factory.qualify(name));
            case FAIL ->
                throw new CacheException("region " + factory.qualify(name) + " is missing; create the cache "
                        + definition.name() + ", or set " + RegionSettings.PREFIX + "missing-region=create");
        }
        // Failed if another node was quicker: then the outcome has the id of its cache.
        long id = store().store().execute(new Command.CreateCache(definition)).afterVersion();
        CacheInfo created = store().store().cache(definition.name());
        return created != null && created.id() == id ? created : new CacheInfo(id, definition);
    }

    /**
     * After the cache was destroyed by somebody: opens or makes the one that took its place.
     *
     * @throws CacheException if it cannot
     */
    synchronized void reopen() {
        Opened before = opened();
        Opened now = findOrCreate();
        if (now.cacheId == before.cacheId) {
            now.reader.close();
        } else {
            opened = now;
            before.reader.close();
            LOG.warn("Region {} was destroyed, and is made anew", factory.qualify(name));
        }
    }

    final ConcordRegionFactory factory() {
        return factory;
    }

    final RegionStore store() {
        return factory.store();
    }

    final long cacheId() {
        return opened().cacheId;
    }

    /** The name in the store of the cache. */
    final String cacheName() {
        return definition.name();
    }

    final Slot slot(Bytes key) {
        return new Slot(opened().cacheId, key);
    }

    /** The entry, null for none or if the store does not answer. */
    final @Nullable Entry entry(Bytes key) {
        return store().read(this, () -> opened().reader.get(key, ReadLevel.LINEARIZABLE));
    }

    /** The value, null for none, or one that is of no use here: one of another tag. Keys of equal bytes have one tag. */
    final @Nullable Object value(Bytes key, int tag) {
        Opened from = opened();
        Decoded known = near == null ? null : near.getIfPresent(key);
        if (known != null && isStill(from, key, known)) {
            return known.value;
        }
        long revision = from.reader.revision(key);
        Entry entry = store().read(this, () -> from.reader.get(key, ReadLevel.LINEARIZABLE));
        if (entry == null) {
            return null;
        }
        Object value = known != null && known.version == entry.version()
                ? known.value
                : factory.values().read(name, tag, entry.value());
        if (value != null && near != null) {
            near.put(key, new Decoded(from, revision, entry.version(), entry.expiresAtMillis(), value));
        }
        return value;
    }

    /** Without a look at the entry itself. */
    private boolean isStill(Opened from, Bytes key, Decoded known) {
        if (!known.from.equals(from) || known.revision == EntryReader.NO_REVISION) {
            return false;
        }
        Boolean still = store().read(
                        this,
                        () -> from.reader.isAt(key, known.revision, known.expiresAtMillis, ReadLevel.LINEARIZABLE));
        return still != null && still;
    }

    @Override
    public final String getName() {
        return name;
    }

    @Override
    public final RegionFactory getRegionFactory() {
        return factory;
    }

    /** Empties the region on all nodes; what transactions under way have read does not get in. */
    @Override
    public final void clear() {
        store().execute(this, new Command.Clear(cacheId()));
    }

    /** Gives up what this node keeps of the region; the region stays. */
    @Override
    public final void destroy() {
        Opened ending = opened;
        if (ending != null) {
            ending.reader.close();
        }
        if (near != null) {
            near.invalidateAll();
        }
    }

    @Override
    public final long getElementCountInMemory() {
        Long count = store().read(this, () -> store().store().size(cacheId()));
        return count == null ? CacheRegionStatistics.NO_EXTENDED_STAT_SUPPORT_RETURN : count;
    }

    @Override
    public final long getElementCountOnDisk() {
        return 0;
    }

    @Override
    public final long getSizeInMemory() {
        return CacheRegionStatistics.NO_EXTENDED_STAT_SUPPORT_RETURN;
    }
}
