package io.concordcache.raft.core;

/** What somebody may do with a cache. None includes another. */
public enum Role {
    /** See its entries and hear of their changes. */
    READ,
    /** Change its entries. */
    WRITE,
    /** Create and destroy it; for all caches: administer the cluster, too. */
    ADMIN
}
