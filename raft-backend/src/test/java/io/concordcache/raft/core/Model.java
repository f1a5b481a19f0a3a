package io.concordcache.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The replicated caches written down a second time, as plainly as can be: sorted maps, everything searched from end to
 * end, of the sessions no more than who has one. What {@link CacheMachine} does must agree with this.
 */
final class Model {
    record Held(long token, long until) {}

    static final class Cache {
        final CacheDefinition definition;
        final TreeMap<Bytes, Entry> entries = new TreeMap<>();
        final TreeMap<Bytes, Held> locks = new TreeMap<>();
        final TreeMap<Bytes, Long> written = new TreeMap<>();
        final TreeSet<Bytes> contended = new TreeSet<>();
        long floor;

        Cache(CacheDefinition definition) {
            this.definition = definition;
        }
    }

    record Soft(long until, long ttl, Set<Slot> slots, Set<Long> caches) {}

    final TreeMap<Long, Cache> caches = new TreeMap<>();
    private final TreeMap<LockId, Soft> soft = new TreeMap<>();
    private final TreeMap<LockId, Long> ended = new TreeMap<>();
    /** When each client wrote last, in milliseconds. */
    private final TreeMap<ClientId, Long> clients = new TreeMap<>();

    long last;
    private List<Change> changes = new ArrayList<>();

    Applied apply(LogEntry entry) {
        changes = new ArrayList<>();
        last = Math.max(last + 1, Math.max(0, entry.leaderMillis()) << 20);
        endSoftLocks();
        caches.forEach(this::expire);
        clients.values().removeIf(used -> used + 3_600_000 <= now());
        if (!entry.client().equals(ClientId.NONE) && clients.replace(entry.client(), now()) == null) {
            return new Applied(Applied.Result.CLIENT_UNKNOWN, List.of(), changes);
        }
        List<List<Outcome>> outcomes = new ArrayList<>();
        for (Command command : entry.commands()) {
            last = Math.max(last + 1, Math.max(0, entry.leaderMillis()) << 20);
            outcomes.add(one(command));
        }
        return new Applied(Applied.Result.APPLIED, outcomes, changes);
    }

    private long now() {
        return last >> 20;
    }

    private void expire(long id, Cache cache) {
        cache.entries.entrySet().stream()
                .filter(of -> of.getValue().expiresAtMillis() <= now())
                .sorted(Map.Entry.<Bytes, Entry>comparingByValue(
                                (a, b) -> Long.compare(a.expiresAtMillis(), b.expiresAtMillis()))
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::copyOf)
                .toList()
                .forEach(of -> {
                    cache.entries.remove(of.getKey());
                    changes.add(new Change(Change.Kind.EXPIRED, id, of.getKey(), of.getValue(), null, last));
                });
    }

    private static Outcome outcome(Outcome.Status status) {
        return new Outcome(status, 0, null, 0);
    }

    private List<Outcome> one(Command command) {
        if (command instanceof Command.Write write) {
            Cache cache = caches.get(write.cacheId());
            return List.of(cache == null ? outcome(Outcome.Status.NO_CACHE) : write(cache, write));
        }
        if (command instanceof Command.Batch batch) {
            Cache cache = caches.get(batch.cacheId());
            List<Outcome> all = new ArrayList<>();
            for (Command.Write write : batch.writes()) {
                if (cache == null) {
                    all.add(outcome(Outcome.Status.NO_CACHE));
                } else if (batch.writes().stream().anyMatch(any -> locked(cache, any))) {
                    all.add(outcome(Outcome.Status.LOCKED));
                } else {
                    all.add(write(cache, write));
                }
            }
            return all;
        }
        if (command instanceof Command.Clear clear) {
            Cache cache = caches.get(clear.cacheId());
            if (cache == null) {
                return List.of(outcome(Outcome.Status.NO_CACHE));
            }
            clear(clear.cacheId(), cache);
            return List.of(outcome(Outcome.Status.HELD));
        }
        if (command instanceof Command.CreateCache create) {
            for (Map.Entry<Long, Cache> of : caches.entrySet()) {
                if (of.getValue().definition.name().equals(create.definition().name())) {
                    return List.of(new Outcome(Outcome.Status.FAILED, of.getKey(), null, of.getKey()));
                }
            }
            caches.put(last, new Cache(create.definition()));
            caches.get(last).floor = last;
            return List.of(new Outcome(Outcome.Status.HELD, 0, null, last));
        }
        if (command instanceof Command.DestroyCache destroy) {
            if (caches.remove(destroy.cacheId()) == null) {
                return List.of(outcome(Outcome.Status.NO_CACHE));
            }
            changes.add(new Change(Change.Kind.DESTROYED, destroy.cacheId(), Bytes.EMPTY, null, null, last));
            return List.of(new Outcome(Outcome.Status.HELD, destroy.cacheId(), null, 0));
        }
        if (command instanceof Command.Register) {
            clients.put(new ClientId(0, last), now());
            return List.of(new Outcome(Outcome.Status.HELD, 0, null, last));
        }
        if (command instanceof Command.Tick) {
            return List.of(outcome(Outcome.Status.HELD));
        }
        if (command instanceof Command.LockKey lock) {
            Cache cache = caches.get(lock.cacheId());
            return List.of(cache == null ? outcome(Outcome.Status.NO_CACHE) : lock(cache, lock));
        }
        if (command instanceof Command.RenewLease) {
            return List.of(outcome(Outcome.Status.HELD));
        }
        if (command instanceof Command.UnlockKey unlock) {
            Cache cache = caches.get(unlock.cacheId());
            if (cache == null) {
                return List.of(outcome(Outcome.Status.NO_CACHE));
            }
            Held held = cache.locks.get(unlock.key());
            boolean mine = held != null && held.token() == unlock.lock() && held.until() > now();
            if (mine) {
                cache.locks.remove(unlock.key());
            }
            return List.of(outcome(mine ? Outcome.Status.HELD : Outcome.Status.FAILED));
        }
        if (command instanceof Command.SoftLock lock) {
            return List.of(softLock(lock));
        }
        if (command instanceof Command.SoftUnlock unlock) {
            return List.of(softUnlock(unlock));
        }
        if (command instanceof Command.PutFromLoad put) {
            Cache cache = caches.get(put.slot().cacheId());
            return List.of(cache == null ? outcome(Outcome.Status.NO_CACHE) : putFromLoad(cache, put));
        }
        if (command instanceof Command.Invalidate invalidate) {
            Cache cache = caches.get(invalidate.slot().cacheId());
            if (cache == null) {
                return List.of(outcome(Outcome.Status.NO_CACHE));
            }
            Bytes key = invalidate.slot().key();
            if (holders(invalidate.slot()) > 0) {
                cache.contended.add(key);
            }
            cache.written.merge(key, last, Math::max);
            remove(invalidate.slot());
            return List.of(stamped(Outcome.Status.HELD));
        }
        throw new AssertionError("the model does not know " + command);
    }

    private Outcome stamped(Outcome.Status status) {
        return new Outcome(status, 0, null, last);
    }

    private void clear(long id, Cache cache) {
        cache.entries.clear();
        cache.locks.clear();
        soft.values()
                .forEach(lock -> lock.slots().forEach(slot -> {
                    if (slot.cacheId() == id) {
                        cache.contended.add(slot.key());
                    }
                }));
        cache.floor = Math.max(cache.floor, last);
        changes.add(new Change(Change.Kind.CLEARED, id, Bytes.EMPTY, null, null, last));
    }

    private long holders(Slot slot) {
        return soft.values().stream()
                .filter(lock -> lock.slots().contains(slot))
                .count();
    }

    private boolean isWholeHeld(long cacheId) {
        return soft.values().stream().anyMatch(lock -> lock.caches().contains(cacheId));
    }

    private Outcome softLock(Command.SoftLock lock) {
        if (ended.containsKey(lock.id())) {
            return stamped(Outcome.Status.FAILED);
        }
        boolean known = lock.caches().stream().allMatch(caches::containsKey)
                && lock.slots().stream().allMatch(slot -> caches.containsKey(slot.cacheId()));
        if (!known) {
            return outcome(Outcome.Status.NO_CACHE);
        }
        Soft before = soft.getOrDefault(lock.id(), new Soft(0, 0, Set.of(), Set.of()));
        Soft now = new Soft(
                plus(lock.ttlMillis()),
                lock.ttlMillis(),
                new TreeSet<>(before.slots()),
                new TreeSet<>(before.caches()));
        for (Slot slot : lock.slots()) {
            if (!now.slots().contains(slot)) {
                if (holders(slot) > 0 || isWholeHeld(slot.cacheId())) {
                    caches.get(slot.cacheId()).contended.add(slot.key());
                }
                now.slots().add(slot);
                remove(slot);
            }
        }
        soft.put(lock.id(), now);
        for (long id : lock.caches()) {
            if (now.caches().add(id)) {
                clear(id, caches.get(id));
            }
        }
        return stamped(Outcome.Status.HELD);
    }

    private void remove(Slot slot) {
        Entry before = caches.get(slot.cacheId()).entries.remove(slot.key());
        if (before != null) {
            changes.add(new Change(Change.Kind.REMOVED, slot.cacheId(), slot.key(), before, null, last));
        }
    }

    private Outcome softUnlock(Command.SoftUnlock unlock) {
        Soft lock = soft.get(unlock.id());
        if (lock == null) {
            ended.values().removeIf(until -> until <= now());
            ended.putIfAbsent(unlock.id(), now() + 600_000);
            return stamped(Outcome.Status.FAILED);
        }
        for (Slot slot : lock.slots()) {
            Cache cache = caches.get(slot.cacheId());
            if (cache == null) {
                continue;
            }
            boolean sure = holders(slot) == 1
                    && !cache.contended.contains(slot.key())
                    && last > Math.max(cache.floor, cache.written.getOrDefault(slot.key(), 0L));
            Bytes value = null;
            for (Command.Fill fill : unlock.fills()) {
                value = fill.slot().equals(slot) ? fill.value() : value;
            }
            if (sure && value != null) {
                fill(slot, value);
            }
        }
        soft.remove(unlock.id());
        release(lock, last);
        for (Slot mark : unlock.marks()) {
            Cache cache = caches.get(mark.cacheId());
            if (cache != null
                    && holders(mark) == 0
                    && !isWholeHeld(mark.cacheId())
                    && last >= Math.max(cache.floor, cache.written.getOrDefault(mark.key(), 0L))) {
                fill(mark, Bytes.EMPTY);
            }
        }
        return stamped(Outcome.Status.HELD);
    }

    private void release(Soft lock, long written) {
        for (Slot slot : lock.slots()) {
            Cache cache = caches.get(slot.cacheId());
            if (cache != null) {
                cache.written.merge(slot.key(), written, Math::max);
                if (holders(slot) == 0) {
                    cache.contended.remove(slot.key());
                } else {
                    cache.contended.add(slot.key());
                }
            }
        }
        for (long id : lock.caches()) {
            Cache cache = caches.get(id);
            if (cache != null) {
                cache.floor = Math.max(cache.floor, written);
            }
        }
    }

    private void endSoftLocks() {
        soft.entrySet().stream()
                .filter(of -> of.getValue().until() <= now())
                .sorted(Map.Entry.<LockId, Soft>comparingByValue((a, b) -> Long.compare(a.until(), b.until()))
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::copyOf)
                .toList()
                .forEach(of -> {
                    soft.remove(of.getKey());
                    ended.values().removeIf(until -> until <= now());
                    ended.putIfAbsent(of.getKey(), now() + 600_000);
                    release(of.getValue(), Math.max(last + 1, plus(of.getValue().ttl()) << 20));
                });
    }

    private Outcome putFromLoad(Cache cache, Command.PutFromLoad put) {
        Slot slot = put.slot();
        if (holders(slot) > 0 || isWholeHeld(slot.cacheId())) {
            return stamped(Outcome.Status.LOCKED);
        }
        if (put.began() <= Math.max(cache.floor, cache.written.getOrDefault(slot.key(), 0L))) {
            return stamped(Outcome.Status.FAILED);
        }
        Entry before = cache.entries.get(slot.key());
        if (before == null
                || before.expiresAtMillis() != Long.MAX_VALUE
                || !before.value().equals(put.value())) {
            fill(slot, put.value());
        }
        return stamped(Outcome.Status.HELD);
    }

    private void fill(Slot slot, Bytes value) {
        Command.Write put =
                new Command.Write(slot.cacheId(), slot.key(), Condition.ANY, new Mutation.Put(value, Expiry.BY_RULE));
        Cache cache = caches.get(slot.cacheId());
        Held lock = cache.locks.remove(slot.key());
        write(cache, put);
        if (lock != null) {
            cache.locks.put(slot.key(), lock);
        }
    }

    private Outcome lock(Cache cache, Command.LockKey lock) {
        Held held = cache.locks.get(lock.key());
        if (held != null && held.until() > now()) {
            return outcome(Outcome.Status.LOCKED);
        }
        cache.locks.put(lock.key(), new Held(last, plus(lock.ttlMillis())));
        Entry entry = cache.entries.get(lock.key());
        return entry == null
                ? new Outcome(Outcome.Status.HELD, 0, null, last)
                : new Outcome(Outcome.Status.HELD, entry.version(), entry.value(), last);
    }

    private long plus(long millis) {
        long sum = now() + millis;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private boolean locked(Cache cache, Command.Write write) {
        Held held = cache.locks.get(write.key());
        return held != null
                && held.until() > now()
                && held.token() != write.lock()
                && !write.then().equals(Mutation.EVICT);
    }

    private Outcome write(Cache cache, Command.Write write) {
        if (locked(cache, write)) {
            return outcome(Outcome.Status.LOCKED);
        }
        Entry before = cache.entries.get(write.key());
        long version = before == null ? 0 : before.version();
        Bytes value = before != null && write.returning() == Command.Returning.VALUE_BEFORE ? before.value() : null;
        Condition when = write.when();
        boolean holds = when.equals(Condition.ANY)
                || when.equals(Condition.ABSENT) && before == null
                || when.equals(Condition.PRESENT) && before != null
                || before != null && when.equals(new Condition.VersionIs(before.version()));
        if (!holds) {
            return new Outcome(Outcome.Status.FAILED, version, value, version);
        }
        if (write.lock() != 0) {
            cache.locks.remove(write.key());
        }
        Entry after = after(cache, write, before);
        if (after == null) {
            cache.entries.remove(write.key());
        } else {
            cache.entries.put(write.key(), after);
        }
        if (before != null || after != null) {
            changes.add(
                    new Change(kind(write.then(), before, after), write.cacheId(), write.key(), before, after, last));
        }
        return new Outcome(Outcome.Status.HELD, version, value, after == null ? 0 : after.version());
    }

    private Entry after(Cache cache, Command.Write write, Entry before) {
        ExpiryRule rule = cache.definition.expiry();
        if (write.then() instanceof Mutation.Put put) {
            long deadline = deadline(put.expiry(), before == null ? rule.onCreation() : rule.onUpdate(), before);
            return deadline <= now() ? null : Entry.of(put.value(), last, deadline);
        }
        if (write.then() instanceof Mutation.Touch touch && before != null) {
            long deadline = deadline(touch.expiry(), rule.onAccess(), before);
            return deadline <= now() ? null : Entry.of(before.value(), before.version(), deadline);
        }
        return null;
    }

    private long deadline(Expiry asked, Expiry ruled, Entry before) {
        Expiry expiry = asked.equals(Expiry.BY_RULE) ? ruled : asked;
        if (expiry.equals(Expiry.UNCHANGED)) {
            return before == null ? Long.MAX_VALUE : before.expiresAtMillis();
        }
        return plus(expiry.millis());
    }

    private static Change.Kind kind(Mutation then, Entry before, Entry after) {
        if (then instanceof Mutation.Remove) {
            return Change.Kind.REMOVED;
        }
        if (then instanceof Mutation.Evict) {
            return Change.Kind.EVICTED;
        }
        if (after == null) {
            return Change.Kind.EXPIRED;
        }
        if (then instanceof Mutation.Touch) {
            return Change.Kind.TOUCHED;
        }
        return before == null ? Change.Kind.CREATED : Change.Kind.UPDATED;
    }
}
