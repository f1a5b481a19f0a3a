package io.concordcache.hibernate;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import java.io.Serializable;
import java.util.Arrays;
import org.hibernate.cache.spi.DomainDataRegion;
import org.hibernate.cache.spi.access.AccessType;
import org.hibernate.cache.spi.access.CachedDomainDataAccess;
import org.hibernate.cache.spi.access.SoftLock;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.model.domain.NavigableRole;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.jspecify.annotations.Nullable;

/** What the three kinds of domain data have in common. Keys are {@link RegionKey}s. */
abstract class DomainAccess implements CachedDomainDataAccess {
    private final DomainRegion region;
    private final NavigableRole role;
    private final AccessType type;
    private volatile @Nullable Integer tag;

    DomainAccess(DomainRegion region, NavigableRole role, AccessType type) {
        this.region = region;
        this.role = role;
        this.type = type;
    }

    /** What the state of {@code role} is made of, as {@link Shapes} says it. */
    abstract String shape(MappingMetamodelImplementor model, String roleName);

    /** The tables that hold what {@code role} names. */
    abstract Serializable[] spaces(MappingMetamodelImplementor model, String roleName);

    /** Known when all entities are, which is when it is first asked for. */
    private int tag() {
        Integer known = tag;
        if (known == null) {
            known = factory().values().tag(shape(factory().model(), role.getFullPath()));
            tag = known;
        }
        return known;
    }

    private @Nullable Object value(Object key) {
        return stores() ? region.value(bytes(key), tag()) : null;
    }

    private boolean stores() {
        return !factory().settings().invalidateOnly();
    }

    /** Locks what a bulk statement changes with what {@code roleName} names, though Hibernate does not say so. */
    void lockOwned(SharedSessionContractImplementor session, String roleName) {}

    static Bytes bytes(Object key) {
        return ((RegionKey) key).bytes();
    }

    @Override
    public final DomainDataRegion getRegion() {
        return region;
    }

    @Override
    public final AccessType getAccessType() {
        return type;
    }

    final ConcordRegionFactory factory() {
        return region.factory();
    }

    final boolean isReadOnly() {
        return type == AccessType.READ_ONLY;
    }

    /** Whether a writer stores what it has written. */
    final boolean fills() {
        return stores() && type != AccessType.NONSTRICT_READ_WRITE;
    }

    @Override
    public final @Nullable Object get(SharedSessionContractImplementor session, Object key) {
        TransactionSync transaction = TransactionSync.of(session);
        return transaction.isOfAllTenants() || transaction.isPending(region, bytes(key)) ? null : value(key);
    }

    @Override
    public final boolean contains(Object key) {
        return value(key) != null;
    }

    @Override
    public final boolean putFromLoad(
            SharedSessionContractImplementor session, Object key, Object value, @Nullable Object version) {
        return putFromLoad(session, key, value, version, false);
    }

    /** Does not wait. Whether the value is on its way; it does not get in if the store knows that it may be old. */
    @Override
    public final boolean putFromLoad(
            SharedSessionContractImplementor session,
            Object key,
            Object value,
            @Nullable Object version,
            boolean minimalPutOverride) {
        TransactionSync transaction = TransactionSync.of(session);
        if (!stores()
                || transaction.isOfAllTenants()
                || transaction.hasPending()
                || (minimalPutOverride && contains(key))) {
            return false;
        }
        Bytes bytes = factory().values().write(region.getName(), tag(), value);
        return bytes != null
                && region.store()
                        .offer(
                                region,
                                new Command.PutFromLoad(
                                        region.slot(bytes(key)), transaction.getCachingTimestamp(), bytes));
    }

    @Override
    public final SoftLock lockItem(SharedSessionContractImplementor session, Object key, @Nullable Object version) {
        lock(session, key);
        return ItemLock.OF_TRANSACTION;
    }

    final void lock(SharedSessionContractImplementor session, Object key) {
        TransactionSync transaction = TransactionSync.of(session);
        if (transaction.isOfAllTenants()) {
            transaction.lockAll(region);
        } else {
            transaction.lock(region, bytes(key));
        }
    }

    final void lockAll(SharedSessionContractImplementor session) {
        TransactionSync.of(session).lockAll(region);
    }

    /** The value that the transaction has written; whether it is stored unless somebody else wrote meanwhile. */
    final boolean fill(SharedSessionContractImplementor session, Object key, @Nullable Object value) {
        Bytes bytes = value == null || !fills() ? null : factory().values().write(region.getName(), tag(), value);
        return TransactionSync.of(session).fill(region, bytes(key), bytes);
    }

    @Override
    public final void unlockItem(SharedSessionContractImplementor session, Object key, @Nullable SoftLock lock) {
        TransactionSync.of(session).release(region, bytes(key));
    }

    @Override
    public final void remove(SharedSessionContractImplementor session, Object key) {
        lock(session, key); // as a rule it is by now
    }

    @Override
    public final void removeAll(SharedSessionContractImplementor session) {
        lockAll(session);
        lockOwned(session, role.getFullPath());
        if (!session.isEventSource()) {
            // A stateless session does not say which tables a bulk statement changes.
            String[] tables = Arrays.stream(spaces(session.getFactory().getMappingMetamodel(), role.getFullPath()))
                    .map(String::valueOf)
                    .toArray(String[]::new);
            session.getFactory().getCache().getTimestampsCache().preInvalidate(tables, session);
        }
    }

    /** The lock is taken by {@link #removeAll}, which Hibernate calls next and which knows the session. */
    @Override
    public final SoftLock lockRegion() {
        return ItemLock.OF_TRANSACTION;
    }

    @Override
    public final void unlockRegion(@Nullable SoftLock lock) {
        // with the transaction
    }

    @Override
    public void evict(Object key) {
        region.store().execute(region, new Command.Invalidate(region.slot(bytes(key))));
    }

    @Override
    public final void evictAll() {
        region.clear();
    }
}
