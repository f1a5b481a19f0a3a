package io.concordcache.benchmarks.member;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The threads that load one cache of a member. */
public final class Load {
    private static final int VALUES = 64;
    private static final int PROBES = 21;

    /** Gets below this time are timed together, or the clock would be what is measured. */
    private static final long FAST_NANOS = 5_000;

    private final Entries entries;
    private final Task task;
    private final String[] keys;
    private final Object[] values;

    Load(Entries entries, Task task) {
        this.entries = entries;
        this.task = task;
        this.keys = new String[task.keys()];
        Arrays.setAll(keys, Load::key);
        SplittableRandom random = new SplittableRandom(1);
        this.values = new Object[VALUES];
        Arrays.setAll(values, i -> task.type().make(random, task.valueBytes()));
    }

    /** 16 characters. */
    public static String key(long number) {
        return "key-%012d".formatted(number);
    }

    /** Writes all keys, with a value of its own each. */
    public static void fill(Entries entries, ValueType type, int valueBytes, long keys) throws Exception {
        SplittableRandom random = new SplittableRandom(2);
        int batch = Math.min(Work.BATCH, Math.max(1, (1 << 20) / valueBytes));
        for (long from = 0; from < keys; from += batch) {
            Map<String, Object> some = new HashMap<>();
            for (long i = from; i < Math.min(keys, from + batch); i++) {
                some.put(key(i), type.make(random, valueBytes));
            }
            entries.putAll(some);
        }
    }

    Done run() throws Exception {
        int batch = task.work() == Work.GET && isFast() ? Work.BATCH : 1;
        CyclicBarrier start = new CyclicBarrier(task.threads() + 1);
        ExecutorService pool = Executors.newFixedThreadPool(task.threads());
        try {
            List<Future<Worker>> workers = new ArrayList<>();
            for (int i = 0; i < task.threads(); i++) {
                Worker worker = new Worker(i, batch);
                workers.add(pool.submit(() -> {
                    start.await();
                    worker.work();
                    return worker;
                }));
            }
            start.await(10, TimeUnit.SECONDS);
            long from = System.nanoTime();
            Histogram latencies = new Histogram(3);
            long operations = 0;
            for (Future<Worker> worker : workers) {
                Worker done = worker.get(task.millis() + TimeUnit.SECONDS.toMillis(30), TimeUnit.MILLISECONDS);
                latencies.add(done.latencies);
                operations += done.operations;
            }
            return new Done(operations, System.nanoTime() - from, batch, latencies);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            pool.shutdownNow();
        }
    }

    private boolean isFast() throws Exception {
        long[] nanos = new long[PROBES];
        for (int i = 0; i < PROBES; i++) {
            long before = System.nanoTime();
            Object unused = entries.get(keys[i % keys.length]);
            nanos[i] = System.nanoTime() - before;
        }
        Arrays.sort(nanos);
        return nanos[PROBES / 2] < FAST_NANOS;
    }

    private final class Worker {
        private final int batch;
        private final Histogram latencies = new Histogram(3);
        private long random;
        private long operations;
        private @Nullable Object seen;

        Worker(int number, int batch) {
            this.random = 0x9E3779B97F4A7C15L * (number + 1);
            this.batch = batch;
        }

        void work() throws Exception {
            long now = System.nanoTime();
            long end = now + TimeUnit.MILLISECONDS.toNanos(task.millis());
            while (now < end) {
                switch (task.work()) {
                    case GET -> {
                        now = System.nanoTime();
                        get(batch);
                        now = record(now);
                        operations += batch;
                    }
                    case MIXED -> {
                        get(99);
                        entries.put(keys[next(keys.length)], values[next(VALUES)]);
                        operations += 100;
                        now = System.nanoTime();
                    }
                    case PUT -> {
                        String key = keys[next(keys.length)];
                        Object value = values[next(VALUES)];
                        now = System.nanoTime();
                        entries.put(key, value);
                        now = record(now);
                        operations++;
                    }
                    case PUT_ALL -> {
                        Map<String, Object> some = some();
                        now = System.nanoTime();
                        entries.putAll(some);
                        now = record(now);
                        operations += some.size();
                    }
                }
            }
        }

        private long record(long before) {
            long after = System.nanoTime();
            latencies.recordValue(after - before);
            return after;
        }

        /** What is read goes to a field, so that the compiler cannot do without it. */
        private void get(int count) throws Exception {
            for (int i = 0; i < count; i++) {
                String key = keys[next(keys.length)];
                seen = entries.get(key);
                if (seen == null) {
                    throw new IllegalStateException("there is no value for " + key);
                }
            }
        }

        private Map<String, Object> some() {
            Map<String, Object> some = new HashMap<>();
            int from = next(keys.length);
            for (int i = 0; i < Math.min(Work.BATCH, keys.length); i++) {
                some.put(keys[(from + i) % keys.length], values[i % VALUES]);
            }
            return some;
        }

        /** Below the bound; xorshift, a nanosecond. */
        private int next(int bound) {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            return (int) (((random >>> 32) * bound) >>> 32);
        }
    }
}
