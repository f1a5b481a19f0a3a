package io.concordcache.raft.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All caches of one group, the sessions of its clients and the replicated clock.
 *
 * <p>One writer, {@link CacheMachine}; the reading methods may be called by other threads meanwhile. Each sees single
 * keys as of some moment during the call; whoever reads several keys guards against a {@link Command#isAtomicOverKeys()
 * command over several keys} for himself.
 */
public final class CacheState {
    /** A command whose parts do not all come within this time, by the replicated clock, is dropped. */
    static final long TRANSFER_MILLIS = 60_000;

    private final Map<Long, CacheReader> caches = new ConcurrentSkipListMap<>();
    private final Map<String, CacheInfo> names = new ConcurrentHashMap<>();
    private volatile long lastStamp;
    private long nextDeadline = Expiry.NEVER;

    /** Commands that come in parts, by id. */
    private final SortedMap<Long, Transfer> transfers = new ConcurrentSkipListMap<>();

    /** By last use, so that the idle ones stand first. */
    private final Map<ClientId, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);

    /** For how long, in milliseconds, each holder of a read lease was last granted it. */
    private final SortedMap<String, Long> leases = new TreeMap<>();

    private final SoftLocks softLocks = new SoftLocks();

    private final CommandReader reader;

    CacheState(CommandReader reader) {
        this.reader = reader;
    }

    /** The stamp of the last operation applied. */
    public long lastStamp() {
        return lastStamp;
    }

    /** The cache of this name, null if there is none. */
    public @Nullable CacheInfo cache(String name) {
        return names.get(name);
    }

    /** The cache of this id, null if there is none, or no more. */
    public @Nullable CacheInfo cache(long cacheId) {
        CacheData data = data(cacheId);
        return data == null ? null : data.info();
    }

    /** How many caches there are. */
    public int count() {
        return names.size();
    }

    /** The caches that exist, oldest first. */
    public List<CacheInfo> caches() {
        List<CacheInfo> all = new ArrayList<>();
        all().forEach(data -> all.add(data.info()));
        return all;
    }

    public boolean exists(long cacheId) {
        return caches.containsKey(cacheId);
    }

    /** The entry of a key that has not expired by the replicated clock; null if there is none, or no such cache. */
    public @Nullable Entry get(long cacheId, Bytes key) {
        CacheReader reader = caches.get(cacheId);
        return reader == null ? null : reader.get(key);
    }

    /** The reads of one cache, null if there is no such cache. */
    public @Nullable CacheReader reader(long cacheId) {
        return caches.get(cacheId);
    }

    /** The keys of a cache, weakly consistent: a key there all the time is met once. Empty for an unknown cache. */
    public Collection<Bytes> keys(long cacheId) {
        CacheData cache = data(cacheId);
        return cache == null ? List.of() : cache.entries().keySet();
    }

    /** Number of entries stored, those included that expired but wait for removal; 0 for an unknown cache. */
    public int size(long cacheId) {
        CacheData cache = data(cacheId);
        return cache == null ? 0 : cache.size();
    }

    /** Bytes of the keys and values of a cache; 0 for an unknown one. Beside the writer's thread it may be a moment old. */
    public long bytes(long cacheId) {
        CacheData cache = data(cacheId);
        return cache == null ? 0 : cache.bytes();
    }

    /**
     * No entry expires before this; {@link Expiry#NEVER} if none expires at all. Too early if that entry has gone since;
     * put right when it is reached. For the writer's thread.
     */
    public long nextDeadline() {
        return nextDeadline;
    }

    void advance(long stamp) {
        lastStamp = stamp;
    }

    void expireDue(long stamp, int limit, List<Change> changes) {
        if (nextDeadline > Stamp.millis(stamp)) {
            return;
        }
        softLocks.endDue(Stamp.millis(stamp)).forEach(lock -> endUnreleased(lock, stamp));
        int left = limit;
        long next = softLocks.nextDeadline();
        for (CacheData cache : all()) {
            left -= cache.expireDue(stamp, left, changes);
            next = Math.min(next, cache.nextDeadline());
        }
        nextDeadline = next;
    }

    private CacheData empty(CacheInfo info, Revisions revisions) {
        return new CacheData(info, deadline -> nextDeadline = Math.min(nextDeadline, deadline), revisions);
    }

    @Nullable
    CacheData data(long cacheId) {
        CacheReader cache = caches.get(cacheId);
        return cache == null ? null : cache.data();
    }

    /** The caches that exist, oldest first. */
    List<CacheData> all() {
        List<CacheData> all = new ArrayList<>(caches.size());
        for (CacheReader cache : caches.values()) {
            CacheData data = cache.data();
            if (data != null) { // else it is being destroyed
                all.add(data);
            }
        }
        return all;
    }

    /** Puts a cache of a snapshot in place. */
    CacheData restore(CacheInfo info) {
        Revisions revisions = new Revisions();
        CacheData data = empty(info, revisions);
        caches.put(info.id(), new CacheReader(this, data, revisions));
        names.put(info.definition().name(), info);
        return data;
    }

    Outcome create(CacheDefinition definition, long stamp) {
        CacheInfo existing = names.get(definition.name());
        if (existing != null) {
            return new Outcome(Outcome.Status.FAILED, existing.id(), null, existing.id());
        }
        restore(new CacheInfo(stamp, definition));
        return new Outcome(Outcome.Status.HELD, 0, null, stamp);
    }

    Outcome destroy(long cacheId, long stamp, List<Change> changes) {
        CacheReader cache = caches.get(cacheId);
        CacheData data = cache == null ? null : cache.data();
        if (cache == null || data == null) {
            return Outcome.NO_CACHE;
        }
        names.remove(data.info().definition().name());
        caches.remove(cacheId);
        cache.replace(null);
        changes.add(new Change(Change.Kind.DESTROYED, cacheId, Bytes.EMPTY, null, null, stamp));
        return new Outcome(Outcome.Status.HELD, cacheId, null, 0);
    }

    Outcome clear(long cacheId, long stamp, List<Change> changes) {
        CacheReader cache = caches.get(cacheId);
        CacheData data = cache == null ? null : cache.data();
        if (cache == null || data == null) {
            return Outcome.NO_CACHE;
        }
        data.guard().clear(stamp);
        cache.replace(empty(data.info(), cache.revisions()).guardedBy(data.guard()));
        changes.add(new Change(Change.Kind.CLEARED, cacheId, Bytes.EMPTY, null, null, stamp));
        return new Outcome(Outcome.Status.HELD, 0, null, 0);
    }

    SoftLocks softLocks() {
        return softLocks;
    }

    Outcome softLock(Command.SoftLock lock, long stamp, List<Change> changes) {
        if (softLocks.hasEnded(lock.id())) {
            return new Outcome(Outcome.Status.FAILED, 0, null, stamp);
        }
        if (!lock.slots().stream().allMatch(slot -> exists(slot.cacheId()))
                || !lock.caches().stream().allMatch(this::exists)) {
            return Outcome.NO_CACHE;
        }
        SoftLocks.Lock before = softLocks.get(lock.id());
        SortedSet<Slot> slots = new TreeSet<>(before == null ? List.of() : before.slots());
        SortedSet<Long> all = new TreeSet<>(before == null ? List.of() : before.caches());
        for (Slot slot : lock.slots()) {
            CacheData cache = data(slot.cacheId());
            if (cache != null && slots.add(slot)) {
                cache.softLock(slot.key(), stamp, changes);
            }
        }
        for (long cacheId : lock.caches()) {
            if (all.add(cacheId)) {
                clear(cacheId, stamp, changes);
                Objects.requireNonNull(data(cacheId)).guard().holdAll();
            }
        }
        long deadline = Expiry.after(lock.ttlMillis()).deadline(Stamp.millis(stamp), Expiry.NEVER);
        holds(lock.id(), new SoftLocks.Lock(deadline, lock.ttlMillis(), List.copyOf(slots), List.copyOf(all)));
        return new Outcome(Outcome.Status.HELD, 0, null, stamp);
    }

    private void holds(LockId id, SoftLocks.Lock lock) {
        softLocks.put(id, lock);
        nextDeadline = Math.min(nextDeadline, lock.deadlineMillis());
    }

    /** Puts a lock of a snapshot in place. */
    void restore(LockId id, SoftLocks.Lock lock) {
        forEachSlot(lock, (cache, key) -> cache.guard().hold(key));
        forEachCache(lock, cache -> cache.guard().holdAll());
        holds(id, lock);
    }

    Outcome softUnlock(Command.SoftUnlock unlock, long stamp, List<Change> changes) {
        SoftLocks.Lock lock = softLocks.remove(unlock.id());
        if (lock == null) {
            softLocks.end(unlock.id(), Stamp.millis(stamp));
            return new Outcome(Outcome.Status.FAILED, 0, null, stamp);
        }
        Map<Slot, Bytes> fills = new HashMap<>();
        unlock.fills().forEach(fill -> fills.put(fill.slot(), fill.value()));
        for (Slot slot : lock.slots()) {
            CacheData cache = data(slot.cacheId());
            if (cache != null) {
                cache.softUnlock(slot.key(), fills.get(slot), stamp, changes);
            }
        }
        forEachCache(lock, cache -> cache.guard().releaseAll(stamp));
        for (Slot mark : unlock.marks()) {
            CacheData cache = data(mark.cacheId());
            if (cache != null) {
                cache.mark(mark.key(), stamp, changes);
            }
        }
        return new Outcome(Outcome.Status.HELD, 0, null, stamp);
    }

    /** Its owner may still change what it held, so for as long as it was to take nothing that is read counts. */
    private void endUnreleased(SoftLocks.Lock lock, long stamp) {
        long until = Stamp.next(stamp, Expiry.after(lock.ttlMillis()).deadline(Stamp.millis(stamp), Expiry.NEVER));
        forEachSlot(lock, (cache, key) -> cache.guard().release(key, until));
        forEachCache(lock, cache -> cache.guard().releaseAll(until));
    }

    private void forEachSlot(SoftLocks.Lock lock, BiConsumer<CacheData, Bytes> then) {
        for (Slot slot : lock.slots()) {
            CacheData cache = data(slot.cacheId());
            if (cache != null) { // else it was destroyed meanwhile
                then.accept(cache, slot.key());
            }
        }
    }

    private void forEachCache(SoftLocks.Lock lock, Consumer<CacheData> then) {
        for (long cacheId : lock.caches()) {
            CacheData cache = data(cacheId);
            if (cache != null) {
                then.accept(cache);
            }
        }
    }

    Map<ClientId, Session> sessions() {
        return sessions;
    }

    Outcome register(long stamp) {
        sessions.put(ClientId.of(stamp), new Session(0, Stamp.millis(stamp)));
        return new Outcome(Outcome.Status.HELD, 0, null, stamp);
    }

    /** Who may hold a read lease, and for how many milliseconds after its last grant. For the writer's thread. */
    public SortedMap<String, Long> leases() {
        return leases;
    }

    Outcome lease(String holder, long millis) {
        if (millis == 0) {
            leases.remove(holder);
        } else {
            leases.put(holder, millis);
        }
        return new Outcome(Outcome.Status.HELD, 0, null, 0);
    }

    SortedMap<Long, Transfer> transfers() {
        return transfers;
    }

    /**
     * The command that this last part will complete when it is applied, whatever comes before it; null if it will come to
     * nothing. For any thread.
     *
     * @throws IllegalStateException if that cannot be told: parts before it may be on their way
     * @throws RuntimeException of the {@link CommandReader} if the parts are no command
     */
    public @Nullable Command completedBy(Command.Part last) {
        if (last.index() == 0) {
            return reader.read(last.content());
        }
        // The clock first: a transfer that begins from here on has a later stamp as its id.
        boolean begun = last.transfer() < lastStamp;
        Transfer transfer = transfers.get(last.transfer());
        if (transfer != null && transfer.isNext(last.index(), last.count())) {
            return reader.read(transfer.assembledWith(last.content()));
        }
        if (transfer == null ? !begun : transfer.count() == last.count()) {
            throw new IllegalStateException("parts are missing before the last of transfer " + last.transfer());
        }
        return null;
    }

    /** How many bytes have come of the command that this is a part of, together with this. For any thread. */
    public long bytesWith(Command.Part part) {
        Transfer before = part.index() == 0 ? null : transfers.get(part.transfer());
        return part.content().length() + (before == null ? 0 : before.bytes());
    }

    List<Outcome> receive(Command.Part part, long stamp, List<Change> changes) {
        long now = Stamp.millis(stamp);
        transfers.values().removeIf(transfer -> transfer.deadlineMillis() <= now);
        long id = part.index() == 0 ? stamp : part.transfer();
        if (part.index() == 0) {
            transfers.put(id, new Transfer(part.count(), now + TRANSFER_MILLIS));
        }
        Transfer transfer = transfers.get(id);
        if (transfer == null || !transfer.isNext(part.index(), part.count())) {
            return List.of(new Outcome(Outcome.Status.FAILED, 0, null, 0));
        }
        transfer.add(part.content());
        if (!transfer.isComplete()) {
            return List.of(new Outcome(Outcome.Status.HELD, 0, null, id));
        }
        transfers.remove(id);
        return reader.read(transfer.assembled()).applyTo(this, stamp, changes);
    }
}
