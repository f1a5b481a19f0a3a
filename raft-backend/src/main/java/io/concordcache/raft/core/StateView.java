package io.concordcache.raft.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All of a {@link CacheMachine} as of one moment, in a defined order: sessions by last use, leases by
 * holder, transfers, caches and soft locks by id, keys as unsigned bytes. To be read by one other thread while the machine goes on; {@link #close()} ends the machine's extra
 * work.
 */
public final class StateView implements AutoCloseable {

    /** Receives a view in its order; what it has no use for it passes over. */
    public interface Visitor<X extends Exception> {
        void session(ClientId client, long acknowledged, long usedAtMillis) throws X;

        void outcomes(ClientId client, long sequence, List<List<Outcome>> outcomes) throws X;

        void lease(String holder, long millis) throws X;

        /** The parts of one transfer come in their order. */
        void transferPart(long id, int count, long deadlineMillis, Bytes content) throws X;

        void cache(CacheInfo info) throws X;

        void lock(long cacheId, Bytes key, long token, long deadlineMillis) throws X;

        /** Of a cache that is guarded; its last writes follow, in the order in which they are forgotten. */
        default void guard(long cacheId, long floor) throws X {}

        default void lastWrite(long cacheId, Bytes key, long stamp) throws X {}

        void entry(long cacheId, Bytes key, Entry entry) throws X;

        /** After all caches. */
        default void softLock(LockId id, long deadlineMillis, long ttlMillis, List<Slot> slots, List<Long> caches)
                throws X {}

        /** After all soft locks. */
        default void contended(long cacheId, Bytes key) throws X {}

        default void endedLock(LockId id, long forgetAtMillis) throws X {}
    }

    private record CacheView(
            CacheData data,
            Map<Bytes, Optional<Entry>> aside,
            SortedMap<Bytes, CacheData.Lock> locks,
            @Nullable Guard guard) {

        static CacheView of(CacheData data) {
            Guard guard = data.guardIfAny();
            return new CacheView(
                    data, data.keepAside(), new TreeMap<>(data.locks()), guard == null ? null : guard.copy());
        }

        long id() {
            return data.info().id();
        }

        Bytes[] sortedKeys() {
            // Entries first: a key that leaves while we look is kept aside before it does.
            Set<Bytes> keys = new LinkedHashSet<>(data.entries().keySet());
            keys.addAll(aside.keySet());
            Bytes[] sorted = keys.toArray(new Bytes[0]);
            Arrays.sort(sorted);
            return sorted;
        }

        @Nullable
        Entry entry(Bytes key) {
            Entry now = data.get(key);
            // Asked second: a change puts the old entry aside before it touches the map.
            Optional<Entry> then = aside.get(key);
            return then == null ? now : then.orElse(null);
        }
    }

    private final long lastStamp;
    private final Map<ClientId, Session> sessions = new LinkedHashMap<>();
    private final SortedMap<String, Long> leases;
    private final SortedMap<Long, Transfer> transfers = new TreeMap<>();
    private final List<CacheView> caches = new ArrayList<>();
    private final SortedMap<LockId, SoftLocks.Lock> softLocks;
    private final Map<LockId, Long> endedLocks;

    StateView(CacheState state) {
        lastStamp = state.lastStamp();
        state.sessions().forEach((client, session) -> sessions.put(client, session.copy()));
        leases = new TreeMap<>(state.leases());
        state.transfers().forEach((id, transfer) -> transfers.put(id, transfer.copy()));
        for (CacheData data : state.all()) {
            caches.add(CacheView.of(data));
        }
        softLocks = new TreeMap<>(state.softLocks().locks());
        endedLocks = new LinkedHashMap<>(state.softLocks().ended());
    }

    public long lastStamp() {
        return lastStamp;
    }

    public <X extends Exception> void visit(Visitor<X> visitor) throws X {
        for (Map.Entry<ClientId, Session> of : sessions.entrySet()) {
            Session session = of.getValue();
            visitor.session(of.getKey(), session.acknowledged(), session.usedAtMillis());
            for (Map.Entry<Long, List<List<Outcome>>> kept : session.outcomes().entrySet()) {
                visitor.outcomes(of.getKey(), kept.getKey(), kept.getValue());
            }
        }
        for (Map.Entry<String, Long> of : leases.entrySet()) {
            visitor.lease(of.getKey(), of.getValue());
        }
        for (Map.Entry<Long, Transfer> of : transfers.entrySet()) {
            Transfer transfer = of.getValue();
            for (Bytes part : transfer.parts()) {
                visitor.transferPart(of.getKey(), transfer.count(), transfer.deadlineMillis(), part);
            }
        }
        for (CacheView cache : caches) {
            CacheInfo info = cache.data().info();
            visitor.cache(info);
            for (Map.Entry<Bytes, CacheData.Lock> lock : cache.locks().entrySet()) {
                visitor.lock(
                        info.id(),
                        lock.getKey(),
                        lock.getValue().token(),
                        lock.getValue().deadlineMillis());
            }
            Guard guard = cache.guard();
            if (guard != null) {
                visitor.guard(info.id(), guard.floor());
                for (Map.Entry<Bytes, Long> written : guard.lastWrites().entrySet()) {
                    visitor.lastWrite(info.id(), written.getKey(), written.getValue());
                }
            }
            for (Bytes key : cache.sortedKeys()) {
                Entry entry = cache.entry(key);
                if (entry != null) {
                    visitor.entry(info.id(), key, entry);
                }
            }
        }
        visitSoftLocks(visitor);
    }

    private <X extends Exception> void visitSoftLocks(Visitor<X> visitor) throws X {
        for (Map.Entry<LockId, SoftLocks.Lock> of : softLocks.entrySet()) {
            SoftLocks.Lock lock = of.getValue();
            visitor.softLock(of.getKey(), lock.deadlineMillis(), lock.ttlMillis(), lock.slots(), lock.caches());
        }
        for (CacheView cache : caches) {
            Guard guard = cache.guard();
            if (guard != null) {
                for (Bytes key : guard.contended()) {
                    visitor.contended(cache.id(), key);
                }
            }
        }
        for (Map.Entry<LockId, Long> of : endedLocks.entrySet()) {
            visitor.endedLock(of.getKey(), of.getValue());
        }
    }

    @Override
    public void close() {
        caches.forEach(cache -> cache.data().keepNoMore());
    }
}
