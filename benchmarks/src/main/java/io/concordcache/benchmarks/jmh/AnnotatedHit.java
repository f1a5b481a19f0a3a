package io.concordcache.benchmarks.jmh;

import io.concordcache.annotations.MethodKey;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.logging.LogManager;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.GeneratedCacheKey;
import javax.cache.configuration.MutableConfiguration;
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

/** What an annotated method costs that hits, beside the cache's own get: {@code annotated} less {@code get}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class AnnotatedHit {
    private static final int KEYS = 1 << 10;
    private static @Nullable CacheManager current;

    /** Providers of JCache by class name. */
    public enum Provider {
        CONCORD("io.concordcache.jcache.ConcordCachingProvider", true),
        /** The quickest there is: a map that hands out references. */
        CAFFEINE_REFERENCE("com.github.benmanes.caffeine.jcache.spi.CaffeineCachingProvider", false);

        private final String className;
        private final boolean byValue;

        Provider(String className, boolean byValue) {
            this.className = className;
            this.byValue = byValue;
        }
    }

    /** The cache manager of the annotations. */
    @ApplicationScoped
    public static class Caches {
        @Produces
        @Singleton
        CacheManager manager() {
            return Objects.requireNonNull(current, "not started");
        }
    }

    /** A method as applications have it. */
    @ApplicationScoped
    public static class Service {
        @CacheResult(cacheName = "annotated")
        public String text(String name, int number) {
            return name + number;
        }
    }

    /** Position among the keys, for each thread. */
    @State(Scope.Thread)
    public static class Next {
        private int position;

        int next() {
            position += 7919;
            return position & (KEYS - 1);
        }
    }

    @Param
    private Provider provider = Provider.CONCORD;

    private final String[] names = new String[KEYS];
    private final MethodKey[] keys = new MethodKey[KEYS];
    private @Nullable SeContainer container;
    private @Nullable Cache<GeneratedCacheKey, String> cache;
    private @Nullable Service service;

    @Setup
    public void start() {
        LogManager.getLogManager().reset();
        CacheManager manager = Caching.getCachingProvider(provider.className).getCacheManager();
        current = manager;
        cache = manager.createCache(
                "annotated",
                new MutableConfiguration<GeneratedCacheKey, String>()
                        .setTypes(GeneratedCacheKey.class, String.class)
                        .setStoreByValue(provider.byValue));
        SeContainer started = SeContainerInitializer.newInstance()
                .addBeanClasses(Service.class, Caches.class)
                .initialize();
        container = started;
        service = started.select(Service.class).get();
        for (int i = 0; i < KEYS; i++) {
            names[i] = "customer-" + i;
            keys[i] = MethodKey.of(names[i], i);
            service.text(names[i], i);
        }
    }

    @TearDown
    public void end() {
        if (container != null) {
            container.close();
        }
        if (current != null) {
            current.close();
        }
    }

    /** With a key that is there. */
    @Benchmark
    public @Nullable Object get(Next next) {
        return Objects.requireNonNull(cache).get(keys[next.next()]);
    }

    /** The key is made of the parameters. */
    @Benchmark
    public @Nullable Object keyAndGet(Next next) {
        int i = next.next();
        return Objects.requireNonNull(cache).get(MethodKey.of(names[i], i));
    }

    /** The call of the bean's method. */
    @Benchmark
    public Object annotated(Next next) {
        int i = next.next();
        return Objects.requireNonNull(service).text(names[i], i);
    }
}
