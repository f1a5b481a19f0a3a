package io.concordcache.raft.ratis;

import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.CacheStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A client of a cluster keeps the contract of every store. */
class RemoteStoreContractIT extends CacheStoreContract {
    private static LocalCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = LocalCluster.start(3);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @Override
    protected CacheStore open() {
        return RemoteStore.connect(RemoteSettings.of("concord", cluster.members()));
    }
}
