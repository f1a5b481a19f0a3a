package io.concordcache.raft.ratis;

import io.concordcache.raft.store.CacheStore;
import java.time.Duration;

/** How this JVM takes part: as a member, alone or in a cluster, or as a client of one. */
public sealed interface StoreSettings permits RatisSettings, RemoteSettings {
    String clusterName();

    Duration operationTimeout();

    /** Largest marshalled value. */
    int maxValueBytes();

    /**
     * Starts the member, or connects to the servers, and waits until the store serves.
     *
     * @throws io.concordcache.raft.store.StartException if it cannot; the message says why and what to do
     */
    CacheStore open();
}
