package io.concordcache.hibernate;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import org.hibernate.cache.spi.TimestampsRegion;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/**
 * When each query space, that is table, was changed last. The entry of a space is empty, its version is the time. While a
 * transaction that changes the space commits there is none, and then no result of a query on it is up to date.
 */
final class SpacesRegion extends StoreRegion implements TimestampsRegion {
    SpacesRegion(ConcordRegionFactory factory, String name) {
        super(factory, name, RegionSettings.Kind.TIMESTAMPS);
    }

    /** Never null, which would mean that the space was not changed at all; {@link Long#MAX_VALUE} if it is not known. */
    @Override
    public Object getFromCache(Object key, SharedSessionContractImplementor session) {
        Bytes space = Keys.ofSpace(key);
        TransactionSync transaction = TransactionSync.of(session);
        if (transaction.isSpacePending(this, space)) {
            return Long.MAX_VALUE;
        }
        Entry entry = entry(space);
        if (entry != null) {
            return entry.version();
        }
        // Not written yet, or evicted, or the lock of a writer ended by itself: if nobody holds it, it begins anew.
        store().offer(this, new Command.PutFromLoad(slot(space), transaction.getCachingTimestamp(), Bytes.EMPTY));
        return Long.MAX_VALUE;
    }

    /** The time is not Hibernate's, but that of the commands that lock and release the space. */
    @Override
    public void putIntoCache(Object key, Object value, SharedSessionContractImplementor session) {
        TransactionSync.of(session).touch(this, Keys.ofSpace(key));
    }
}
