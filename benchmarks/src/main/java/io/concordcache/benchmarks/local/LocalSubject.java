package io.concordcache.benchmarks.local;

import io.concordcache.benchmarks.member.Entries;
import io.concordcache.benchmarks.member.JCacheEntries;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject;
import io.concordcache.benchmarks.member.ValueType;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import org.cache2k.Cache2kBuilder;
import org.cache2k.jcache.ExtendedMutableConfiguration;
import org.cache2k.jcache.JCacheConfig;
import org.jspecify.annotations.Nullable;

/** A JCache provider that knows this JVM only. */
public abstract class LocalSubject implements Subject {
    private final String provider;
    private final boolean byValue;
    private @Nullable CacheManager manager;

    LocalSubject(String provider, boolean byValue) {
        this.provider = provider;
        this.byValue = byValue;
    }

    /** Caffeine that copies what it stores and returns. */
    public static final class Caffeine extends LocalSubject {
        public Caffeine() {
            super("com.github.benmanes.caffeine.jcache.spi.CaffeineCachingProvider", true);
        }
    }

    /** Caffeine that hands out what was put. */
    public static final class CaffeineByReference extends LocalSubject {
        public CaffeineByReference() {
            super("com.github.benmanes.caffeine.jcache.spi.CaffeineCachingProvider", false);
        }
    }

    /** Ehcache that copies what it stores and returns. */
    public static final class Ehcache extends LocalSubject {
        public Ehcache() {
            super("org.ehcache.jsr107.EhcacheCachingProvider", true);
        }
    }

    /** cache2k that copies what it stores and returns. */
    public static final class Cache2k extends LocalSubject {
        public Cache2k() {
            super("org.cache2k.jcache.provider.JCacheProvider", true);
        }

        /** It has a bound of 2,000 entries unless it is told otherwise. */
        @Override
        MutableConfiguration<String, Object> unbounded() {
            ExtendedMutableConfiguration<String, Object> configuration = new ExtendedMutableConfiguration<>();
            configuration.setCache2kConfiguration(Cache2kBuilder.of(String.class, Object.class)
                    .entryCapacity(Long.MAX_VALUE)
                    .with(JCacheConfig.class, standard -> standard.copyAlwaysIfRequested(true))
                    .config());
            configuration.setStoreByValue(true);
            return configuration;
        }
    }

    @Override
    public void start(Seat seat) {
        manager = Caching.getCachingProvider(provider).getCacheManager();
    }

    @Override
    public Entries open(ValueType type) {
        if (manager == null) {
            throw new IllegalStateException("not started");
        }
        return new JCacheEntries(manager.createCache(type.name(), unbounded()));
    }

    MutableConfiguration<String, Object> unbounded() {
        return new MutableConfiguration<String, Object>().setStoreByValue(byValue);
    }
}
