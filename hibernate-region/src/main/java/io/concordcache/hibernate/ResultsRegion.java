package io.concordcache.hibernate;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import org.hibernate.cache.spi.QueryResultsRegion;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.jspecify.annotations.Nullable;

/** Results of queries, each with the time at which its transaction began; Hibernate compares that to {@link SpacesRegion}. */
final class ResultsRegion extends StoreRegion implements QueryResultsRegion {
    /** The statement, which is in the key, says what the result is of. */
    private final int tag;

    ResultsRegion(ConcordRegionFactory factory, String name) {
        super(factory, name, RegionSettings.Kind.QUERY);
        tag = factory.values().tag("query");
    }

    private Bytes key(Object key, SharedSessionContractImplementor session) {
        return factory().keys().ofQuery(key, factory().settings().namespace(), session);
    }

    @Override
    public @Nullable Object getFromCache(Object key, SharedSessionContractImplementor session) {
        return factory().settings().invalidateOnly() ? null : value(key(key, session), tag);
    }

    /** Does not wait. Nothing of a session that has changed something: its results may hold what is not committed. */
    @Override
    public void putIntoCache(Object key, Object value, SharedSessionContractImplementor session) {
        if (factory().settings().invalidateOnly() || TransactionSync.of(session).hasPending()) {
            return;
        }
        Bytes bytes = factory().values().write(getName(), tag, value);
        if (bytes != null) {
            store().offer(
                            this,
                            new Command.Write(
                                    cacheId(),
                                    key(key, session),
                                    Condition.ANY,
                                    new Mutation.Put(bytes, Expiry.BY_RULE)));
        }
    }
}
