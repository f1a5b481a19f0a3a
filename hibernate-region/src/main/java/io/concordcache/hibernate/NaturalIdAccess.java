package io.concordcache.hibernate;

import java.io.Serializable;
import org.hibernate.cache.CacheException;
import org.hibernate.cache.spi.access.AccessType;
import org.hibernate.cache.spi.access.NaturalIdDataAccess;
import org.hibernate.cache.spi.access.SoftLock;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.model.domain.NavigableRole;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Identifiers of entities by their natural ids. */
final class NaturalIdAccess extends DomainAccess implements NaturalIdDataAccess {
    private static final Logger LOG = LoggerFactory.getLogger(NaturalIdAccess.class);

    NaturalIdAccess(DomainRegion region, NavigableRole role, AccessType type) {
        super(region, role, type);
    }

    @Override
    String shape(MappingMetamodelImplementor model, String roleName) {
        return Shapes.ofNaturalId(model, roleName);
    }

    @Override
    Serializable[] spaces(MappingMetamodelImplementor model, String roleName) {
        return model.getEntityDescriptor(roleName).getQuerySpaces();
    }

    @Override
    public Object generateCacheKey(
            Object naturalIdValues, EntityPersister rootEntityDescriptor, SharedSessionContractImplementor session) {
        return factory().keys().ofNaturalId(naturalIdValues, rootEntityDescriptor, session);
    }

    @Override
    public Object getNaturalIdValues(Object cacheKey) {
        return ((RegionKey) cacheKey).origin();
    }

    @Override
    public boolean insert(SharedSessionContractImplementor session, Object key, Object value) {
        if (fills()) {
            lock(session, key);
        }
        return false;
    }

    @Override
    public boolean afterInsert(SharedSessionContractImplementor session, Object key, Object value) {
        return fills() && fill(session, key, value);
    }

    @Override
    public boolean update(SharedSessionContractImplementor session, Object key, Object value) {
        return false;
    }

    @Override
    public boolean afterUpdate(
            SharedSessionContractImplementor session, Object key, Object value, @Nullable SoftLock lock) {
        return fill(session, key, value);
    }

    /**
     * Hibernate evicts here, for no user, what a delete is about to remove. {@link StatelessSpaces} has locked it, so unless
     * such a transaction is to fail it may go on without.
     */
    @Override
    public void evict(Object key) {
        try {
            super.evict(key);
        } catch (CacheException e) {
            if (factory().settings().onUnavailable() == FailurePolicy.FAIL) {
                throw e;
            }
            LOG.debug("left to the lock of the transaction", e);
        }
    }
}
