package io.concordcache.raft.store;

import io.concordcache.raft.core.Change;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The listeners of a store by cache. Thread-safe; changes are published by one thread. */
public final class Subscriptions {
    private final Map<Long, List<Consumer<Change>>> listeners = new ConcurrentHashMap<>();

    /** Adds a listener for the changes of one cache. */
    public CacheStore.Subscription add(long cacheId, Consumer<Change> listener) {
        listeners.compute(cacheId, (id, known) -> {
            List<Consumer<Change>> of = known == null ? new CopyOnWriteArrayList<>() : known;
            of.add(listener);
            return of;
        });
        return () -> listeners.computeIfPresent(cacheId, (id, of) -> {
            of.remove(listener);
            return of.isEmpty() ? null : of;
        });
    }

    /** Hands each change to the listeners of its cache, in order. */
    public void publish(List<Change> changes) {
        if (listeners.isEmpty()) {
            return;
        }
        for (Change change : changes) {
            for (Consumer<Change> listener : listeners.getOrDefault(change.cacheId(), List.of())) {
                listener.accept(change);
            }
        }
    }
}
