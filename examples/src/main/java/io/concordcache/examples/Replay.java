package io.concordcache.examples;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.concordcache.jcache.ConcordConfiguration;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.integration.CacheLoader;
import javax.cache.management.CacheStatisticsMXBean;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Replays an access trace through a read-through cache and says how it went. */
@Command(
        name = "examples/run replay",
        description = "Replays an access trace through a read-through cache.",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  examples/run replay",
            "  examples/run replay --trace orm-busy.trace.xz --threads 2",
            "  examples/run replay --trace web12.trace.xz --max-entries 1000",
            "  examples/run replay --trace orm-busy.trace.xz --members 3"
        })
public final class Replay implements Callable<Integer> {
    static final String CACHE = "replay";

    private static final int VALUE_LENGTH = 100;
    private static final int BAR = 32;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "32-bit big-endian keys, xz if named so; without it a Zipf workload is generated")
    private @Nullable Path file;

    @Option(names = "--requests", paramLabel = "N", description = "replay N requests at most")
    private @Nullable Integer requests;

    @Option(
            names = "--max-entries",
            paramLabel = "N",
            description = "bound of the cache, compared with Caffeine of that size; unbounded without it")
    private @Nullable Long maxEntries;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "threads, of each member, which share the keys (default: 1)")
    private int threads = 1;

    @Option(
            names = "--members",
            paramLabel = "N",
            description =
                    "replay on a cluster of 3, 5 or 7 members, each a process here; without it on one member alone")
    private @Nullable Integer members;

    @Spec
    private @Nullable CommandSpec spec;

    private final PrintStream out;
    private final AtomicLong loads = new AtomicLong();
    private final Histogram nanos = histogram();

    private Replay(PrintStream out) {
        this.out = out;
    }

    /** See {@code --help}; ends the JVM with 0, 1 if the counts are not exact, or 2 for bad arguments. */
    public static void main(String[] args) {
        System.exit(run(System.out, args));
    }

    static int run(PrintStream out, String... args) {
        return new CommandLine(new Replay(out))
                .setParameterExceptionHandler((failure, arguments) -> {
                    failure.getCommandLine().getErr().println("replay: " + failure.getMessage() + " (see --help)");
                    return CommandLine.ExitCode.USAGE;
                })
                .execute(args);
    }

    private ParameterException bad(String message) {
        if (spec == null) {
            throw new IllegalStateException(message);
        }
        return new ParameterException(spec.commandLine(), message);
    }

    private Trace trace() {
        if (members != null && members != 3 && members != 5 && members != 7) {
            throw bad("--members takes 3, 5 or 7; without it one member stands alone");
        }
        if ((requests != null && requests < 1) || (maxEntries != null && maxEntries < 1) || threads < 1) {
            throw bad("--requests, --max-entries and --threads take numbers from 1");
        }
        if (file == null) {
            return Trace.zipf(requests == null ? Trace.GENERATED_REQUESTS : requests);
        }
        if (!Files.isRegularFile(file)) {
            throw bad("no such file: " + file);
        }
        try {
            Trace trace = Trace.read(file, requests == null ? Integer.MAX_VALUE : requests);
            if (trace.keys().length == 0) {
                throw bad("the trace " + file + " is empty");
            }
            return trace;
        } catch (IOException e) {
            throw bad("the trace " + file + " cannot be read: " + e.getMessage());
        }
    }

    static Histogram histogram() {
        return new ConcurrentHistogram(60_000_000_000L, 2);
    }

    /** What stands behind the cache: a value of 100 characters for each key. */
    static String value(int key) {
        return Integer.toHexString(key).repeat(VALUE_LENGTH).substring(0, VALUE_LENGTH);
    }

    /** Whether this thread takes this key, of so many threads that share the keys. */
    static boolean isShareOf(int thread, int threads, int key) {
        return Math.floorMod(Integer.hashCode(key * 0x9E3779B9), threads) == thread;
    }

    /** Loads those values. */
    static final class Backend implements CacheLoader<Integer, String> {
        private final IntConsumer loading;

        /** Tells {@code loading} of each key that is loaded. */
        Backend(IntConsumer loading) {
            this.loading = loading;
        }

        @Override
        public String load(Integer key) {
            loading.accept(key);
            return value(key);
        }

        @Override
        public Map<Integer, String> loadAll(Iterable<? extends Integer> keys) {
            Map<Integer, String> loaded = new HashMap<>();
            keys.forEach(key -> loaded.put(key, load(key)));
            return loaded;
        }
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        Trace trace = trace();
        out.printf("trace      %s, %,d requests%n", trace.description(), trace.keys().length);
        if (members != null) {
            return new ReplayCluster(out, members, new ReplayMember.Work(file, requests, maxEntries, threads))
                    .replay(trace);
        }
        try (CacheManager manager = Caching.getCachingProvider().getCacheManager()) {
            ConcordConfiguration.Builder<Integer, String> configuration = ConcordConfiguration.builder(
                            Integer.class, String.class)
                    .readThrough(() -> new Backend(key -> loads.incrementAndGet()))
                    .statistics(true);
            configuration = maxEntries == null ? configuration.unbounded() : configuration.maxEntries(maxEntries);
            Cache<Integer, String> cache = manager.createCache(CACHE, configuration.build());
            long started = System.nanoTime();
            replay(trace, cache);
            double seconds = (System.nanoTime() - started) / 1e9;
            return report(trace, seconds);
        }
    }

    /** Each thread takes the keys that fall to it, so that no two load the same key at once and the counts are exact. */
    private void replay(Trace trace, Cache<Integer, String> cache) throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (ProgressBar progress = progress(trace.keys().length)) {
            List<Future<?>> parts = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int mine = thread;
                parts.add(pool.submit(() -> replayKeysOf(mine, trace.keys(), cache, progress)));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread of the replay failed", e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    /** A bar on the terminal, nothing elsewhere. */
    @SuppressWarnings("SystemConsoleNull") // from Java 22 on there is a bar in a pipe as well: a blemish
    static ProgressBar progress(long requests) {
        ProgressBarBuilder bar = new ProgressBarBuilder()
                .setTaskName("replay")
                .setInitialMax(requests)
                .setStyle(ProgressBarStyle.ASCII)
                .setMaxRenderedLength(78)
                .setUpdateIntervalMillis(250);
        if (System.console() == null) {
            bar.setConsumer(new DelegatingProgressBarConsumer(line -> {}));
        }
        return bar.build();
    }

    private void replayKeysOf(int thread, int[] keys, Cache<Integer, String> cache, ProgressBar progress) {
        int unreported = 0;
        for (int key : keys) {
            if (!isShareOf(thread, threads, key)) {
                continue;
            }
            long before = System.nanoTime();
            String value = cache.get(key);
            nanos.recordValue(System.nanoTime() - before);
            if (value == null) {
                throw new IllegalStateException("no value for key " + key);
            }
            if (++unreported == 1000) {
                progress.stepBy(unreported);
                unreported = 0;
            }
        }
        progress.stepBy(unreported);
    }

    private int report(Trace trace, double seconds) {
        CacheStatisticsMXBean statistics = Statistics.of(CACHE);
        long total = trace.keys().length;
        long hits = statistics.getCacheHits();
        out.printf("requests   %,d in %.1f s with %d thread(s): %,.0f/s%n", total, seconds, threads, total / seconds);
        out.printf("hits       %,d, hit ratio %.2f %%%n", hits, 100.0 * hits / total);
        printCaffeine(out, trace, maxEntries);
        out.printf("loads      %,d%n", loads.get());
        out.printf(
                "get        p50 %.1f µs, p99 %.1f µs, max %,.0f µs%n",
                nanos.getValueAtPercentile(50) / 1e3, nanos.getValueAtPercentile(99) / 1e3, nanos.getMaxValue() / 1e3);
        printHistogram(out, nanos);
        if (maxEntries != null) {
            return 0;
        }
        long distinct = trace.distinctKeys();
        boolean exact = loads.get() == distinct && hits == total - distinct;
        out.println(
                exact
                        ? "exact      loads are the distinct keys, hits all the rest"
                        : "WRONG      there are %,d distinct keys, so %,d hits were due"
                                .formatted(distinct, total - distinct));
        return exact ? 0 : 1;
    }

    /** What a plain Caffeine of the same size makes of the trace, if there is a size: to compare with. */
    static void printCaffeine(PrintStream out, Trace trace, @Nullable Long maxEntries) {
        if (maxEntries != null) {
            com.github.benmanes.caffeine.cache.Cache<Integer, Boolean> cache = Caffeine.newBuilder()
                    .maximumSize(maxEntries)
                    .executor(Runnable::run)
                    .build();
            long hits = 0;
            for (int key : trace.keys()) {
                if (cache.getIfPresent(key) == null) {
                    cache.put(key, true);
                } else {
                    hits++;
                }
            }
            out.printf(
                    "           hit ratio %.2f %% of a plain Caffeine cache of that size, one request after the other%n",
                    100.0 * hits / trace.keys().length);
        }
    }

    static void printHistogram(PrintStream out, Histogram nanos) {
        long[] bounds = {1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, Long.MAX_VALUE};
        long from = 0;
        for (long to : bounds) {
            long count = nanos.getCountBetweenValues(from, Math.min(to, nanos.getHighestTrackableValue()) - 1);
            String label = to == Long.MAX_VALUE ? ">= 1 ms" : "< %,d µs".formatted(to / 1000);
            int length = (int) Math.ceil(BAR * (double) count / nanos.getTotalCount());
            out.printf("  %9s %,12d %s%n", label, count, "#".repeat(length));
            from = to;
        }
    }
}
