package io.concordcache.faults;

import io.concordcache.jcache.ConcordConfiguration;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StoreHolder;
import io.concordcache.raft.store.StoreUnavailableException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import javax.cache.Cache;
import javax.cache.CacheManager;
import org.jspecify.annotations.Nullable;

/** The caches of a run by name, as one process knows them: made by whoever needs them first, and watched. */
final class Caches {
    /**
     * A cache and who listens to it.
     *
     * @param jcache null of those that only the store knows
     */
    record Open(
            long id,
            Watch watch,
            CacheStore.Subscription subscription,
            @Nullable Cache<String, String> jcache) {}

    private final CacheManager manager;
    private final CacheStore store;
    private final Map<String, Open> open = new ConcurrentHashMap<>();

    Caches(CacheManager manager) {
        this.manager = manager;
        this.store = ((StoreHolder) manager).store();
    }

    CacheStore store() {
        return store;
    }

    /** The id of a cache; asks the store the first time, and throws what it throws. */
    long id(String name) {
        Open known = open.get(name);
        return known == null ? open(name, false).id : known.id;
    }

    /** A cache by the JCache API; throws what that throws, or the store. */
    Cache<String, String> jcache(String name) {
        Open known = open.get(name);
        return (known == null ? open(name, true) : known).jcache;
    }

    private synchronized Open open(String name, boolean byApi) {
        Open known = open.get(name);
        if (known != null) {
            return known;
        }
        long id;
        Cache<String, String> jcache = null;
        if (byApi) {
            jcache = manager.getCache(name, String.class, String.class);
            if (jcache == null) {
                jcache = manager.createCache(
                        name,
                        ConcordConfiguration.builder(String.class, String.class)
                                .unbounded()
                                .build());
            }
            CacheInfo info = store.cache(name);
            if (info == null) {
                throw new StoreUnavailableException("the cache " + name + " was created, but is not there");
            }
            id = info.id();
        } else {
            Outcome created = store.execute(new Command.CreateCache(CacheDefinition.named(name)));
            id = created.held() ? created.afterVersion() : created.beforeVersion();
        }
        Watch watch = new Watch(name);
        Open opened = new Open(id, watch, store.subscribe(id, watch), jcache);
        open.put(name, opened);
        return opened;
    }

    Map<String, Open> all() {
        return new TreeMap<>(open);
    }

    /** Stops to watch a cache, and forgets it. */
    synchronized void forget(String name) {
        Open known = open.remove(name);
        if (known != null) {
            known.subscription.close();
            if (known.jcache != null) {
                known.jcache.close();
            }
        }
    }
}
