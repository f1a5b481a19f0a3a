package io.concordcache.hibernate;

import java.util.HashMap;
import java.util.Map;
import org.hibernate.cache.CacheException;
import org.hibernate.cache.cfg.spi.CollectionDataCachingConfig;
import org.hibernate.cache.cfg.spi.DomainDataCachingConfig;
import org.hibernate.cache.cfg.spi.DomainDataRegionConfig;
import org.hibernate.cache.cfg.spi.EntityDataCachingConfig;
import org.hibernate.cache.cfg.spi.NaturalIdDataCachingConfig;
import org.hibernate.cache.spi.DomainDataRegion;
import org.hibernate.cache.spi.access.AccessType;
import org.hibernate.cache.spi.access.CollectionDataAccess;
import org.hibernate.cache.spi.access.EntityDataAccess;
import org.hibernate.cache.spi.access.NaturalIdDataAccess;
import org.hibernate.metamodel.model.domain.NavigableRole;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A region of entities, collections and natural ids, of any mixture and of any access types. */
final class DomainRegion extends StoreRegion implements DomainDataRegion {
    private static final Logger LOG = LoggerFactory.getLogger(DomainRegion.class);

    private final Map<NavigableRole, EntityDataAccess> entities = new HashMap<>();
    private final Map<NavigableRole, NaturalIdDataAccess> naturalIds = new HashMap<>();
    private final Map<NavigableRole, CollectionDataAccess> collections = new HashMap<>();

    DomainRegion(ConcordRegionFactory factory, DomainDataRegionConfig config) {
        super(factory, config.getRegionName(), kind(config));
        for (EntityDataCachingConfig each : config.getEntityCaching()) {
            entities.put(each.getNavigableRole(), new EntityAccess(this, each.getNavigableRole(), type(each)));
        }
        for (NaturalIdDataCachingConfig each : config.getNaturalIdCaching()) {
            naturalIds.put(each.getNavigableRole(), new NaturalIdAccess(this, each.getNavigableRole(), type(each)));
        }
        for (CollectionDataCachingConfig each : config.getCollectionCaching()) {
            collections.put(each.getNavigableRole(), new CollectionAccess(this, each.getNavigableRole(), type(each)));
        }
    }

    private static RegionSettings.Kind kind(DomainDataRegionConfig config) {
        if (!config.getEntityCaching().isEmpty()) {
            return RegionSettings.Kind.ENTITY;
        }
        return config.getCollectionCaching().isEmpty()
                ? RegionSettings.Kind.NATURAL_ID
                : RegionSettings.Kind.COLLECTION;
    }

    private AccessType type(DomainDataCachingConfig config) {
        if (config.getAccessType() != AccessType.TRANSACTIONAL) {
            return config.getAccessType();
        }
        String what = config.getNavigableRole().getFullPath()
                + " is cached as TRANSACTIONAL, which would need the cache to" + " take part in XA transactions";
        if (factory().settings().transactional() == RegionSettings.Transactional.REJECT) {
            throw new CacheException(what + "; use READ_WRITE");
        }
        LOG.warn("{}; it is taken as READ_WRITE, which is never stale either", what);
        return AccessType.READ_WRITE;
    }

    @Override
    public EntityDataAccess getEntityDataAccess(NavigableRole rootEntityRole) {
        return existing(entities.get(rootEntityRole), rootEntityRole);
    }

    @Override
    public NaturalIdDataAccess getNaturalIdDataAccess(NavigableRole rootEntityRole) {
        return existing(naturalIds.get(rootEntityRole), rootEntityRole);
    }

    @Override
    public CollectionDataAccess getCollectionDataAccess(NavigableRole collectionRole) {
        return existing(collections.get(collectionRole), collectionRole);
    }

    private <T> T existing(@Nullable T access, NavigableRole role) {
        if (access == null) {
            throw new IllegalArgumentException("region " + getName() + " has no " + role.getFullPath());
        }
        return access;
    }
}
