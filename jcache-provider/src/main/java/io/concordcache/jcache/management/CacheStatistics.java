package io.concordcache.jcache.management;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/** Counts of one cache at this caller (JSR-107 12.4). Counts nothing while disabled. Thread-safe. */
public final class CacheStatistics {
    private static final double NANOS_PER_MICRO = 1000;

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder puts = new LongAdder();
    private final LongAdder removals = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private final LongAdder nearHits = new LongAdder();
    private final LongAdder nearMisses = new LongAdder();
    private final LongAdder getNanos = new LongAdder();
    private final LongAdder putNanos = new LongAdder();
    private final LongAdder removeNanos = new LongAdder();
    private final LongConsumer gets;
    private final LongConsumer stores;
    private final LongConsumer removes;
    private volatile boolean enabled;

    /** Each of these hears how many nanoseconds a call took, while this counts. */
    public CacheStatistics(LongConsumer gets, LongConsumer puts, LongConsumer removes) {
        this.gets = gets;
        this.stores = puts;
        this.removes = removes;
    }

    public boolean isEnabled() {
        return enabled;
    }

    public void enable(boolean on) {
        enabled = on;
    }

    /** The time to hand to the methods that take one; 0 while disabled, so that nobody looks at the clock in vain. */
    public long start() {
        return enabled ? System.nanoTime() : 0;
    }

    public void read(long hitCount, long missCount, long started) {
        if (enabled) {
            hits.add(hitCount);
            misses.add(missCount);
            time(getNanos, gets, started);
        }
    }

    public void put(long count, long started) {
        if (enabled && count > 0) {
            puts.add(count);
            time(putNanos, stores, started);
        }
    }

    public void removed(long count, long started) {
        if (enabled && count > 0) {
            removals.add(count);
            time(removeNanos, removes, started);
        }
    }

    public void evicted() {
        if (enabled) {
            evictions.increment();
        }
    }

    /** A value was read, already decoded or not. */
    public void near(boolean hit) {
        if (enabled) {
            (hit ? nearHits : nearMisses).increment();
        }
    }

    public long nearHits() {
        return nearHits.sum();
    }

    public long nearMisses() {
        return nearMisses.sum();
    }

    private void time(LongAdder sum, LongConsumer heard, long started) {
        if (started != 0) {
            long nanos = System.nanoTime() - started;
            sum.add(nanos);
            heard.accept(nanos);
        }
    }

    public void clear() {
        for (LongAdder each : new LongAdder[] {
            hits, misses, puts, removals, evictions, nearHits, nearMisses, getNanos, putNanos, removeNanos
        }) {
            each.reset();
        }
    }

    public long hits() {
        return hits.sum();
    }

    public long misses() {
        return misses.sum();
    }

    long puts() {
        return puts.sum();
    }

    long removals() {
        return removals.sum();
    }

    long evictions() {
        return evictions.sum();
    }

    float averageGetMicros() {
        return average(getNanos, hits() + misses());
    }

    float averagePutMicros() {
        return average(putNanos, puts());
    }

    float averageRemoveMicros() {
        return average(removeNanos, removals());
    }

    private static float average(LongAdder nanos, long count) {
        return count == 0 ? 0 : (float) (nanos.sum() / NANOS_PER_MICRO / count);
    }
}
