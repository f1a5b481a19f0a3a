package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheReader;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.lease.ReadLeases;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.ReadLevel;
import org.jspecify.annotations.Nullable;

/**
 * Reads of one cache at a member: the one path on which single keys are read there. What it remembers of the state is
 * looked up anew when the member took over a snapshot or was started again.
 */
final class MemberReader implements EntryReader {
    private final RatisStore store;
    private final long cacheId;
    private final boolean alone;
    private final Evictor evictor;
    private volatile @Nullable Source source;

    private record Source(CacheState state, CacheReader reader) {}

    MemberReader(RatisStore store, long cacheId, boolean alone, Evictor evictor) {
        this.store = store;
        this.cacheId = cacheId;
        this.alone = alone;
        this.evictor = evictor;
    }

    @Override
    public @Nullable Entry get(Bytes key, ReadLevel level) {
        RatisStateMachine from = store.stateMachine();
        store.checkReadable();
        Entry entry;
        if (level == ReadLevel.LINEARIZABLE && !alone) {
            // The lease first, then the entry, then whether it is settled: docs/adr/0009-read-leases.md.
            ReadLeases leases = from.leases();
            if (!leases.mayRead(cacheId, key, System.nanoTime())) {
                from = store.passBarrier(from);
                leases = from.leases();
            }
            entry = read(from, key, level);
            if (!leases.isSettled(cacheId, key, entry == null)) {
                entry = settled(from, key);
            }
        } else {
            entry = read(from, key, level);
        }
        if (entry == null) {
            store.checkExists(cacheId);
        } else {
            evictor.used(cacheId, key);
        }
        return entry;
    }

    private @Nullable Entry settled(RatisStateMachine from, Bytes key) {
        return store.settled(
                from,
                () -> read(from, key, ReadLevel.LINEARIZABLE),
                found -> from.leases().isSettled(cacheId, key, found == null));
    }

    private @Nullable Entry read(RatisStateMachine from, Bytes key, ReadLevel level) {
        Entry entry = stored(from, key);
        if (entry == null || !store.isLate(entry)) {
            return entry;
        }
        if (level == ReadLevel.EVENTUAL) {
            return null;
        }
        store.passTime();
        return stored(from, key);
    }

    private @Nullable Entry stored(RatisStateMachine from, Bytes key) {
        CacheState state = from.state();
        Source known = source;
        if (known == null || known.state != state) {
            CacheReader reader = state.reader(cacheId);
            if (reader == null) {
                return null;
            }
            known = new Source(state, reader);
            source = known;
        }
        return from.get(known.reader, key);
    }
}
