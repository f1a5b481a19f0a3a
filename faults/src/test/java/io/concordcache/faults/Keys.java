package io.concordcache.faults;

import java.util.HashMap;
import java.util.Map;

/**
 * Names of keys for the callers of one process. All processes take the same at the same time, by their common monotonic
 * clock, and go on to new ones after a while, or after as many operations or unknown outcomes as a checker can bear; so
 * every history is short. Thread-safe.
 */
final class Keys {
    static final long GENERATION_NANOS = 6_000_000_000L;
    /** So many generations share caches and files. */
    static final long GENERATIONS_PER_EPOCH = 20;

    private static final int OPERATIONS_PER_KEY = 500;
    private static final int UNKNOWN_PER_KEY = 8;

    /**
     * A key, and who it is judged with.
     *
     * @param place for {@link #unknown}
     */
    record Key(Mix.Group group, long generation, String name, Place place) {
        /** Each generation of several keys has a cache of its own, so that it can be cleared. */
        String cache() {
            long number = group == Mix.Group.MANY ? generation : epoch(generation);
            return group.letter() + "-" + number;
        }
    }

    record Place(Mix.Group group, int slot) {}

    private static final class Use {
        private int operations;
        private int unknown;
    }

    private final long baseNanos;
    private final int operations;
    private final int unknown;
    private final Map<Place, Use> used = new HashMap<>();
    private long current = -1;

    /**
     * Names of keys.
     *
     * @param baseNanos when the run began
     * @param processes how many use the same keys
     */
    Keys(long baseNanos, int processes) {
        this.baseNanos = baseNanos;
        this.operations = OPERATIONS_PER_KEY / processes;
        this.unknown = Math.max(1, UNKNOWN_PER_KEY / processes);
    }

    static long generation(long baseNanos, long now) {
        return Math.floorDiv(now - baseNanos, GENERATION_NANOS);
    }

    static long epoch(long generation) {
        return Math.floorDiv(generation, GENERATIONS_PER_EPOCH);
    }

    /** The group of a key by its name. */
    static String groupOf(String key) {
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }

    long generation(long now) {
        return generation(baseNanos, now);
    }

    /** The key of a slot now; counts as used for one operation. */
    synchronized Key take(Mix.Group group, int slot, long now) {
        long generation = generation(now);
        if (generation != current) {
            current = generation;
            used.clear();
        }
        Place place = new Place(group, slot);
        Use use = used.computeIfAbsent(place, unused -> new Use());
        int spare = use.operations++ / operations + use.unknown / unknown;
        return new Key(group, generation, group.letter() + generation + "." + (slot + spare * group.slots()), place);
    }

    /** An operation on this key came to an outcome that is not known. */
    synchronized void unknown(Key key) {
        if (key.generation() == current) {
            used.computeIfAbsent(key.place(), unused -> new Use()).unknown++;
        }
    }
}
