package io.concordcache.benchmarks.member;

import java.util.Map;
import javax.cache.Cache;
import org.jspecify.annotations.Nullable;

/** A JCache; only systems that are one need JCache on their class path. */
public final class JCacheEntries implements Entries {
    private final Cache<String, Object> cache;

    /** The types of the cache do not matter, its values are of one type. */
    @SuppressWarnings("unchecked")
    public JCacheEntries(Cache<String, ?> cache) {
        this.cache = (Cache<String, Object>) cache;
    }

    @Override
    public @Nullable Object get(String key) {
        return cache.get(key);
    }

    @Override
    public void put(String key, Object value) {
        cache.put(key, value);
    }

    @Override
    public void putAll(Map<String, Object> entries) {
        cache.putAll(entries);
    }
}
