package io.concordcache.raft.core;

/**
 * A cache that exists.
 *
 * @param id the stamp of its creation: a cache destroyed and created again has another one
 */
public record CacheInfo(long id, CacheDefinition definition) {}
