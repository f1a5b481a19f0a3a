package io.concordcache.raft.store;

/**
 * What a user of a cache in this JVM has counted for itself; each falls to 0 when the user clears its statistics.
 *
 * @param hits reads that found an entry
 * @param misses reads that found none
 * @param nearHits values that were decoded already
 * @param copyHits reads that a client answered by itself, without a message
 */
public record CacheUse(long hits, long misses, long nearHits, long copyHits) {
    /** Of nobody. */
    public static final CacheUse NONE = new CacheUse(0, 0, 0, 0);

    CacheUse plus(CacheUse other) {
        return new CacheUse(
                hits + other.hits, misses + other.misses, nearHits + other.nearHits, copyHits + other.copyHits);
    }
}
