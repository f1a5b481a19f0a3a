package io.concordcache.benchmarks.hibernate;

import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.logging.LogManager;
import org.hibernate.SessionFactory;
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
import org.openjdk.jmh.annotations.Warmup;

/** How long the first session factory of a JVM takes to start. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(5)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class FactoryStart {
    @Param({"NONE", "ALONE", "EHCACHE"})
    private CacheKind cache = CacheKind.NONE;

    @Setup
    public void quiet() {
        LogManager.getLogManager().reset();
    }

    @Benchmark
    public SessionFactory start() {
        String url = "jdbc:h2:mem:" + UUID.randomUUID();
        return SecondLevel.open(url, SecondLevel.settings(cache), "create");
    }
}
