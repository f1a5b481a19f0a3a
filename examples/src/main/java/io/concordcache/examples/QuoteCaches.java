package io.concordcache.examples;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.annotation.GeneratedCacheKey;
import javax.cache.configuration.MutableConfiguration;

/** Where the annotations find their caches. Without such a bean they ask the default cache manager. */
@ApplicationScoped
public class QuoteCaches {
    /** The manager's URI: a member of a cluster, or a client. */
    static final String URI_PROPERTY = "example.uri";

    @Produces
    @Singleton
    CacheManager manager() {
        CacheManager manager =
                Caching.getCachingProvider().getCacheManager(URI.create(System.getProperty(URI_PROPERTY)), null);
        manager.createCache(
                Quotes.CACHE,
                new MutableConfiguration<GeneratedCacheKey, Quotes.Quote>()
                        .setTypes(GeneratedCacheKey.class, Quotes.Quote.class));
        manager.createCache(
                Quotes.FAILURES,
                new MutableConfiguration<GeneratedCacheKey, Quotes.NotSoldException>()
                        .setTypes(GeneratedCacheKey.class, Quotes.NotSoldException.class));
        return manager;
    }

    void close(@Disposes CacheManager manager) {
        manager.close();
    }
}
