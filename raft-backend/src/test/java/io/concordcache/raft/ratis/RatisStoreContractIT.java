package io.concordcache.raft.ratis;

import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.CacheStoreContract;

/** The embedded member keeps the contract of every store. */
class RatisStoreContractIT extends CacheStoreContract {
    @Override
    protected CacheStore open() {
        return RatisStore.start(RatisSettings.memory());
    }
}
