package io.concordcache.raft.config;

import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.store.ReadLevel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says about one cache, beside its JCache configuration.
 *
 * @param maxEntries the bound in entries, or {@link #UNLIMITED}
 * @param maxBytes the bound in bytes of keys and values as stored, or {@link #UNLIMITED}
 * @param timeToLive the life of an entry after its creation or update, or null for no end; counts only for a
 *     cache whose JCache configuration names no expiry policy
 * @param statistics whether to collect statistics, or null to leave it to the JCache configuration
 * @param management whether to register the MXBean, or null to leave it to the JCache configuration
 * @param readLevel what reads promise
 * @param near what is kept near the caller
 * @param compression of values that this JVM writes
 * @param compressionThreshold bytes of a value, as stored, from which on it is compressed
 */
public record CacheSettings(
        long maxEntries,
        long maxBytes,
        @Nullable Duration timeToLive,
        @Nullable Boolean statistics,
        @Nullable Boolean management,
        ReadLevel readLevel,
        Near near,
        Compression compression,
        long compressionThreshold) {

    /**
     * The near cache.
     *
     * @param on whether there is one
     * @param maxEntries its bound
     * @param maxStaleness how long ago an entry that a client serves may have been overwritten
     */
    public record Near(boolean on, long maxEntries, Duration maxStaleness) {
        /** @throws IllegalArgumentException if a component is out of its range */
        public Near {
            SettingTable.NEAR_CACHE_MAX_ENTRIES.check(maxEntries);
            SettingTable.NEAR_CACHE_MAX_STALENESS.check(maxStaleness);
        }

        /** The bound, 0 if there is none. */
        public long entries() {
            return on ? maxEntries : 0;
        }
    }

    /** No bound. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    static final String UNLIMITED_WORD = "unlimited";

    /** @throws IllegalArgumentException if a component is out of its range */
    public CacheSettings {
        SettingTable.MAX_ENTRIES.check(maxEntries);
        SettingTable.MAX_BYTES.check(maxBytes);
        SettingTable.COMPRESSION_THRESHOLD.check(compressionThreshold);
        if (timeToLive != null) {
            SettingTable.TIME_TO_LIVE.check(timeToLive);
        }
    }
}
