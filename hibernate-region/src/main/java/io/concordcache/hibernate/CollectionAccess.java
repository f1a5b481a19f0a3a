package io.concordcache.hibernate;

import java.io.Serializable;
import org.hibernate.cache.spi.access.AccessType;
import org.hibernate.cache.spi.access.CollectionDataAccess;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.metamodel.model.domain.NavigableRole;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.hibernate.persister.collection.CollectionPersister;
import org.jspecify.annotations.Nullable;

/** Identifiers or values of the elements of collections; whoever changes one removes it. */
final class CollectionAccess extends DomainAccess implements CollectionDataAccess {
    CollectionAccess(DomainRegion region, NavigableRole role, AccessType type) {
        super(region, role, type);
    }

    @Override
    String shape(MappingMetamodelImplementor model, String roleName) {
        return Shapes.ofCollection(model, roleName);
    }

    @Override
    Serializable[] spaces(MappingMetamodelImplementor model, String roleName) {
        return model.getCollectionDescriptor(roleName).getCollectionSpaces();
    }

    @Override
    public Object generateCacheKey(
            Object id,
            CollectionPersister collectionDescriptor,
            SessionFactoryImplementor factory,
            @Nullable String tenantIdentifier) {
        return factory().keys().ofCollection(id, collectionDescriptor, factory, tenantIdentifier);
    }

    @Override
    public Object getCacheKeyId(Object cacheKey) {
        return ((RegionKey) cacheKey).origin();
    }
}
