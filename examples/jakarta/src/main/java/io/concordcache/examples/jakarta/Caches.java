package io.concordcache.examples.jakarta;

import io.concordcache.jcache.ConcordConfiguration;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.annotation.GeneratedCacheKey;

/** The cache manager of the application, which the annotations find, too. */
@ApplicationScoped
public class Caches {
    @Produces
    @ApplicationScoped
    CacheManager open() {
        CacheManager manager = Caching.getCachingProvider("io.concordcache.jcache.ConcordCachingProvider")
                .getCacheManager();
        manager.createCache(
                "quotes",
                ConcordConfiguration.builder(GeneratedCacheKey.class, Quote.class)
                        .maxEntries(10_000)
                        .statistics(true)
                        .build());
        return manager;
    }

    void close(@Disposes CacheManager manager) {
        manager.close();
    }
}
