package io.concordcache.raft.core;

import org.jspecify.annotations.Nullable;

/**
 * Reads of one cache of a {@link CacheState} without a look-up of the cache: for callers that read it again and again.
 * Follows the cache when it is cleared; finds nothing once it is destroyed. For any thread.
 */
public final class CacheReader {
    private final CacheState state;
    private final Revisions revisions;
    private final boolean bounded;
    private volatile @Nullable CacheData data;

    CacheReader(CacheState state, CacheData data, Revisions revisions) {
        this.state = state;
        this.data = data;
        this.revisions = revisions;
        this.bounded = data.info().definition().isBounded();
    }

    /** Whether the policy of an eviction wants to know what is read. */
    public boolean isBounded() {
        return bounded;
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

    /** What {@link #isAt} is told of an entry: to be taken before it is read. */
    public long revision(Bytes key) {
        return revisions.of(key);
    }

    /**
     * Whether {@link #get} would find the same entry as it did after {@code revision} was taken; false also if that is not
     * known.
     *
     * @param expiresAtMillis of that entry
     */
    public boolean isAt(Bytes key, long revision, long expiresAtMillis) {
        // The clock after the entry, as above. What was read during a change must be read again.
        return (revision & 1) == 0
                && revisions.of(key) == revision
                && (expiresAtMillis == Expiry.NEVER || expiresAtMillis > Stamp.millis(state.lastStamp()));
    }

    Revisions revisions() {
        return revisions;
    }

    @Nullable
    CacheData data() {
        return data;
    }

    /** For the writer's thread: the cache was emptied, or destroyed. */
    void replace(@Nullable CacheData now) {
        revisions.changeAll();
        data = now;
        revisions.changeAll();
    }
}
