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
    private final MemberReads reads;
    private final Replica replica;
    private final long cacheId;
    private final boolean alone;
    private final Evictor evictor;
    private volatile @Nullable Source source;
    private long lastBase;

    /** Revisions of different sources differ by their base. */
    private record Source(CacheState state, CacheReader reader, long base) {}

    private static final long NEXT_BASE = 1L << 40;

    MemberReader(MemberReads reads, Replica replica, long cacheId, boolean alone, Evictor evictor) {
        this.reads = reads;
        this.replica = replica;
        this.cacheId = cacheId;
        this.alone = alone;
        this.evictor = evictor;
    }

    @Override
    public @Nullable Entry get(Bytes key, ReadLevel level) {
        RatisStateMachine from = replica.stateMachine();
        replica.checkReadable();
        Entry entry;
        if (level == ReadLevel.LINEARIZABLE && !alone) {
            // The lease first, then the entry, then whether it is settled: docs/adr/0009-read-leases.md.
            ReadLeases leases = from.leases();
            if (!leases.mayRead(cacheId, key, System.nanoTime())) {
                from = reads.passBarrier(from);
                leases = from.leases();
            }
            entry = read(from, key, level);
            if (!leases.isSettled(cacheId, key, entry == null)) {
                entry = settled(from, key);
            }
        } else {
            entry = read(level == ReadLevel.SESSION ? reads.seen(from) : from, key, level);
        }
        if (entry == null) {
            reads.checkExists(cacheId);
        } else {
            used(key);
        }
        return entry;
    }

    @Override
    public long revision(Bytes key) {
        Source now = source(replica.stateMachine().state());
        return now == null ? NO_REVISION : now.base + now.reader.revision(key);
    }

    @Override
    public boolean isAt(Bytes key, long revision, long expiresAtMillis, ReadLevel level) {
        RatisStateMachine from = replica.stateMachine();
        replica.checkReadable();
        boolean leased = level == ReadLevel.LINEARIZABLE && !alone;
        // As in get: the lease, the state, whether it is settled.
        if (leased && !from.leases().mayRead(cacheId, key, System.nanoTime())) {
            return false;
        }
        Source known = source;
        boolean same = known != null
                && known.state == from.state()
                && !reads.mayBeLate(expiresAtMillis)
                && (level != ReadLevel.SESSION || replica.hasSeen(from))
                && from.isAt(known.reader, key, revision - known.base, expiresAtMillis)
                && (!leased || from.leases().isSettled(cacheId, key, false));
        if (same) {
            used(key);
        }
        return same;
    }

    private void used(Bytes key) {
        Source known = source;
        if (known == null || known.reader.isBounded()) {
            evictor.used(cacheId, key);
        }
    }

    private @Nullable Entry settled(RatisStateMachine from, Bytes key) {
        return reads.settled(
                from,
                () -> read(from, key, ReadLevel.LINEARIZABLE),
                found -> from.leases().isSettled(cacheId, key, found == null));
    }

    private @Nullable Entry read(RatisStateMachine from, Bytes key, ReadLevel level) {
        Entry entry = stored(from, key);
        if (entry == null || !reads.mayBeLate(entry.expiresAtMillis())) {
            return entry;
        }
        if (level == ReadLevel.EVENTUAL) {
            return reads.isLate(entry.expiresAtMillis()) ? null : entry;
        }
        reads.passTime();
        return stored(from, key);
    }

    private @Nullable Entry stored(RatisStateMachine from, Bytes key) {
        Source now = source(from.state());
        return now == null ? null : from.get(now.reader, key);
    }

    private @Nullable Source source(CacheState state) {
        Source known = source;
        return known != null && known.state == state ? known : renewed(state);
    }

    private synchronized @Nullable Source renewed(CacheState state) {
        CacheReader reader = state.reader(cacheId);
        if (reader == null) {
            return null;
        }
        Source renewed = new Source(state, reader, lastBase += NEXT_BASE);
        source = renewed;
        return renewed;
    }
}
