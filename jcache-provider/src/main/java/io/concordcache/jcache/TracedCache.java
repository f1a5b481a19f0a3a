package io.concordcache.jcache;

import io.concordcache.jcache.operation.ExpiryDecisions;
import io.concordcache.raft.config.CacheSettings;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.Tracing;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorResult;
import org.jspecify.annotations.Nullable;

/**
 * A cache whose calls are told of as spans, but for reads that a near cache answers. Iterators are told of by what they ask
 * the store.
 */
final class TracedCache<K, V> extends ConcordCache<K, V> {
    private final Tracing tracing;

    private TracedCache(
            ConcordCacheManager manager,
            String name,
            long cacheId,
            ConcordConfiguration<K, V> configuration,
            ExpiryDecisions expiry,
            CacheSettings settings,
            Tracing tracing) {
        super(manager, name, cacheId, configuration, expiry, settings);
        this.tracing = tracing;
    }

    /** A method, so that whoever may call it can be verified without loading this class. */
    static <K, V> ConcordCache<K, V> of(
            ConcordCacheManager manager,
            String name,
            long cacheId,
            ConcordConfiguration<K, V> configuration,
            ExpiryDecisions expiry,
            CacheSettings settings,
            Tracing tracing) {
        return new TracedCache<>(manager, name, cacheId, configuration, expiry, settings, tracing);
    }

    private <T extends @Nullable Object> T traced(String operation, Supplier<T> call) {
        Tracing.Step span = tracing.call(operation, getName());
        Throwable failure = null;
        try (Tracing.Scope entered = span.enter()) {
            return call.get();
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            span.end(failure);
        }
    }

    private void told(String operation, Runnable call) {
        this.<@Nullable Object>traced(operation, () -> {
            call.run();
            return null;
        });
    }

    @Override
    void counted(int hits, int misses, long started) {
        super.counted(hits, misses, started);
        tracing.found(hits, misses);
    }

    @Override
    Executor executor() {
        return tracing.carrying(super.executor());
    }

    @Override
    @Nullable
    V read(K key, @Nullable ReadLevel level) {
        V near = readNear(key, level);
        return near != null ? near : this.<@Nullable V>traced("get", () -> super.read(key, level));
    }

    @Override
    public Map<K, V> getAll(Set<? extends K> keys) {
        return traced("getAll", () -> super.getAll(keys));
    }

    @Override
    public boolean containsKey(K key) {
        return traced("containsKey", () -> {
            boolean found = super.containsKey(key);
            tracing.found(found ? 1 : 0, found ? 0 : 1);
            return found;
        });
    }

    @Override
    void load(Set<K> keys, boolean replaceExistingValues) {
        told("loadAll", () -> super.load(keys, replaceExistingValues));
    }

    @Override
    public void put(K key, V value) {
        told("put", () -> super.put(key, value));
    }

    @Override
    public void put(K key, V value, Duration timeToLive) {
        told("put", () -> super.put(key, value, timeToLive));
    }

    @Override
    public V getAndPut(K key, V value) {
        return traced("getAndPut", () -> super.getAndPut(key, value));
    }

    @Override
    public void putAll(Map<? extends K, ? extends V> map) {
        told("putAll", () -> super.putAll(map));
    }

    @Override
    public boolean putIfAbsent(K key, V value) {
        return traced("putIfAbsent", () -> super.putIfAbsent(key, value));
    }

    @Override
    public boolean remove(K key) {
        return traced("remove", () -> super.remove(key));
    }

    @Override
    public boolean remove(K key, V oldValue) {
        return traced("remove", () -> super.remove(key, oldValue));
    }

    @Override
    public V getAndRemove(K key) {
        return traced("getAndRemove", () -> super.getAndRemove(key));
    }

    @Override
    public boolean replace(K key, V oldValue, V newValue) {
        return traced("replace", () -> super.replace(key, oldValue, newValue));
    }

    @Override
    public boolean replace(K key, V value) {
        return traced("replace", () -> super.replace(key, value));
    }

    @Override
    public boolean replace(K key, long version, V value) {
        return traced("replace", () -> super.replace(key, version, value));
    }

    @Override
    public V getAndReplace(K key, V value) {
        return traced("getAndReplace", () -> super.getAndReplace(key, value));
    }

    @Override
    public void removeAll(Set<? extends K> keys) {
        told("removeAll", () -> super.removeAll(keys));
    }

    @Override
    public void removeAll() {
        told("removeAll", super::removeAll);
    }

    @Override
    public void clear() {
        told("clear", super::clear);
    }

    @Override
    public <T> T invoke(K key, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
        return traced("invoke", () -> super.invoke(key, entryProcessor, arguments));
    }

    @Override
    public <T> Map<K, EntryProcessorResult<T>> invokeAll(
            Set<? extends K> keys, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
        return traced("invokeAll", () -> super.invokeAll(keys, entryProcessor, arguments));
    }

    @Override
    public boolean touch(K key, Duration timeToLive) {
        return traced("touch", () -> super.touch(key, timeToLive));
    }

    @Override
    public Optional<Duration> remainingTtl(K key) {
        return traced("remainingTtl", () -> super.remainingTtl(key));
    }

    @Override
    public Optional<Versioned<V>> getVersioned(K key) {
        return traced("getVersioned", () -> super.getVersioned(key));
    }
}
