package io.concordcache.raft.core;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The replicated state machine: applies log entries in order. Deterministic; for one thread, but for the reading methods
 * of its {@link #state()}.
 */
public final class CacheMachine {
    /**
     * A client that is idle for so long, by the replicated clock, is forgotten with its outcomes. However far that clock
     * jumps, no entry is applied twice: those of a forgotten client are not applied at all.
     */
    static final long SESSION_IDLE_MILLIS = 3_600_000;

    /** So many expired entries are removed with one log entry; to readers and writers all are gone at once. */
    static final int EXPIRED_PER_LOG_ENTRY = 10_000;

    private final CacheState state;

    /** An empty machine that reads commands which came in parts by {@code reader}. */
    public CacheMachine(CommandReader reader) {
        state = new CacheState(reader);
    }

    public CacheState state() {
        return state;
    }

    /** Applies one entry; never throws for what a client asked. */
    public Applied apply(LogEntry entry) {
        List<Change> changes = new ArrayList<>();
        tick(entry.leaderMillis(), changes);
        long now = Stamp.millis(state.lastStamp());
        forgetIdle(now);

        if (entry.client().equals(ClientId.NONE)) {
            return new Applied(Applied.Result.APPLIED, run(entry, changes), changes);
        }
        Session session = state.sessions().get(entry.client());
        if (session == null) {
            return new Applied(Applied.Result.CLIENT_UNKNOWN, List.of(), changes);
        }
        if (entry.sequence() <= session.acknowledged()) {
            return new Applied(Applied.Result.FORGOTTEN, List.of(), changes);
        }
        List<List<Outcome>> known = session.recall(entry.sequence());
        if (known != null) {
            return new Applied(Applied.Result.REPEATED, known, changes);
        }
        session.used(entry.acknowledged(), now);
        List<List<Outcome>> outcomes = run(entry, changes);
        session.remember(entry.sequence(), outcomes);
        return new Applied(Applied.Result.APPLIED, outcomes, changes);
    }

    private List<List<Outcome>> run(LogEntry entry, List<Change> changes) {
        List<List<Outcome>> outcomes = new ArrayList<>(entry.commands().size());
        for (Command command : entry.commands()) {
            long stamp = Stamp.next(state.lastStamp(), entry.leaderMillis());
            state.advance(stamp);
            outcomes.add(command.applyTo(state, stamp, changes));
        }
        return outcomes;
    }

    private void tick(long leaderMillis, List<Change> changes) {
        long stamp = Stamp.next(state.lastStamp(), leaderMillis);
        state.advance(stamp);
        state.expireDue(stamp, EXPIRED_PER_LOG_ENTRY, changes);
    }

    private void forgetIdle(long now) {
        Iterator<Session> oldestFirst = state.sessions().values().iterator();
        while (oldestFirst.hasNext() && oldestFirst.next().usedAtMillis() <= now - SESSION_IDLE_MILLIS) {
            oldestFirst.remove();
        }
    }

    /**
     * A view of this moment, to be written as a snapshot by another thread while this one goes on. One at a time; called
     * between two entries.
     */
    public StateView view() {
        return new StateView(state);
    }

    /** Starts to fill an empty machine from a snapshot. */
    public Restore restore(long lastStamp) {
        state.advance(lastStamp);
        return new Restore();
    }

    /** Fills a machine in the order of {@link StateView}. */
    public final class Restore implements StateView.Visitor<RuntimeException> {
        private Restore() {}

        @Override
        public void session(ClientId client, long acknowledged, long usedAtMillis) {
            state.sessions().put(client, new Session(acknowledged, usedAtMillis));
        }

        @Override
        public void outcomes(ClientId client, long sequence, List<List<Outcome>> outcomes) {
            Session session = state.sessions().get(client);
            if (session == null) {
                throw new IllegalStateException("the snapshot names a client before it introduces it: " + client);
            }
            session.remember(sequence, outcomes);
        }

        @Override
        public void lease(String holder, long millis) {
            state.leases().put(holder, millis);
        }

        @Override
        public void transferPart(long id, int count, long deadlineMillis, Bytes content) {
            state.transfers()
                    .computeIfAbsent(id, unknown -> new Transfer(count, deadlineMillis))
                    .add(content);
        }

        @Override
        public void cache(CacheInfo info) {
            state.restore(info);
        }

        @Override
        public void lock(long cacheId, Bytes key, long token, long deadlineMillis) {
            existing(cacheId).locks().put(key, new CacheData.Lock(token, deadlineMillis));
        }

        @Override
        public void guard(long cacheId, long floor) {
            existing(cacheId).guardedBy(new Guard(floor));
        }

        @Override
        public void lastWrite(long cacheId, Bytes key, long stamp) {
            existing(cacheId).guard().write(key, stamp);
        }

        @Override
        public void entry(long cacheId, Bytes key, Entry entry) {
            existing(cacheId).restore(key, entry);
        }

        @Override
        public void softLock(LockId id, long deadlineMillis, long ttlMillis, List<Slot> slots, List<Long> caches) {
            state.restore(id, new SoftLocks.Lock(deadlineMillis, ttlMillis, slots, caches));
        }

        @Override
        public void contended(long cacheId, Bytes key) {
            existing(cacheId).guard().contend(key);
        }

        @Override
        public void endedLock(LockId id, long forgetAtMillis) {
            state.softLocks().restoreEnded(id, forgetAtMillis);
        }

        private CacheData existing(long cacheId) {
            CacheData data = state.data(cacheId);
            if (data == null) {
                throw new IllegalStateException("the snapshot names a cache before it defines it: " + cacheId);
            }
            return data;
        }
    }
}
