package io.concordcache.examples;

import io.concordcache.examples.Quotes.NotSoldException;
import io.concordcache.examples.Quotes.Quote;
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
                "quotes",
                new MutableConfiguration<GeneratedCacheKey, Quote>().setTypes(GeneratedCacheKey.class, Quote.class));
        manager.createCache(
                "quotes-not-sold",
                new MutableConfiguration<GeneratedCacheKey, NotSoldException>()
                        .setTypes(GeneratedCacheKey.class, NotSoldException.class));
        return manager;
    }

    void close(@Disposes CacheManager manager) {
        manager.close();
    }
}
