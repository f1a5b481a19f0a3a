package io.concordcache.raft.store;

import io.concordcache.raft.core.Change;

/** Hears of the changes of one cache in log order, each once. */
@FunctionalInterface
public interface ChangeListener {
    void changed(Change change);

    /**
     * Changes were missed before the next one: this node fell so far behind that it took over a whole snapshot, or lost
     * its connection. Whoever keeps copies drops them.
     */
    default void missed() {}
}
