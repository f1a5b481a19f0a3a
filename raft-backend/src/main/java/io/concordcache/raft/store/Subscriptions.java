package io.concordcache.raft.store;

import io.concordcache.raft.core.Change;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The listeners of a store by cache. Thread-safe; changes are published by one thread. */
public final class Subscriptions {
    /** Tells apart two subscriptions of one listener. */
    private static final class Listener {
        private final ChangeListener hearer;

        Listener(ChangeListener hearer) {
            this.hearer = hearer;
        }
    }

    private final Map<Long, List<Listener>> listeners = new ConcurrentHashMap<>();

    /** Adds a listener for the changes of one cache. */
    public CacheStore.Subscription add(long cacheId, ChangeListener hearer) {
        Listener listener = new Listener(hearer);
        listeners.compute(cacheId, (id, known) -> {
            List<Listener> of = known == null ? new CopyOnWriteArrayList<>() : known;
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
            for (Listener listener : listeners.getOrDefault(change.cacheId(), List.of())) {
                listener.hearer.changed(change);
            }
        }
    }

    /** Tells all listeners that they missed something. */
    public void publishMissed() {
        listeners.values().forEach(of -> of.forEach(listener -> listener.hearer.missed()));
    }
}
