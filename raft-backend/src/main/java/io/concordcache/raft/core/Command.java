package io.concordcache.raft.core;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One replicated command: data, never code.
 *
 * <p>Cache operations are condition × mutation, so that the shapes in the log do not follow the many methods of an API.
 * A command never throws for a business case: what happened is its {@link Outcome}.
 */
public sealed interface Command {

    /** Applies this command; one outcome for each key it names, one in all if it names none. */
    List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes);

    /** Whether readers must not see this command half applied. */
    default boolean isAtomicOverKeys() {
        return false;
    }

    /** Tells what its sender must be allowed to do. */
    void needs(Needs needs);

    /** Told which keys and caches a command may change when it is applied. */
    interface Touched {
        void key(long cacheId, Bytes key);

        void cache(long cacheId);
    }

    /** Tells what this command may change, each once or more often; of a {@link Part} nothing is known. */
    default void touches(Touched touched) {
        // most of the rest change no entry
    }

    /** Which value of the past a write brings back. */
    enum Returning {
        NOTHING,
        VALUE_BEFORE
    }

    /**
     * One key of one cache.
     *
     * @param lock the token of a held {@link LockKey}, which a write that is held gives back; 0 for none
     */
    record Write(long cacheId, Bytes key, Condition when, Mutation then, Returning returning, long lock)
            implements Command {
        public Write(long cacheId, Bytes key, Condition when, Mutation then) {
            this(cacheId, key, when, then, Returning.NOTHING, 0);
        }

        @Override
        public void needs(Needs needs) {
            boolean extendsLife =
                    then instanceof Mutation.Touch touch && touch.expiry().equals(Expiry.BY_RULE);
            needs.role(extendsLife ? Role.READ : Role.WRITE, cacheId); // whoever reads touches
            if (returning == Returning.VALUE_BEFORE) {
                needs.role(Role.READ, cacheId);
            }
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            CacheData cache = state.data(cacheId);
            return List.of(cache == null ? Outcome.NO_CACHE : cache.write(this, stamp, changes));
        }

        @Override
        public void touches(Touched touched) {
            touched.key(cacheId, key);
        }
    }

    /**
     * Several keys of one cache, each named once and with its own condition, seen by readers all or none. Nothing if a key
     * is locked. (Twice the same key would be two values of one version.)
     */
    record Batch(long cacheId, List<Write> writes) implements Command {
        public Batch {
            writes = List.copyOf(writes);
            Set<Bytes> keys = new HashSet<>(writes.size() * 2);
            for (Write write : writes) {
                if (!keys.add(write.key())) {
                    throw new IllegalArgumentException("a batch names a key once: " + write.key());
                }
                if (write.cacheId() != cacheId) {
                    throw new IllegalArgumentException("a batch writes to one cache only");
                }
            }
        }

        @Override
        public void needs(Needs needs) {
            if (writes.isEmpty()) {
                needs.role(Role.WRITE, cacheId);
            }
            writes.forEach(write -> write.needs(needs));
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            CacheData cache = state.data(cacheId);
            if (cache == null) {
                return Collections.nCopies(writes.size(), Outcome.NO_CACHE);
            }
            for (Write write : writes) {
                if (cache.isLockedAgainst(write, stamp)) {
                    return Collections.nCopies(writes.size(), new Outcome(Outcome.Status.LOCKED, 0, null, 0));
                }
            }
            return writes.stream()
                    .map(write -> cache.write(write, stamp, changes))
                    .toList();
        }

        @Override
        public boolean isAtomicOverKeys() {
            return writes.size() > 1;
        }

        @Override
        public void touches(Touched touched) {
            writes.forEach(write -> touched.key(cacheId, write.key()));
        }
    }

    /**
     * Drops all entries of a cache without a change for each (JSR-107 {@code Cache.clear}). What transactions that began
     * before have loaded does not get in any more: see {@link PutFromLoad}.
     */
    record Clear(long cacheId) implements Command {
        @Override
        public void needs(Needs needs) {
            needs.role(Role.WRITE, cacheId);
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            return List.of(state.clear(cacheId, stamp, changes));
        }

        @Override
        public void touches(Touched touched) {
            touched.cache(cacheId);
        }
    }

    /** Held if the name was free; else failed, and {@code beforeVersion} is the id of the cache that has it. */
    record CreateCache(CacheDefinition definition) implements Command {
        @Override
        public void needs(Needs needs) {
            needs.role(Role.ADMIN, definition.name());
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            return List.of(state.create(definition, stamp));
        }
    }

    /** Ends a cache with all that is in it. */
    record DestroyCache(long cacheId) implements Command {
        @Override
        public void needs(Needs needs) {
            needs.role(Role.ADMIN, cacheId);
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            return List.of(state.destroy(cacheId, stamp, changes));
        }

        @Override
        public void touches(Touched touched) {
            touched.cache(cacheId);
        }
    }

    /** Nothing but the passing of time: what is due expires. */
    record Tick() implements Command {
        @Override
        public void needs(Needs needs) {
            needs.anyRole();
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            return List.of(new Outcome(Outcome.Status.HELD, 0, null, 0));
        }
    }

    /**
     * Takes the lock of a key for a bounded time, so that a caller who kept losing optimistic rounds makes progress. While
     * it is held, other callers' writes of the key come to nothing with {@link Outcome.Status#LOCKED}; reads, expiry,
     * eviction, clear and destroy go on. The outcome brings the value along.
     *
     * @param ttlMillis time until the lock ends by itself, in milliseconds of the replicated clock
     */
    record LockKey(long cacheId, Bytes key, long ttlMillis) implements Command {
        public LockKey {
            if (ttlMillis < 0) {
                throw new IllegalArgumentException("a lock cannot be held for " + ttlMillis + " ms");
            }
        }

        @Override
        public void needs(Needs needs) {
            needs.role(Role.WRITE, cacheId);
            needs.role(Role.READ, cacheId); // the outcome brings the value
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            CacheData cache = state.data(cacheId);
            return List.of(cache == null ? Outcome.NO_CACHE : cache.lock(key, ttlMillis, stamp, changes));
        }
    }

    /** Gives a lock back; failed if it is not held with this token any more. */
    record UnlockKey(long cacheId, Bytes key, long lock) implements Command {
        @Override
        public void needs(Needs needs) {
            needs.role(Role.WRITE, cacheId);
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            CacheData cache = state.data(cacheId);
            return List.of(cache == null ? Outcome.NO_CACHE : cache.unlock(key, lock, stamp));
        }
    }

    /**
     * Opens a session, whose id is its {@code afterVersion}: see {@link ClientId#of} (Raft dissertation, 6.3). Applied
     * twice it opens two; the one that nobody uses is forgotten like any that is idle.
     */
    record Register() implements Command {
        @Override
        public void needs(Needs needs) {
            needs.anyRole();
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            return List.of(state.register(stamp));
        }
    }

    /**
     * A member may answer reads from its own replica for a while from when it sent this; others wait for it meanwhile.
     *
     * @param holder id of the member
     * @param nonce chosen by the holder, so that it knows its own command when it applies it
     * @param millis how long, in elapsed time; 0 gives the lease back
     */
    record RenewLease(String holder, long nonce, long millis) implements Command {
        public RenewLease {
            if (millis < 0) {
                throw new IllegalArgumentException("a lease cannot last " + millis + " ms");
            }
        }

        @Override
        public void needs(Needs needs) {
            needs.membership();
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            return List.of(state.lease(holder, millis));
        }
    }

    /**
     * Hides what a transaction is about to change in a database, until its {@link SoftUnlock}: the entries of the slots go,
     * those of the caches too, and nothing is loaded there meanwhile. Others may lock the same; none of them is kept out,
     * for it is the database that decides between them. To be applied before the database commits.
     *
     * <p>Locks of the same name add up, and each begins the time anew. Held with the stamp as {@code afterVersion}; failed
     * if the lock of this name ended, and its owner must not commit; no cache, and nothing done, if one of them is none.
     *
     * @param ttlMillis time until the lock ends by itself, in milliseconds of the replicated clock
     * @param slots what is to be changed, key by key
     * @param caches ids of caches that are to be changed as a whole
     */
    record SoftLock(LockId id, long ttlMillis, List<Slot> slots, List<Long> caches) implements Command {
        public SoftLock {
            slots = List.copyOf(slots);
            caches = List.copyOf(caches);
            if (ttlMillis < 0) {
                throw new IllegalArgumentException("a lock cannot be held for " + ttlMillis + " ms");
            }
        }

        @Override
        public void needs(Needs needs) {
            needs.anyRole();
            slots.forEach(slot -> needs.role(Role.WRITE, slot.cacheId()));
            caches.forEach(cacheId -> needs.role(Role.WRITE, cacheId));
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            return List.of(state.softLock(this, stamp, changes));
        }

        @Override
        public boolean isAtomicOverKeys() {
            return slots.size() > 1 || !caches.isEmpty();
        }

        @Override
        public void touches(Touched touched) {
            slots.forEach(slot -> touched.key(slot.cacheId(), slot.key()));
            caches.forEach(touched::cache);
        }
    }

    /**
     * Ends a {@link SoftLock} after the database has committed, or rolled back. Failed if there is no such lock, and then
     * there will be none: applied twice it does nothing the second time.
     *
     * @param fills new values; each is stored if the transaction is sure that nobody else changed the key since it was
     *     locked, else the key stays empty
     * @param marks slots that get an empty value whose version is the stamp of this, once nobody holds them: when a query
     *     space was changed last. Like the fills, they must be locked. A slot is named once: twice would be two values of
     *     one version
     */
    record SoftUnlock(LockId id, List<Fill> fills, List<Slot> marks) implements Command {
        public SoftUnlock {
            fills = List.copyOf(fills);
            marks = List.copyOf(marks);
            Set<Slot> slots = new HashSet<>(marks);
            fills.forEach(fill -> slots.add(fill.slot()));
            if (slots.size() < fills.size() + marks.size()) {
                throw new IllegalArgumentException("an unlock names a slot once: " + id);
            }
        }

        @Override
        public void needs(Needs needs) {
            needs.anyRole(); // else the name of the lock, which only its owner knows, is enough
            fills.forEach(fill -> needs.role(Role.WRITE, fill.slot().cacheId()));
            marks.forEach(mark -> needs.role(Role.WRITE, mark.cacheId()));
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            return List.of(state.softUnlock(this, stamp, changes));
        }

        @Override
        public boolean isAtomicOverKeys() {
            return fills.size() + marks.size() > 1;
        }

        @Override
        public void touches(Touched touched) {
            fills.forEach(fill -> touched.key(fill.slot().cacheId(), fill.slot().key()));
            marks.forEach(mark -> touched.key(mark.cacheId(), mark.key()));
        }
    }

    /** The new value of a slot. */
    record Fill(Slot slot, Bytes value) {}

    /**
     * Stores what a transaction has read from a database, unless it may be old: locked if the key is, failed if the key was
     * written, invalidated or cleared after the transaction began. Either way {@code afterVersion} is the stamp.
     *
     * @param began a stamp that was applied before the transaction began to read, plus one
     */
    record PutFromLoad(Slot slot, long began, Bytes value) implements Command {
        @Override
        public void needs(Needs needs) {
            needs.role(Role.WRITE, slot.cacheId());
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            CacheData cache = state.data(slot.cacheId());
            return List.of(
                    cache == null ? Outcome.NO_CACHE : cache.putFromLoad(slot.key(), began, value, stamp, changes));
        }

        @Override
        public void touches(Touched touched) {
            touched.key(slot.cacheId(), slot.key());
        }
    }

    /** Removes an entry because its truth changed elsewhere; what was loaded before does not get in any more. */
    record Invalidate(Slot slot) implements Command {
        @Override
        public void needs(Needs needs) {
            needs.role(Role.WRITE, slot.cacheId());
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            CacheData cache = state.data(slot.cacheId());
            return List.of(cache == null ? Outcome.NO_CACHE : cache.invalidate(slot.key(), stamp, changes));
        }

        @Override
        public void touches(Touched touched) {
            touched.key(slot.cacheId(), slot.key());
        }
    }

    /**
     * A piece of a command too large for one log entry. The first begins a transfer, whose id is its {@code
     * afterVersion}; the last has the outcomes of the whole command, which is applied then and at once. Failed if a piece
     * before is missing or the transfer took too long.
     *
     * @param transfer 0 for the first part
     * @param index from 0
     */
    record Part(long transfer, int index, int count, Bytes content) implements Command {
        public Part {
            if (index < 0 || index >= count) {
                throw new IllegalArgumentException("part " + index + " of " + count);
            }
        }

        @Override
        public void needs(Needs needs) {
            needs.anyRole();
            if (isLast()) {
                needs.whole(this);
            }
        }

        @Override
        public List<Outcome> applyTo(CacheState state, long stamp, List<Change> changes) {
            return state.receive(this, stamp, changes);
        }

        @Override
        public boolean isAtomicOverKeys() {
            return isLast();
        }

        /** Whether the command is applied with this one. */
        public boolean isLast() {
            return index == count - 1;
        }
    }
}
