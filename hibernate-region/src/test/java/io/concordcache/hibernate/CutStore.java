package io.concordcache.hibernate;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StoreUnavailableException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A store that is not reached while the way to it is cut. */
final class CutStore extends ForwardingStore {
    private final AtomicLong asked = new AtomicLong();
    private volatile boolean cut;

    CutStore(CacheStore store) {
        super(store);
    }

    void cut() {
        cut = true;
    }

    void mend() {
        cut = false;
    }

    /** How many calls there were. */
    long asked() {
        return asked.get();
    }

    @Override
    void beforeCall() {
        asked.incrementAndGet();
        if (cut) {
            throw new StoreUnavailableException("no majority answers");
        }
    }

    @Override
    public CompletableFuture<List<Outcome>> submit(Command command) {
        try {
            return super.submit(command);
        } catch (StoreUnavailableException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public long lastStamp() {
        return cut ? lastSeen : (lastSeen = super.lastStamp());
    }

    private volatile long lastSeen;
}
