package io.concordcache.raft.core;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What keeps old data out of a cache whose truth is elsewhere, in a database: who has locked which keys, and when each was
 * last written. A value loaded by a transaction that began before the last write of its key does not get in.
 *
 * <p>Only the newest {@value #LAST_WRITES} writes are known one by one; {@link #floor} stands for all others, and for the
 * whole cache when it was cleared. So the memory is bounded, and what is forgotten only makes more loads be refused.
 */
final class Guard {
    static final int LAST_WRITES = 10_000;

    /** Holders of one key; contended if somebody else may have written it meanwhile, so that no holder knows its value. */
    private record Held(int holders, boolean contended) {}

    private final SortedMap<Bytes, Held> held;
    private final Map<Bytes, Long> lastWrites;
    private int holdersOfAll;
    private long floor;

    Guard(long floor) {
        this.floor = floor;
        held = new TreeMap<>();
        lastWrites = new LinkedHashMap<>();
    }

    private Guard(Guard from) {
        held = new TreeMap<>(from.held);
        lastWrites = new LinkedHashMap<>(from.lastWrites);
        holdersOfAll = from.holdersOfAll;
        floor = from.floor;
    }

    Guard copy() {
        return new Guard(this);
    }

    /** Transactions that began by then load nothing into the cache. */
    long floor() {
        return floor;
    }

    /** Newest last. */
    Map<Bytes, Long> lastWrites() {
        return lastWrites;
    }

    /** The keys that are held and contended, in order. */
    Iterable<Bytes> contended() {
        return () -> held.entrySet().stream()
                .filter(of -> of.getValue().contended)
                .map(Map.Entry::getKey)
                .iterator();
    }

    void hold(Bytes key) {
        Held now = held.get(key);
        held.put(key, now == null ? new Held(1, holdersOfAll > 0) : new Held(now.holders + 1, true));
    }

    void holdAll() {
        holdersOfAll++;
        contendAll();
    }

    private void contendAll() {
        held.replaceAll((key, now) -> new Held(now.holders, true));
    }

    void contend(Bytes key) {
        held.computeIfPresent(key, (same, now) -> new Held(now.holders, true));
    }

    /** Whether a holder who leaves now is sure that nobody else wrote the key since it was held. */
    boolean isHeldAlone(Bytes key) {
        Held now = held.get(key);
        return now != null && now.holders == 1 && !now.contended;
    }

    boolean isHeld(Bytes key) {
        return holdersOfAll > 0 || held.containsKey(key);
    }

    /** One holder leaves; {@code written} is when the key may have been written last, and may lie ahead. */
    void release(Bytes key, long written) {
        held.computeIfPresent(key, (same, now) -> now.holders == 1 ? null : new Held(now.holders - 1, true));
        write(key, written);
    }

    void releaseAll(long written) {
        holdersOfAll = Math.max(0, holdersOfAll - 1);
        raise(written);
    }

    /** Notes a write of the key. */
    void write(Bytes key, long written) {
        Long before = lastWrites.remove(key);
        lastWrites.put(key, before == null ? written : Math.max(before, written));
        if (lastWrites.size() > LAST_WRITES) {
            Iterator<Long> oldest = lastWrites.values().iterator();
            floor = Math.max(floor, oldest.next());
            oldest.remove();
        }
    }

    /** Notes a write of everything. */
    void clear(long written) {
        contendAll();
        raise(written);
    }

    void raise(long written) {
        floor = Math.max(floor, written);
        if (floor == written) {
            lastWrites.values().removeIf(each -> each <= floor);
        }
    }

    /** Whether what was read at {@code stamp} or later is not older than the last write of the key. */
    boolean isNewer(Bytes key, long stamp) {
        return stamp > Math.max(floor, lastWrites.getOrDefault(key, 0L));
    }
}
