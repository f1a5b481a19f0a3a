package io.concordcache.raft.ratis;

import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ClusterAdmin;

/** The caches of a cluster whose members run elsewhere. */
public abstract class RemoteStore implements CacheStore, ClusterAdmin {
    /**
     * Connects to a cluster and waits until it serves.
     *
     * @throws io.concordcache.raft.store.StartException if no server answers in time, or they are of another cluster
     */
    public static RemoteStore connect(RemoteSettings settings) {
        return java.util.Optional.<RemoteStore>empty().orElseThrow();
    }
}
