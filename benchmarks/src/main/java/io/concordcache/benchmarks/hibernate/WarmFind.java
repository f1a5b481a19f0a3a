package io.concordcache.benchmarks.hibernate;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.hibernate.Session;
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

/** An entity found by its id in the second-level cache. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
public class WarmFind {
    @Param({"MEMBER_1", "MEMBER_2", "MEMBER_3", "EHCACHE"})
    private CacheKind cache = CacheKind.NONE;

    private @Nullable SecondLevel opened;
    private @Nullable SessionFactory factory;
    private @Nullable Session session;
    private long position;

    @Setup
    public void start() throws IOException {
        SecondLevel level = new SecondLevel(cache);
        opened = level;
        level.fill();
        SessionFactory chosen = level.factory();
        factory = chosen;
        session = chosen.openSession();
        chosen.getStatistics().setStatisticsEnabled(true);
        for (int i = 0; i < 2 * SecondLevel.ITEMS; i++) {
            find();
        }
        if (chosen.getStatistics().getSecondLevelCacheHitCount() < SecondLevel.ITEMS) {
            throw new IllegalStateException("not cached: " + chosen.getStatistics());
        }
        chosen.getStatistics().setStatisticsEnabled(false);
    }

    @TearDown
    public void end() {
        Objects.requireNonNull(session).close();
        Objects.requireNonNull(opened).close();
    }

    private long next() {
        position = (position + 7919) % SecondLevel.ITEMS;
        return position;
    }

    /** In a session of its own. */
    @Benchmark
    public Item find() {
        try (Session own = Objects.requireNonNull(factory).openSession()) {
            return own.find(Item.class, next());
        }
    }

    /** In a session that is open already. */
    @Benchmark
    public Item findInSession() {
        Session open = Objects.requireNonNull(session);
        open.clear();
        return open.find(Item.class, next());
    }
}
