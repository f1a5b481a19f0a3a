package io.concordcache.raft.ratis;

import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.store.CacheUse;
import io.concordcache.raft.store.CacheUses;
import io.concordcache.raft.store.StoreMetrics.CacheMetrics;
import io.concordcache.raft.store.StoreMetrics.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What a member counts: what the log did to each cache, on the thread that applies it, what clients read here, and who led.
 * Reads of this JVM are not counted here, for they cost less than counting them would.
 */
final class Meters {
    private static final class Counts {
        private final LongAdder hits = new LongAdder();
        private final LongAdder misses = new LongAdder();
        private final AtomicLong puts = new AtomicLong();
        private final AtomicLong removals = new AtomicLong();
        private final AtomicLong evictions = new AtomicLong();
        private final AtomicLong expirations = new AtomicLong();

        /** Only the thread that applies the log counts so. */
        private static void one(AtomicLong more) {
            more.lazySet(more.get() + 1);
        }

        void count(Change.Kind kind) {
            switch (kind) {
                case CREATED, UPDATED -> one(puts);
                case REMOVED -> one(removals);
                case EVICTED -> one(evictions);
                case EXPIRED -> one(expirations);
                case TOUCHED, CLEARED, DESTROYED -> {}
            }
        }

        Stored with(long entries, long bytes) {
            return new Stored(
                    entries,
                    bytes,
                    hits.sum(),
                    misses.sum(),
                    puts.get(),
                    removals.get(),
                    evictions.get(),
                    expirations.get());
        }
    }

    private final Map<Long, Counts> caches = new ConcurrentHashMap<>();
    private final CacheUses uses = new CacheUses();
    private final AtomicLong elections = new AtomicLong();
    private volatile long leaderSince = System.nanoTime();
    /** Since when this replica is known to be behind, 0 while it is not. */
    private long behindSince;

    CacheUses uses() {
        return uses;
    }

    private Counts of(long cacheId) {
        return caches.computeIfAbsent(cacheId, unknown -> new Counts());
    }

    /** What an entry of the log did. */
    void applied(List<Change> changes) {
        long id = -1;
        Counts counts = null;
        for (Change change : changes) {
            if (counts == null || change.cacheId() != id) {
                id = change.cacheId();
                counts = of(id);
            }
            counts.count(change.kind());
            if (change.kind() == Change.Kind.DESTROYED) {
                caches.remove(id);
                counts = null;
            }
        }
    }

    /** Answers to clients that read a cache here. */
    void served(long cacheId, List<? extends @Nullable Object> found) {
        Counts counts = of(cacheId);
        long hits = found.stream().filter(each -> each != null).count();
        counts.hits.add(hits);
        counts.misses.add(found.size() - hits);
    }

    void leaderChanged() {
        elections.incrementAndGet();
        leaderSince = System.nanoTime();
    }

    long elections() {
        return elections.get();
    }

    long leaderMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - leaderSince);
    }

    /**
     * For how long this replica may have missed something, as far as those who ask have seen it.
     *
     * @param silentMillis since the leader was heard last
     */
    synchronized long lagMillis(boolean current, long silentMillis) {
        if (current) {
            behindSince = 0;
            return silentMillis;
        }
        long now = System.nanoTime();
        if (behindSince == 0) {
            behindSince = now;
        }
        return Math.max(silentMillis, TimeUnit.NANOSECONDS.toMillis(now - behindSince));
    }

    List<CacheMetrics> caches(CacheState state) {
        Map<String, CacheUse> used = uses.now();
        List<CacheMetrics> all = new ArrayList<>();
        for (CacheInfo info : state.caches()) {
            String name = info.definition().name();
            Stored stored = of(info.id()).with(state.size(info.id()), state.bytes(info.id()));
            all.add(new CacheMetrics(name, stored, used.getOrDefault(name, CacheUse.NONE)));
        }
        return all;
    }
}
