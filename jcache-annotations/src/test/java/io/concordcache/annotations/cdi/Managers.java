package io.concordcache.annotations.cdi;

import com.github.benmanes.caffeine.jcache.spi.CaffeineCachingProvider;
import io.concordcache.annotations.AnnotationSettings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.CacheManager;

/** The cache manager that the beans of a test use. */
@ApplicationScoped
public class Managers {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final CaffeineCachingProvider PROVIDER = new CaffeineCachingProvider();
    private static CacheManager current;

    @Produces
    CacheManager manager() {
        return current;
    }

    static CacheManager current() {
        return current;
    }

    static void use(CacheManager manager) {
        current = manager;
    }

    /** A manager without caches, of a provider that has nothing to do with Concord. */
    static CacheManager fresh() {
        return PROVIDER.getCacheManager(
                URI.create("test-" + COUNTER.incrementAndGet()), Managers.class.getClassLoader());
    }

    /** Settings under which any cache is created. */
    @ApplicationScoped
    public static class CreatingAll {
        @Produces
        AnnotationSettings settings() {
            return new AnnotationSettings(AnnotationSettings.CreateCaches.ALL, true);
        }
    }
}
