package io.concordcache.raft.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The soft locks that transactions hold on keys and on whole caches, by name. A lock ends by {@link Command.SoftUnlock}, or
 * by itself when its time is over; then its owner may still be about to write, so nothing is loaded into what it held for
 * as long again.
 */
final class SoftLocks {
    /** For so long, by the replicated clock, the name of a lock that ended in an unusual way is not used again. */
    static final long ENDED_MILLIS = 600_000;

    /** What one transaction holds. */
    record Lock(long deadlineMillis, long ttlMillis, List<Slot> slots, List<Long> caches) {
        Lock {
            slots = List.copyOf(slots);
            caches = List.copyOf(caches);
        }
    }

    private record Due(long deadlineMillis, LockId id) implements Comparable<Due> {
        private static final Comparator<Due> ORDER =
                Comparator.comparingLong(Due::deadlineMillis).thenComparing(Due::id);

        @Override
        public int compareTo(Due other) {
            return ORDER.compare(this, other);
        }
    }

    private final SortedMap<LockId, Lock> locks = new TreeMap<>();
    private final TreeSet<Due> due = new TreeSet<>();
    /** Names of locks that ended by themselves or before they began, by when they may be forgotten. */
    private final Map<LockId, Long> ended = new LinkedHashMap<>();

    SortedMap<LockId, Lock> locks() {
        return locks;
    }

    /** Oldest first. */
    Map<LockId, Long> ended() {
        return ended;
    }

    @Nullable
    Lock get(LockId id) {
        return locks.get(id);
    }

    boolean hasEnded(LockId id) {
        return ended.containsKey(id);
    }

    void put(LockId id, Lock lock) {
        remove(id);
        locks.put(id, lock);
        due.add(new Due(lock.deadlineMillis, id));
    }

    @Nullable
    Lock remove(LockId id) {
        Lock lock = locks.remove(id);
        if (lock != null) {
            due.remove(new Due(lock.deadlineMillis, id));
        }
        return lock;
    }

    /** Notes that a lock of this name ended, or must not begin any more. */
    void end(LockId id, long nowMillis) {
        Iterator<Long> oldest = ended.values().iterator();
        while (oldest.hasNext() && oldest.next() <= nowMillis) {
            oldest.remove();
        }
        ended.putIfAbsent(id, nowMillis + ENDED_MILLIS);
    }

    void restoreEnded(LockId id, long forgetAtMillis) {
        ended.put(id, forgetAtMillis);
    }

    /** When the next lock ends by itself, {@link Expiry#NEVER} if there is none. */
    long nextDeadline() {
        return due.isEmpty() ? Expiry.NEVER : due.first().deadlineMillis;
    }

    /** Takes out the locks whose time is over, first to end first. */
    List<Lock> endDue(long nowMillis) {
        List<Lock> over = new ArrayList<>();
        while (nextDeadline() <= nowMillis) {
            LockId id = due.first().id;
            Lock lock = remove(id);
            if (lock != null) {
                over.add(lock);
            }
            end(id, nowMillis);
        }
        return over;
    }
}
