package io.concordcache.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Entry;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ReadLevel;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The setting compression makes stored values smaller and changes nothing else. */
class CompressionTest {
    private static final String LARGE = "{\"name\":\"anna\"},".repeat(500);

    @TempDir
    Path directory;

    private CacheManager manager(String compression) {
        return Caching.getCachingProvider(ConcordCachingProvider.class.getName())
                .getCacheManager(
                        URI.create("concord:local?durability=disk&directory=" + directory
                                + "&caches.default.compression=" + compression),
                        null);
    }

    private static Cache<String, String> cache(CacheManager manager) {
        return manager.createCache(
                "c", new MutableConfiguration<String, String>().setTypes(String.class, String.class));
    }

    private static int stored(CacheManager manager) {
        CacheStore store = manager.unwrap(ConcordCacheManager.class).node().store();
        long id = Objects.requireNonNull(store.cache("c")).id();
        Entry entry = store.get(id, store.keys(id, ReadLevel.LINEARIZABLE).next(), ReadLevel.LINEARIZABLE);
        return Objects.requireNonNull(entry).value().length();
    }

    @Test
    void valuesAreEqualWhateverTheSetting() {
        try (CacheManager manager = manager("lz4")) {
            Cache<String, String> cache = cache(manager);
            cache.put("k", LARGE);
            assertThat(stored(manager)).isLessThan(LARGE.length() / 10);
            assertThat(cache.get("k")).isEqualTo(LARGE);
            assertThat(cache.replace("k", LARGE, LARGE)).isTrue();
        }
        try (CacheManager manager = manager("off")) {
            Cache<String, String> cache = cache(manager);
            assertThat(cache.get("k")).isEqualTo(LARGE);
            assertThat(cache.replace("k", "another", "x")).isFalse();
            assertThat(cache.replace("k", LARGE, LARGE)).isTrue();
            assertThat(stored(manager)).isGreaterThan(LARGE.length());
        }
        try (CacheManager manager = manager("lz4")) {
            Cache<String, String> cache = cache(manager);
            assertThat(cache.remove("k", "another")).isFalse();
            assertThat(cache.remove("k", LARGE)).isTrue();
        }
    }

    /** The tests of this module have the library of lz4 alone. */
    @Test
    void aMissingLibraryIsNamedBeforeTheCacheIsMade() {
        try (CacheManager manager = manager("zstd")) {
            assertThatThrownBy(() -> cache(manager))
                    .isInstanceOf(CacheException.class)
                    .hasMessageContaining("com.github.luben:zstd-jni");
            assertThat(manager.unwrap(ConcordCacheManager.class).node().store().cache("c"))
                    .isNull();
        }
    }
}
