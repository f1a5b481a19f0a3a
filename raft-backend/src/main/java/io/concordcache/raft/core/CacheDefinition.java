package io.concordcache.raft.core;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What all replicas know of a cache.
 *
 * @param name unique among the caches that exist
 * @param expiry the standard expiry policy, {@link ExpiryRule#ETERNAL} when expiry is decided by the callers
 * @param maxEntries bound on the number of entries, {@link #UNBOUNDED} for none
 * @param maxBytes bound on the bytes of keys and values together, {@link #UNBOUNDED} for none
 * @param attributes what callers must agree on, opaque here (key type, value type, …)
 */
public record CacheDefinition(
        String name, ExpiryRule expiry, long maxEntries, long maxBytes, SortedMap<String, String> attributes) {
    public static final long UNBOUNDED = Long.MAX_VALUE;

    public CacheDefinition {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a cache needs a name");
        }
        if (maxEntries < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "the bounds of a cache must be positive: " + maxEntries + " entries, " + maxBytes + " bytes");
        }
        attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    }

    /** A cache without expiry, bounds or attributes. */
    public static CacheDefinition named(String name) {
        return new CacheDefinition(name, ExpiryRule.ETERNAL, UNBOUNDED, UNBOUNDED, new TreeMap<>());
    }

    public boolean isBounded() {
        return maxEntries != UNBOUNDED || maxBytes != UNBOUNDED;
    }
}
