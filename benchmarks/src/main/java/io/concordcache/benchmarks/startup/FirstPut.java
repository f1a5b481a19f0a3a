package io.concordcache.benchmarks.startup;

import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;

/** The least that an application does with the embedded default; says when it is done, and ends. */
final class FirstPut {
    static final String DONE = "done";

    private FirstPut() {}

    public static void main(String[] args) {
        try (CacheManager manager = Caching.getCachingProvider().getCacheManager()) {
            Cache<String, String> cache = manager.createCache(
                    "greetings", new MutableConfiguration<String, String>().setTypes(String.class, String.class));
            cache.put("hello", "world");
            System.out.println(DONE);
        }
    }
}
