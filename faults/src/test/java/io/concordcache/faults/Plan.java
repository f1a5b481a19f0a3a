package io.concordcache.faults;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/**
 * The faults of a run, one after the other without end, as they follow from a seed. Each kind comes once before any comes
 * again, so that a run that is cut short has seen as many kinds as it could.
 */
final class Plan implements Iterator<Fault> {
    private static final long SHORTEST_MILLIS = 200;
    private static final long LONGEST_REST_MILLIS = 1_500;
    /** One of so many stops is a long one. */
    private static final int LONG_STOPS = 4;

    private final Random random;
    private final List<Fault.Kind> kinds;
    private final long longestMillis;
    private final long longestStopMillis;
    private final List<Fault.Kind> left = new ArrayList<>();
    private int number;

    /**
     * Plans faults of these kinds.
     *
     * @param longestMillis most that one may last
     * @param longestStopMillis most that a process may be stopped, now and then
     */
    Plan(long seed, List<Fault.Kind> kinds, long longestMillis, long longestStopMillis) {
        if (kinds.isEmpty()) {
            throw new IllegalArgumentException("a plan needs kinds of faults");
        }
        this.random = new Random(seed);
        this.kinds = List.copyOf(kinds);
        this.longestMillis = Math.max(longestMillis, SHORTEST_MILLIS + 1);
        this.longestStopMillis = Math.max(longestStopMillis, this.longestMillis);
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public Fault next() {
        if (left.isEmpty()) {
            left.addAll(kinds);
            Collections.shuffle(left, random);
        }
        Fault.Kind kind = left.remove(left.size() - 1);
        boolean stops = kind == Fault.Kind.STOP_LEADER || kind == Fault.Kind.STOP_FOLLOWER;
        boolean isLong = random.nextInt(LONG_STOPS) == 0;
        long longest = stops && isLong ? longestStopMillis : longestMillis;
        return new Fault(
                ++number,
                kind,
                random.nextInt(1 << 16),
                random.nextLong(SHORTEST_MILLIS, LONGEST_REST_MILLIS),
                random.nextLong(SHORTEST_MILLIS, longest),
                random.nextDouble());
    }
}
