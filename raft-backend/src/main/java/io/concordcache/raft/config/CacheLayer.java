package io.concordcache.raft.config;

import io.concordcache.raft.access.Glob;
import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.store.ReadLevel;
import java.time.Duration;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says under one cache name or pattern. A null component is not set here, so a layer
 * below decides.
 *
 * @param pattern a cache name, a name with {@code *} for any characters, or {@code default} for every cache
 * @param timeToLive {@link #NO_TIME_TO_LIVE} if set to none
 */
public record CacheLayer(
        String pattern,
        @Nullable Long maxEntries,
        @Nullable Long maxBytes,
        @Nullable Duration timeToLive,
        @Nullable Boolean statistics,
        @Nullable Boolean management,
        @Nullable ReadLevel readLevel,
        @Nullable Boolean nearCache,
        @Nullable Long nearCacheMaxEntries,
        @Nullable Duration nearCacheMaxStaleness,
        @Nullable Compression compression,
        @Nullable Long compressionThreshold) {

    /** Stands for "set to none", as null stands for "not set". */
    public static final Duration NO_TIME_TO_LIVE = Duration.ofSeconds(Long.MAX_VALUE);

    /**
     * The more particular one first: names, then patterns by the number of characters that are not {@code *},
     * then the default. Equal ones by their text, so that the order of the sources decides nothing.
     */
    static final Comparator<String> MOST_PARTICULAR_FIRST = Comparator.comparing(CacheLayer::isDefault)
            .thenComparing(CacheLayer::isPattern)
            .thenComparing(Comparator.comparingLong(CacheLayer::literals).reversed())
            .thenComparing(Comparator.naturalOrder());

    /** Whether this layer counts for the cache of that name. */
    public boolean matches(String cacheName) {
        return isDefault(pattern) || Glob.matches(pattern, cacheName);
    }

    private static boolean isDefault(String pattern) {
        return pattern.equals(SettingTable.DEFAULT_CACHE);
    }

    private static boolean isPattern(String pattern) {
        return pattern.indexOf(Glob.ANY) >= 0;
    }

    private static long literals(String pattern) {
        return pattern.chars().filter(c -> c != Glob.ANY).count();
    }
}
