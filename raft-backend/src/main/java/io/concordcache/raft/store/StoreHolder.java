package io.concordcache.raft.store;

/** Whoever runs a store and lends it to others in this JVM, as a cache manager does. */
public interface StoreHolder {
    /**
     * The running store. It ends with its holder; whoever borrows it does not close it. Does not block.
     *
     * @throws IllegalStateException if the holder is closed
     */
    CacheStore store();
}
