package io.concordcache.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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

        Cache(CacheDefinition definition) {
            this.definition = definition;
        }
    }

    final TreeMap<Long, Cache> caches = new TreeMap<>();
    /** When each client wrote last, in milliseconds. */
    private final TreeMap<ClientId, Long> clients = new TreeMap<>();

    long last;
    private List<Change> changes = new ArrayList<>();

    Applied apply(LogEntry entry) {
        changes = new ArrayList<>();
        last = Math.max(last + 1, Math.max(0, entry.leaderMillis()) << 20);
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
            cache.entries.clear();
            cache.locks.clear();
            changes.add(new Change(Change.Kind.CLEARED, clear.cacheId(), Bytes.EMPTY, null, null, last));
            return List.of(outcome(Outcome.Status.HELD));
        }
        if (command instanceof Command.CreateCache create) {
            for (Map.Entry<Long, Cache> of : caches.entrySet()) {
                if (of.getValue().definition.name().equals(create.definition().name())) {
                    return List.of(new Outcome(Outcome.Status.FAILED, of.getKey(), null, of.getKey()));
                }
            }
            caches.put(last, new Cache(create.definition()));
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
        throw new AssertionError("the model does not know " + command);
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
