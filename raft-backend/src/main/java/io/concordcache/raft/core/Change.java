package io.concordcache.raft.core;

import org.jspecify.annotations.Nullable;

/**
 * One change of a cache, as it follows from the log. Events, near caches and eviction feed on these.
 *
 * @param key {@link Bytes#EMPTY} when the whole cache changed ({@link Kind#CLEARED}, {@link Kind#DESTROYED})
 * @param before the live entry before, null for none or for the whole cache
 * @param after the entry after, null for none
 * @param stamp of the operation; several changes of one operation share it
 */
public record Change(
        Kind kind,
        long cacheId,
        Bytes key,
        @Nullable Entry before,
        @Nullable Entry after,
        long stamp) {

    /** Why an entry changed. */
    public enum Kind {
        CREATED,
        UPDATED,
        REMOVED,
        EXPIRED,
        EVICTED,
        /** The deadline moved; value and version stay. */
        TOUCHED,
        CLEARED,
        DESTROYED
    }
}
