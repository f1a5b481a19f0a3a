package io.concordcache.faults;

import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The caches of a run by name, as one process knows them: made by whoever needs them first, and watched. */
final class Caches {
    /** A cache and who listens to it. */
    record Open(long id, Watch watch, CacheStore.Subscription subscription) {}

    private final CacheStore store;
    private final Map<String, Open> open = new ConcurrentHashMap<>();

    Caches(CacheStore store) {
        this.store = store;
    }

    /** The id of a cache; asks the store the first time, and throws what it throws. */
    long id(String name) {
        Open known = open.get(name);
        return known == null ? open(name) : known.id;
    }

    private synchronized long open(String name) {
        Open known = open.get(name);
        if (known != null) {
            return known.id;
        }
        Outcome created = store.execute(new Command.CreateCache(CacheDefinition.named(name)));
        long id = created.held() ? created.afterVersion() : created.beforeVersion();
        Watch watch = new Watch(name);
        open.put(name, new Open(id, watch, store.subscribe(id, watch)));
        return id;
    }

    Map<String, Open> all() {
        return new TreeMap<>(open);
    }

    /** Stops to watch a cache, and forgets it. */
    synchronized void forget(String name) {
        Open known = open.remove(name);
        if (known != null) {
            known.subscription.close();
        }
    }
}
