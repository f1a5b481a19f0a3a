package io.concordcache.raft.core;

import org.jspecify.annotations.Nullable;

/**
 * Reads of one cache of a {@link CacheState} without a look-up of the cache: for callers that read it again and again.
 * Follows the cache when it is cleared; finds nothing once it is destroyed. For any thread.
 */
public final class CacheReader {
    private final CacheState state;
    private volatile @Nullable CacheData data;

    CacheReader(CacheState state, CacheData data) {
        this.state = state;
        this.data = data;
    }

    /** The entry of a key that has not expired by the replicated clock; null if there is none, or the cache is gone. */
    public @Nullable Entry get(Bytes key) {
        CacheData cache = data;
        if (cache == null) {
            return null;
        }
        Entry entry = cache.get(key);
        // The clock is read after the entry: an entry seen expired by one reader is seen expired by all that follow.
        while (entry != null && entry.isExpiredAt(Stamp.millis(state.lastStamp()))) {
            Entry again = cache.get(key);
            if (entry.equals(again)) {
                return null;
            }
            // It was touched or replaced in time, between our looks at the entry and at the clock.
            entry = again;
        }
        return entry;
    }

    @Nullable
    CacheData data() {
        return data;
    }

    /** For the writer's thread: the cache was emptied, or destroyed. */
    void replace(@Nullable CacheData now) {
        data = now;
    }
}
