package io.concordcache.annotations;

import javax.cache.CacheManager;

/** Where the objects come from that annotations name by class: from a container, or by their constructors. Thread-safe. */
public interface Components {
    /**
     * An object of the class, to be kept.
     *
     * @throws javax.cache.CacheException if there is none; the message says why
     */
    <T> T get(Class<T> type);

    /** The manager of the caches that are found by name; asked once a name is needed. Does not belong to the caller. */
    CacheManager cacheManager();
}
