package io.concordcache.jcache;

/**
 * A value with its version, for {@link ConcordCache#replace(Object, long, Object)}.
 *
 * @param version changes with every change of the value and is never used again
 */
public record Versioned<V>(V value, long version) {}
