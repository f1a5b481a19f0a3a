package io.concordcache.benchmarks.hibernate;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.hibernate.SessionFactory;
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

/** A transaction that finds and changes entities; what the cache costs is the difference to {@code NONE}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 8, time = 2)
@Measurement(iterations = 5, time = 2)
public class Update {
    @Param({"MEMBER_1", "NONE"})
    private CacheKind cache = CacheKind.NONE;

    @Param({"1", "100"})
    private int entities = 1;

    private @Nullable SecondLevel opened;
    private long position;

    @Setup
    public void start() throws IOException {
        SecondLevel level = new SecondLevel(cache);
        opened = level;
        level.fill();
    }

    @TearDown
    public void end() {
        Objects.requireNonNull(opened).close();
    }

    @Benchmark
    public void update() {
        SessionFactory factory = Objects.requireNonNull(opened).factory();
        factory.inTransaction(session -> {
            for (int i = 0; i < entities; i++) {
                position = (position + 7919) % SecondLevel.ITEMS;
                session.find(Item.class, position).stock++;
            }
        });
    }
}
