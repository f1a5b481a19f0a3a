package io.concordcache.hibernate;

import java.io.Serializable;
import org.hibernate.cache.spi.access.AccessType;
import org.hibernate.cache.spi.access.EntityDataAccess;
import org.hibernate.cache.spi.access.SoftLock;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.model.domain.NavigableRole;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/** State of entities. */
final class EntityAccess extends DomainAccess implements EntityDataAccess {
    EntityAccess(DomainRegion region, NavigableRole role, AccessType type) {
        super(region, role, type);
    }

    @Override
    String shape(MappingMetamodelImplementor model, String roleName) {
        return Shapes.ofEntity(model, roleName);
    }

    @Override
    Serializable[] spaces(MappingMetamodelImplementor model, String roleName) {
        return model.getEntityDescriptor(roleName).getQuerySpaces();
    }

    /** The collections that the entity owns: a bulk statement that deletes it deletes them too. */
    @Override
    void lockOwned(SharedSessionContractImplementor session, String roleName) {
        session.getFactory().getMappingMetamodel().forEachCollectionDescriptor(collection -> {
            if (collection.getOwnerEntityPersister().getRootEntityName().equals(roleName)
                    && collection.getCacheAccessStrategy() instanceof CollectionAccess access) {
                access.lockAll(session);
            }
        });
    }

    @Override
    public Object generateCacheKey(
            Object id,
            EntityPersister rootEntityDescriptor,
            SessionFactoryImplementor factory,
            @Nullable String tenantIdentifier) {
        return factory().keys().ofEntity(id, rootEntityDescriptor, factory, tenantIdentifier);
    }

    @Override
    public Object getCacheKeyId(Object cacheKey) {
        return ((RegionKey) cacheKey).origin();
    }

    /** Locks the key, so that a delete which overtakes {@link #afterInsert} is not undone by it. */
    @Override
    public boolean insert(
            SharedSessionContractImplementor session, Object key, Object value, @Nullable Object version) {
        if (fills()) {
            lock(session, key);
        }
        return false;
    }

    @Override
    public boolean afterInsert(
            SharedSessionContractImplementor session, Object key, Object value, @Nullable Object version) {
        return fills() && fill(session, key, value);
    }

    @Override
    public boolean update(
            SharedSessionContractImplementor session,
            Object key,
            Object value,
            @Nullable Object currentVersion,
            @Nullable Object previousVersion) {
        refuseIfReadOnly();
        return false;
    }

    @Override
    public boolean afterUpdate(
            SharedSessionContractImplementor session,
            Object key,
            Object value,
            @Nullable Object currentVersion,
            @Nullable Object previousVersion,
            @Nullable SoftLock lock) {
        refuseIfReadOnly();
        return fill(session, key, value);
    }

    private void refuseIfReadOnly() {
        if (isReadOnly()) {
            throw new UnsupportedOperationException("an entity of region "
                    + getRegion().getName() + " is updated, but it is cached as read-only; make it read-write");
        }
    }
}
