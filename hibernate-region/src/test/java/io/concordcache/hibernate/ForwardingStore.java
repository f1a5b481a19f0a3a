package io.concordcache.hibernate;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ChangeListener;
import io.concordcache.raft.store.ReadLevel;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The way to a store; what happens on it is said by subclasses. */
class ForwardingStore implements CacheStore {
    private final CacheStore store;

    ForwardingStore(CacheStore store) {
        this.store = store;
    }

    /** Before each call but the one that closes. */
    void beforeCall() {}

    @Override
    public CompletableFuture<List<Outcome>> submit(Command command) {
        beforeCall();
        return store.submit(command);
    }

    @Override
    public Outcome execute(Command command) {
        beforeCall();
        return store.execute(command);
    }

    @Override
    public List<Outcome> executeAll(Command.Batch batch) {
        beforeCall();
        return store.executeAll(batch);
    }

    @Override
    public Entry get(long cacheId, Bytes key, ReadLevel level) {
        beforeCall();
        return store.get(cacheId, key, level);
    }

    @Override
    public List<Entry> getAll(long cacheId, List<Bytes> keys, ReadLevel level) {
        beforeCall();
        return store.getAll(cacheId, keys, level);
    }

    @Override
    public Iterator<Bytes> keys(long cacheId, ReadLevel level) {
        beforeCall();
        return store.keys(cacheId, level);
    }

    @Override
    public long size(long cacheId) {
        beforeCall();
        return store.size(cacheId);
    }

    @Override
    public CacheInfo cache(String name) {
        beforeCall();
        return store.cache(name);
    }

    @Override
    public List<CacheInfo> caches() {
        beforeCall();
        return store.caches();
    }

    @Override
    public Subscription subscribe(long cacheId, ChangeListener listener) {
        beforeCall();
        return store.subscribe(cacheId, listener);
    }

    @Override
    public long nowMillis() {
        beforeCall();
        return store.nowMillis();
    }

    @Override
    public long lastStamp() {
        beforeCall();
        return store.lastStamp();
    }

    @Override
    public Duration operationTimeout() {
        beforeCall();
        return store.operationTimeout();
    }

    @Override
    public void close() {
        store.close();
    }
}
