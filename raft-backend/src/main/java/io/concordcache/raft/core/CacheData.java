package io.concordcache.raft.core;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one cache. One writer; {@link #get}, {@link #size} and the iterations may run beside it.
 *
 * <p>While a {@link StateView} is open, the writer keeps the first value before each change aside for it.
 */
final class CacheData {
    private record Due(long deadline, Bytes key) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int order = Long.compare(deadline, other.deadline);
            return order != 0 ? order : key.compareTo(other.key);
        }
    }

    record Lock(long token, long deadlineMillis) {}

    private final CacheInfo info;
    private final LongConsumer deadlines;
    private final Revisions revisions;
    private final Map<Bytes, Entry> entries = new ConcurrentHashMap<>();
    private final TreeSet<Due> due = new TreeSet<>();
    private final SortedMap<Bytes, Lock> locks = new TreeMap<>();
    private long bytes;
    private volatile @Nullable Map<Bytes, Optional<Entry>> aside;
    /** Null while nobody has loaded, locked or cleared anything. */
    private @Nullable Guard guard;

    /** An empty cache that tells {@code deadlines} of each new one, and {@code revisions} of each change. */
    CacheData(CacheInfo info, LongConsumer deadlines, Revisions revisions) {
        this.info = info;
        this.deadlines = deadlines;
        this.revisions = revisions;
    }

    CacheInfo info() {
        return info;
    }

    /** The entry as stored; it may have expired. */
    @Nullable
    Entry get(Bytes key) {
        return entries.get(key);
    }

    int size() {
        return entries.size();
    }

    long bytes() {
        return bytes;
    }

    Map<Bytes, Entry> entries() {
        return entries;
    }

    SortedMap<Bytes, Lock> locks() {
        return locks;
    }

    Outcome write(Command.Write write, long stamp, List<Change> changes) {
        Bytes key = write.key();
        if (isLockedAgainst(write, stamp)) {
            return new Outcome(Outcome.Status.LOCKED, 0, null, 0);
        }
        Entry before = live(key, stamp, changes);
        long beforeVersion = before == null ? 0 : before.version();
        Bytes returned = before == null || write.returning() == Command.Returning.NOTHING ? null : before.value();
        if (!write.when().holds(before)) {
            return new Outcome(Outcome.Status.FAILED, beforeVersion, returned, beforeVersion);
        }
        if (write.lock() != 0) {
            locks.remove(key);
        }
        Entry after = write.then().applyTo(before, info.definition().expiry(), stamp);
        if (before != null || after != null) {
            set(key, before, after);
            changes.add(new Change(write.then().kind(before, after), info.id(), key, before, after, stamp));
        }
        return new Outcome(Outcome.Status.HELD, beforeVersion, returned, after == null ? 0 : after.version());
    }

    /** The entry if it has not expired; one that has is removed first, as a change of its own. */
    private @Nullable Entry live(Bytes key, long stamp, List<Change> changes) {
        Entry entry = entries.get(key);
        if (entry == null || !entry.isExpiredAt(Stamp.millis(stamp))) {
            return entry;
        }
        expire(key, entry, stamp, changes);
        return null;
    }

    private void expire(Bytes key, Entry entry, long stamp, List<Change> changes) {
        set(key, entry, null);
        changes.add(new Change(Change.Kind.EXPIRED, info.id(), key, entry, null, stamp));
    }

    /** Removes up to {@code limit} expired entries, by deadline, then key; returns how many. */
    int expireDue(long stamp, int limit, List<Change> changes) {
        long now = Stamp.millis(stamp);
        int count = 0;
        while (count < limit && nextDeadline() <= now) {
            Bytes key = due.first().key();
            expire(key, Objects.requireNonNull(entries.get(key)), stamp, changes);
            count++;
        }
        return count;
    }

    /** When the next entry expires, {@link Expiry#NEVER} if none does. */
    long nextDeadline() {
        return due.isEmpty() ? Expiry.NEVER : due.first().deadline();
    }

    /** Puts an entry of a snapshot in place. */
    void restore(Bytes key, Entry entry) {
        set(key, null, entry);
    }

    private void set(Bytes key, @Nullable Entry before, @Nullable Entry after) {
        Map<Bytes, Optional<Entry>> kept = aside;
        if (kept != null) {
            kept.putIfAbsent(key, Optional.ofNullable(before));
        }
        if (before != null) {
            bytes -= key.length() + before.value().length();
            if (before.expiresAtMillis() != Expiry.NEVER) {
                due.remove(new Due(before.expiresAtMillis(), key));
            }
        }
        revisions.changing(key, entries.size());
        if (after == null) {
            entries.remove(key);
        } else {
            bytes += key.length() + after.value().length();
            if (after.expiresAtMillis() != Expiry.NEVER) {
                due.add(new Due(after.expiresAtMillis(), key));
                deadlines.accept(after.expiresAtMillis());
            }
            entries.put(key, after);
        }
        revisions.changed(key);
    }

    boolean isLockedAgainst(Command.Write write, long stamp) {
        Lock lock = locks.get(write.key());
        return lock != null
                && lock.token() != write.lock()
                && lock.deadlineMillis() > Stamp.millis(stamp)
                && !(write.then() instanceof Mutation.Evict);
    }

    Outcome lock(Bytes key, long ttlMillis, long stamp, List<Change> changes) {
        long now = Stamp.millis(stamp);
        for (Iterator<Lock> all = locks.values().iterator(); all.hasNext(); ) {
            if (all.next().deadlineMillis() <= now) {
                all.remove();
            }
        }
        if (locks.containsKey(key)) {
            return new Outcome(Outcome.Status.LOCKED, 0, null, 0);
        }
        locks.put(key, new Lock(stamp, Expiry.after(ttlMillis).deadline(now, Expiry.NEVER)));
        Entry entry = live(key, stamp, changes);
        return entry == null
                ? new Outcome(Outcome.Status.HELD, 0, null, stamp)
                : new Outcome(Outcome.Status.HELD, entry.version(), entry.value(), stamp);
    }

    /** Made when it is needed: what began before the cache did is old. */
    Guard guard() {
        if (guard == null) {
            guard = new Guard(info.id());
        }
        return guard;
    }

    @Nullable
    Guard guardIfAny() {
        return guard;
    }

    /** Takes over who holds what in the cache that this one replaces. */
    CacheData guardedBy(Guard from) {
        guard = from;
        return this;
    }

    private void remove(Bytes key, long stamp, List<Change> changes) {
        Entry before = live(key, stamp, changes);
        if (before != null) {
            set(key, before, null);
            changes.add(new Change(Change.Kind.REMOVED, info.id(), key, before, null, stamp));
        }
    }

    private void fill(Bytes key, Bytes value, long stamp, List<Change> changes) {
        Entry before = live(key, stamp, changes);
        Mutation put = new Mutation.Put(value, Expiry.BY_RULE);
        Entry after = put.applyTo(before, info.definition().expiry(), stamp);
        if (before != null || after != null) {
            set(key, before, after);
            changes.add(new Change(put.kind(before, after), info.id(), key, before, after, stamp));
        }
    }

    void softLock(Bytes key, long stamp, List<Change> changes) {
        guard().hold(key);
        remove(key, stamp, changes);
    }

    /** Ends one hold; {@code value} is null if the holder has none, or does not know. */
    void softUnlock(Bytes key, @Nullable Bytes value, long stamp, List<Change> changes) {
        boolean sure = guard().isHeldAlone(key) && guard().isNewer(key, stamp);
        guard().release(key, stamp);
        if (sure && value != null) {
            fill(key, value, stamp, changes);
        }
    }

    /** Stores an empty value if nobody holds the key, so that its version tells when it was changed last. */
    void mark(Bytes key, long stamp, List<Change> changes) {
        if (!guard().isHeld(key) && guard().isNewer(key, stamp + 1)) {
            fill(key, Bytes.EMPTY, stamp, changes);
        }
    }

    Outcome putFromLoad(Bytes key, long began, Bytes value, long stamp, List<Change> changes) {
        if (guard().isHeld(key)) {
            return new Outcome(Outcome.Status.LOCKED, 0, null, stamp);
        }
        if (!guard().isNewer(key, began)) {
            return new Outcome(Outcome.Status.FAILED, 0, null, stamp);
        }
        Entry before = live(key, stamp, changes);
        if (before == null
                || before.expiresAtMillis() != Expiry.NEVER
                || !before.value().equals(value)) {
            fill(key, value, stamp, changes);
        }
        return new Outcome(Outcome.Status.HELD, 0, null, stamp);
    }

    Outcome invalidate(Bytes key, long stamp, List<Change> changes) {
        guard().contend(key);
        guard().write(key, stamp);
        remove(key, stamp, changes);
        return new Outcome(Outcome.Status.HELD, 0, null, stamp);
    }

    Outcome unlock(Bytes key, long token, long stamp) {
        Lock lock = locks.get(key);
        boolean held = lock != null && lock.token() == token && lock.deadlineMillis() > Stamp.millis(stamp);
        if (held) {
            locks.remove(key);
        }
        return new Outcome(held ? Outcome.Status.HELD : Outcome.Status.FAILED, 0, null, 0);
    }

    /** Starts to keep entries aside; what the view then sees is this moment. */
    Map<Bytes, Optional<Entry>> keepAside() {
        Map<Bytes, Optional<Entry>> kept = new ConcurrentHashMap<>();
        aside = kept;
        return kept;
    }

    void keepNoMore() {
        aside = null;
    }
}
