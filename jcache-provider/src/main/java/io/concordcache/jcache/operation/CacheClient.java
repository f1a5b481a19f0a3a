package io.concordcache.jcache.operation;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.NearBounds;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreUnavailableException;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store as one cache sees it: bytes and outcomes, failures of JCache. Waits, within the operation timeout, for locks
 * that others hold.
 */
public final class CacheClient {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final CacheStore store;
    private final long cacheId;
    private final String cacheName;
    private final ReadLevel level;
    private final EntryReader reader;
    private final Runnable gone;

    /**
     * Reads at this level unless another is named.
     *
     * @param near what may be kept of the cache where there is no replica; null for nothing
     * @param gone runs whenever a call finds that the cache has been destroyed, by whomever; must not block
     */
    public CacheClient(
            CacheStore store,
            long cacheId,
            String cacheName,
            ReadLevel level,
            @Nullable NearBounds near,
            Runnable gone) {
        this.store = store;
        this.cacheId = cacheId;
        this.cacheName = cacheName;
        this.level = level;
        this.reader = store.reader(cacheId, near);
        this.gone = gone;
    }

    public long cacheId() {
        return cacheId;
    }

    public CacheStore store() {
        return store;
    }

    /** A time to wait at most, with growing and random pauses between attempts. */
    final class Patience {
        private final long deadline =
                System.nanoTime() + store.operationTimeout().toNanos();
        private long pause = FIRST_PAUSE_NANOS;

        /** Waits a little; throws if there is no time left. */
        void pause(String what) {
            if (System.nanoTime() - deadline >= 0) {
                throw translate(new StoreUnavailableException(
                        "not applied within " + store.operationTimeout().toMillis() + " ms: " + what + "; call again"));
            }
            LockSupport.parkNanos(pause / 2 + ThreadLocalRandom.current().nextLong(pause));
            pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
        }
    }

    private RuntimeException translate(StoreException failure) {
        if (failure instanceof RequestRejectedException rejected
                && rejected.reason() == RequestRejectedException.Reason.NO_SUCH_CACHE) {
            gone.run();
        }
        return Failures.translate(failure, cacheName);
    }

    private <T> T call(Supplier<T> call) {
        try {
            return call.get();
        } catch (StoreException e) {
            throw translate(e);
        }
    }

    RuntimeException destroyed() {
        return translate(RequestRejectedException.noSuchCache(cacheId));
    }

    private Outcome existing(Outcome outcome) {
        if (outcome.status() == Outcome.Status.NO_CACHE) {
            throw destroyed();
        }
        return outcome;
    }

    /** The live entry, null for none; at the level of the cache if none is named. May be a copy, as the level allows. */
    @Nullable
    Entry get(Bytes key, @Nullable ReadLevel of) {
        try {
            return reader.get(key, of == null ? level : of);
        } catch (StoreException e) {
            throw translate(e);
        }
    }

    /** As {@link EntryReader#revision}. */
    long revision(Bytes key) {
        return reader.revision(key);
    }

    /** As {@link EntryReader#isAt}; at the level of the cache if none is named. */
    boolean isAt(Bytes key, long revision, long expiresAtMillis, @Nullable ReadLevel of) {
        if (revision == EntryReader.NO_REVISION) {
            return false;
        }
        try {
            return reader.isAt(key, revision, expiresAtMillis, of == null ? level : of);
        } catch (StoreException e) {
            throw translate(e);
        }
    }

    /** As {@link EntryReader#copy}; at the level of the cache if none is named. */
    @Nullable
    Entry copy(Bytes key, @Nullable ReadLevel of) {
        try {
            return reader.copy(key, of == null ? level : of);
        } catch (StoreException e) {
            throw translate(e);
        }
    }

    /** The live entry as a replica has it, null for none: for what is decided by it. */
    @Nullable
    Entry getFromReplica(Bytes key) {
        try {
            return store.get(cacheId, key, level);
        } catch (StoreException e) {
            throw translate(e);
        }
    }

    /** How many reads a copy answered. */
    public long copyHits() {
        return reader.copyHits();
    }

    /** The cache is closed: keeps no copies any more. */
    public void close() {
        reader.close();
    }

    public List<@Nullable Entry> getAll(List<Bytes> keys) {
        return call(() -> store.getAll(cacheId, keys, level));
    }

    public Iterator<Bytes> keys() {
        return call(() -> store.keys(cacheId, level));
    }

    /** Writes one key; the value before comes back. */
    public Outcome write(Bytes key, Condition when, Mutation then) {
        return write(new Command.Write(cacheId, key, when, then, Command.Returning.VALUE_BEFORE, 0));
    }

    Outcome write(Command.Write write) {
        Outcome outcome = existing(execute(write));
        if (outcome.status() != Outcome.Status.LOCKED) {
            return outcome;
        }
        Patience patience = new Patience();
        while (outcome.status() == Outcome.Status.LOCKED) {
            patience.pause("another client holds the lock of the key");
            outcome = existing(execute(write));
        }
        return outcome;
    }

    /** Sends a command that names no key, or whose outcome decides nothing. */
    public Outcome execute(Command command) {
        try {
            return store.execute(command);
        } catch (StoreException e) {
            throw translate(e);
        }
    }

    /** Sends a write without waiting for it or for locks. */
    void send(Command.Write write, Runnable done) {
        var unused = store.submit(write).whenComplete((outcomes, failure) -> done.run());
    }

    /** One write for each key, the last: keys that are not equal may have equal bytes. */
    static List<Command.Write> distinct(Collection<Command.Write> writes) {
        Map<Bytes, Command.Write> byKey = new LinkedHashMap<>();
        writes.forEach(write -> byKey.put(write.key(), write));
        return List.copyOf(byKey.values());
    }

    /** Writes several distinct keys at once; an empty list does nothing. */
    public List<Outcome> writeAll(List<Command.Write> writes) {
        if (writes.isEmpty()) {
            return List.of();
        }
        Command.Batch batch = new Command.Batch(cacheId, writes);
        Patience patience = new Patience();
        while (true) {
            List<Outcome> outcomes = call(() -> store.executeAll(batch));
            Outcome first = existing(outcomes.get(0));
            if (first.status() != Outcome.Status.LOCKED) {
                return outcomes;
            }
            patience.pause("another client holds the lock of one of the keys");
        }
    }

    /** Takes the lock of a key; the outcome has the token and the value. */
    Outcome lock(Bytes key) {
        Command.LockKey lock =
                new Command.LockKey(cacheId, key, 2 * store.operationTimeout().toMillis());
        Patience patience = new Patience();
        Outcome outcome = existing(execute(lock));
        while (outcome.status() == Outcome.Status.LOCKED) {
            patience.pause("another client holds the lock of the key");
            outcome = existing(execute(lock));
        }
        return outcome;
    }

    /** Gives a lock back; if that fails it ends by itself. */
    void unlock(Bytes key, long token) {
        var unused = store.submit(new Command.UnlockKey(cacheId, key, token));
    }

    Patience patience() {
        return new Patience();
    }

    /** The replicated clock as far as known here. */
    public long nowMillis() {
        return store.nowMillis();
    }
}
