package io.concordcache.jcache;

/**
 * What a near cache saved, since statistics were enabled or cleared.
 *
 * @param hits values that were decoded already; whether they are current was asked of the store first
 * @param misses values that had to be decoded: new ones, changed ones, and those that must not be shared
 * @param copyHits reads that a client answered by itself, without a message; counted since the cache was opened, statistics
 *     or not
 * @param entries keys of which something is kept now
 */
public record NearCacheStatistics(long hits, long misses, long copyHits, long entries) {}
