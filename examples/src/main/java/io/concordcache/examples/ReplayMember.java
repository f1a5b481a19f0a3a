package io.concordcache.examples;

import io.concordcache.jcache.CacheOutcomeUnknownException;
import io.concordcache.jcache.CacheUnavailableException;
import io.concordcache.jcache.ConcordConfiguration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A member of the cluster of {@link ReplayCluster}, as a process: replays its share of the requests, and says a line for
 * each thing that happens. Ends when its input does, so never outlives the one that started it.
 */
final class ReplayMember {
    /** What a member is told. */
    static final String REPLAY = "replay";

    static final String COUNT = "count";

    /** What a member says first in a line: how many requests it has made, again and again, and what has happened. */
    static final String AT = "at ";

    static final String UP = "up";
    static final String RESULT = "result ";
    static final String COUNTED = "counted ";
    static final String FAILED = "failed";

    private static final long PROGRESS_MILLIS = 200;
    /** For how long a call that the cluster does not answer is made again. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** What is to be replayed, on each of the members. */
    record Work(
            @Nullable Path trace,
            @Nullable Integer requests,
            @Nullable Long maxEntries,
            int threads) {
        private static final String NONE = "-";

        List<String> arguments() {
            return List.of(
                    trace == null ? NONE : trace.toAbsolutePath().toString(),
                    requests == null ? NONE : requests.toString(),
                    maxEntries == null ? NONE : maxEntries.toString(),
                    String.valueOf(threads));
        }

        static Work of(List<String> arguments) {
            return new Work(
                    arguments.get(0).equals(NONE) ? null : Path.of(arguments.get(0)),
                    arguments.get(1).equals(NONE) ? null : Integer.valueOf(arguments.get(1)),
                    arguments.get(2).equals(NONE) ? null : Long.valueOf(arguments.get(2)),
                    Integer.parseInt(arguments.get(3)));
        }

        Trace read() throws IOException {
            return trace == null
                    ? Trace.zipf(requests == null ? Trace.GENERATED_REQUESTS : requests)
                    : Trace.read(trace, requests == null ? Integer.MAX_VALUE : requests);
        }
    }

    /**
     * How it went at one member.
     *
     * @param repeated loads of a key that this member had loaded before
     * @param retries calls made again because the cluster did not answer
     * @param hits times of the gets that found a value
     * @param all times of all gets, with the load and the put of those that did not
     */
    record Result(double seconds, long loads, long repeated, long retries, Histogram hits, Histogram all) {
        private String line() {
            return String.join(
                    " ",
                    String.valueOf(seconds),
                    String.valueOf(loads),
                    String.valueOf(repeated),
                    String.valueOf(retries),
                    encoded(hits),
                    encoded(all));
        }

        static Result of(String line) {
            String[] words = line.split(" ", 6);
            return new Result(
                    Double.parseDouble(words[0]),
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    Long.parseLong(words[3]),
                    decoded(words[4]),
                    decoded(words[5]));
        }

        private static String encoded(Histogram histogram) {
            ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
            int length = histogram.encodeIntoByteBuffer(bytes);
            return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
        }

        private static Histogram decoded(String text) {
            return Histogram.decodeFromByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
        }
    }

    private final Work work;
    private final int index;
    private final int members;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong loads = new AtomicLong();
    private final AtomicLong repeated = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final Set<Integer> loaded = ConcurrentHashMap.newKeySet();
    /** Loads on this thread: a loader runs on the thread that reads. */
    private final ThreadLocal<int[]> loadsHere = ThreadLocal.withInitial(() -> new int[1]);

    private final Histogram hits = Replay.histogram();
    private final Histogram all = Replay.histogram();

    private ReplayMember(Work work, int index, int members) {
        this.work = work;
        this.index = index;
        this.members = members;
    }

    /** Arguments: the URI, which member of how many, and those of {@link Work}. */
    public static void main(String[] args) {
        List<String> arguments = List.of(args);
        ReplayMember member = new ReplayMember(
                Work.of(arguments.subList(3, arguments.size())), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        try {
            member.run(URI.create(args[0]));
        } catch (IOException e) {
            say(FAILED + " " + e);
        }
        Runtime.getRuntime().halt(0); // nothing is kept, so nothing needs an orderly end
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /** Listens and tells how far it is from the first moment on; one thread does the work, one thing after the other. */
    private void run(URI uri) throws IOException {
        ScheduledExecutorService progress = Executors.newSingleThreadScheduledExecutor();
        var unused = progress.scheduleWithFixedDelay(
                () -> say(AT + requests.get()), 0, PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
        ExecutorService worker = Executors.newSingleThreadExecutor();
        CompletableFuture<Running> running = CompletableFuture.supplyAsync(() -> start(uri), worker);
        var unusedToo = running.whenComplete((up, failure) -> say(failure == null ? UP : FAILED + " " + failure));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String command = line;
            var unusedAnswer = running.thenAcceptAsync(up -> answer(command, up), worker);
        }
    }

    private record Running(Trace trace, Cache<Integer, String> cache) {}

    private Running start(URI uri) {
        Trace trace;
        try {
            trace = work.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        CacheManager manager = Caching.getCachingProvider().getCacheManager(uri, null);
        ConcordConfiguration.Builder<Integer, String> configuration = ConcordConfiguration.builder(
                        Integer.class, String.class)
                .readThrough(() -> new Replay.Backend(this::loading));
        configuration =
                work.maxEntries() == null ? configuration.unbounded() : configuration.maxEntries(work.maxEntries());
        return new Running(trace, manager.createCache(Replay.CACHE, configuration.build()));
    }

    private void answer(String command, Running running) {
        try {
            say(
                    switch (command) {
                        case REPLAY ->
                            RESULT + replay(running.trace, running.cache).line();
                        case COUNT -> COUNTED + count(running.cache);
                        default -> throw new IllegalArgumentException("no such command: " + command);
                    });
        } catch (ExecutionException e) {
            say(FAILED + " " + e.getCause());
        } catch (InterruptedException | RuntimeException e) {
            say(FAILED + " " + e);
        }
    }

    private void loading(int key) {
        loads.incrementAndGet();
        loadsHere.get()[0]++;
        if (!loaded.add(key)) {
            repeated.incrementAndGet();
        }
    }

    private Result replay(Trace trace, Cache<Integer, String> cache) throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(work.threads());
        try {
            long started = System.nanoTime();
            List<Future<?>> parts = new ArrayList<>();
            for (int thread = 0; thread < work.threads(); thread++) {
                int mine = thread;
                parts.add(pool.submit(() -> replayKeysOf(mine, trace.keys(), cache)));
            }
            for (Future<?> part : parts) {
                part.get();
            }
            double seconds = (System.nanoTime() - started) / 1e9;
            return new Result(seconds, loads.get(), repeated.get(), retries.get(), hits, all);
        } finally {
            pool.shutdownNow();
        }
    }

    /** The members take the requests in turn; the threads of a member share the keys, so no two load one at once. */
    private void replayKeysOf(int thread, int[] keys, Cache<Integer, String> cache) {
        for (int i = index; i < keys.length; i += members) {
            int key = keys[i];
            if (!Replay.isShareOf(thread, work.threads(), key)) {
                continue;
            }
            int loadsBefore = loadsHere.get()[0];
            long before = System.nanoTime();
            String value = get(cache, key);
            long nanos = System.nanoTime() - before;
            check(key, value);
            all.recordValue(nanos);
            if (loadsHere.get()[0] == loadsBefore) {
                hits.recordValue(nanos);
            }
            requests.incrementAndGet();
        }
    }

    private String get(Cache<Integer, String> cache, int key) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                return cache.get(key);
            } catch (CacheUnavailableException | CacheOutcomeUnknownException e) {
                // Perhaps a leader is being elected. What a get may have written is what it would write again.
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
                retries.incrementAndGet();
            }
        }
    }

    private static void check(int key, @Nullable String value) {
        if (!Replay.value(key).equals(value)) {
            throw new IllegalStateException("a wrong value for key " + key + ": " + value);
        }
    }

    /** Entries in the cache as this member sees it, each with its right value. */
    private static int count(Cache<Integer, String> cache) {
        int count = 0;
        for (Cache.Entry<Integer, String> entry : cache) {
            check(entry.getKey(), entry.getValue());
            count++;
        }
        return count;
    }
}
