package io.concordcache.benchmarks.jmh;

import io.concordcache.benchmarks.Candidate;
import io.concordcache.benchmarks.Directories;
import io.concordcache.benchmarks.member.Entries;
import io.concordcache.benchmarks.member.Load;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject;
import io.concordcache.benchmarks.member.ValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.logging.LogManager;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One Concord member alone with durability memory, and caches that know one JVM only. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class OneJvm {
    private static final int KEYS = 10_000;
    private static final int VALUE_BYTES = 100;

    @Param({"CONCORD", "CAFFEINE_REFERENCE", "CAFFEINE", "EHCACHE", "CACHE2K"})
    private Candidate system = Candidate.CONCORD;

    @Param({"STRING", "LIST"})
    private ValueType type = ValueType.STRING;

    private final String[] keys = new String[KEYS];
    private @Nullable Subject subject;
    private @Nullable Path directory;
    private @Nullable Entries opened;
    private Object value = "";

    /** Position among the keys, for each thread. */
    @State(Scope.Thread)
    public static class Next {
        private int position;

        String of(String[] keys) {
            position += 7919; // a prime, so all keys come, not in the order of their memory
            return keys[Integer.remainderUnsigned(position, keys.length)];
        }
    }

    @Setup
    public void start() throws Exception {
        LogManager.getLogManager().reset();
        Subject started = system.newSubject();
        subject = started;
        Path made = Files.createTempDirectory("concord-jmh-");
        directory = made;
        started.start(new Seat(0, List.of(0), List.of(0), made));
        Entries entries = started.open(type);
        opened = entries;
        Load.fill(entries, type, VALUE_BYTES, KEYS);
        for (int i = 0; i < KEYS; i++) {
            keys[i] = Load.key(i);
        }
        value = type.make(new SplittableRandom(1), VALUE_BYTES);
    }

    @TearDown
    public void end() throws Exception {
        if (subject != null) {
            subject.end();
        }
        if (directory != null) {
            Directories.delete(directory);
        }
    }

    private Entries entries() {
        return Objects.requireNonNull(opened, "not started");
    }

    @Benchmark
    public @Nullable Object get(Next next) throws Exception {
        return entries().get(next.of(keys));
    }

    @Benchmark
    public void put(Next next) throws Exception {
        entries().put(next.of(keys), value);
    }
}
