package io.concordcache.annotations;

/** The counts of one method since it was called first, in the domain {@code io.concordcache.annotations}. */
public interface MethodStatisticsMXBean {
    /** {@code package.Class.method(package.Type)}. */
    String getMethod();

    /** The name of its cache. */
    String getCacheName();

    /** Calls answered by the cache, by cached exceptions too. */
    long getHits();

    /** Calls of {@code @CacheResult} not answered by the cache. */
    long getMisses();

    /** What was put. */
    long getPuts();

    /** Removals, one also for all entries at once. */
    long getRemovals();

    /** Results that were null, and so not cached. */
    long getNullResults();

    /** Failures of a cache. */
    long getErrors();
}
