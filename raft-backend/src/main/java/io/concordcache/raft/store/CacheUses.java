package io.concordcache.raft.store;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** The users of a store's caches that count what they do, by the name of the cache. Thread-safe. */
public final class CacheUses {
    /** Equal to itself alone: two users may count by the same supplier. */
    private static final class User {
        private final String cache;
        private final Supplier<CacheUse> counts;

        User(String cache, Supplier<CacheUse> counts) {
            this.cache = cache;
            this.counts = counts;
        }
    }

    private final List<User> users = new CopyOnWriteArrayList<>();

    /** Adds a user; {@code counts} is asked by any thread and must not block. */
    public CacheStore.Subscription add(String cache, Supplier<CacheUse> counts) {
        User user = new User(cache, counts);
        users.add(user);
        return () -> users.remove(user);
    }

    /** What the users of each cache have counted, together. */
    public Map<String, CacheUse> now() {
        Map<String, CacheUse> sums = new TreeMap<>();
        users.forEach(user -> sums.merge(user.cache, user.counts.get(), CacheUse::plus));
        return sums;
    }
}
