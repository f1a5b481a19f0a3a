package io.concordcache.server;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.ratis.RemoteStore;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A simple load, to see what a cluster does on this network: a closed loop of threads in one client. */
@picocli.CommandLine.Command(
        name = "bench",
        description = "Reads and writes for some seconds, after as long a warm-up, in a cache of its own.",
        footerHeading = "%nExamples:%n",
        footer = "  concord bench --threads 32 --seconds 10 --reads 90")
final class BenchCommand implements Callable<Integer> {
    private static final String CACHE = "concord-bench";

    @Mixin
    private Target target;

    @Option(names = "--threads", defaultValue = "16", description = "callers at a time (${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--seconds", defaultValue = "5", description = "how long (${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--keys", defaultValue = "10000", description = "different keys (${DEFAULT-VALUE})")
    private int keys;

    @Option(names = "--value-size", defaultValue = "100", description = "bytes of a value (${DEFAULT-VALUE})")
    private int valueSize;

    @Option(names = "--reads", defaultValue = "80", description = "percent of reads (${DEFAULT-VALUE})")
    private int reads;

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        if (threads < 1 || seconds < 1 || keys < 1 || valueSize < 0 || reads < 0 || reads > 100) {
            throw new IllegalArgumentException("threads, seconds and keys must be positive, reads from 0 to 100");
        }
        try (RemoteStore store = target.connect()) {
            long id = store.execute(new Command.CreateCache(CacheDefinition.named(CACHE)))
                    .afterVersion();
            try {
                run(store, id);
                long[] all = run(store, id);
                Arrays.sort(all);
                target.output()
                        .one(Output.row(
                                "threads",
                                threads,
                                "seconds",
                                seconds,
                                "reads-percent",
                                reads,
                                "operations",
                                all.length,
                                "per-second",
                                all.length / seconds,
                                "p50-us",
                                micros(all, 0.5),
                                "p99-us",
                                micros(all, 0.99),
                                "max-us",
                                micros(all, 1)));
            } finally {
                var unused = store.execute(new Command.DestroyCache(id));
            }
            return 0;
        }
    }

    private static long micros(long[] sorted, double quantile) {
        return sorted.length == 0
                ? 0
                : TimeUnit.NANOSECONDS.toMicros(
                        sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))]);
    }

    private long[] run(RemoteStore store, long id) throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            List<Future<List<Long>>> loops = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                loops.add(pool.submit(() -> loop(store, id, end)));
            }
            List<Long> all = new ArrayList<>();
            for (Future<List<Long>> loop : loops) {
                all.addAll(loop.get());
            }
            return all.stream().mapToLong(Long::longValue).toArray();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException failure) {
                throw failure;
            }
            throw e;
        } finally {
            pool.shutdownNow();
        }
    }

    private List<Long> loop(RemoteStore store, long id, long end) {
        List<Long> nanos = new ArrayList<>();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Bytes value = Bytes.wrap(new byte[valueSize]);
        while (System.nanoTime() < end) {
            Bytes key = Bytes.wrap(("key-" + random.nextInt(keys)).getBytes(StandardCharsets.UTF_8));
            long started = System.nanoTime();
            if (random.nextInt(100) < reads) {
                var unused = store.get(id, key, ReadLevel.LINEARIZABLE);
            } else {
                var unused = store.execute(
                        new Command.Write(id, key, Condition.ANY, new Mutation.Put(value, Expiry.ETERNAL)));
            }
            nanos.add(System.nanoTime() - started);
        }
        return nanos;
    }
}
