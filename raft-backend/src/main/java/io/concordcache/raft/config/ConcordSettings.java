package io.concordcache.raft.config;

import io.concordcache.raft.ratis.StoreSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration of a cache manager, parsed and checked.
 *
 * @param node what the member is started with, or how its client reaches the servers
 * @param caches the layers of cache settings, the more particular one first; the last is the default, which
 *     counts for every cache
 * @param serializationAllow {@code serialization.allow}: patterns of classes that Java serialization may read
 * @param effective every value that counts, with its origin: those of the node and of the default layer always,
 *     those of other layers if set
 */
public record ConcordSettings(
        StoreSettings node,
        List<CacheLayer> caches,
        List<String> serializationAllow,
        List<EffectiveSetting> effective) {

    public ConcordSettings {
        caches = List.copyOf(caches);
        serializationAllow = List.copyOf(serializationAllow);
        effective = List.copyOf(effective);
    }

    /** The settings if nothing at all is configured; looks at no environment variable or system property. */
    public static ConcordSettings defaults() {
        URI local = SettingsLoader.DEFAULT_URI;
        return new SettingsLoader(Map.of(), Map.of()).load(local, ConcordSettings.class.getClassLoader(), null);
    }

    /**
     * The settings of one cache. Each of its values comes from the most particular layer that sets it: the
     * cache's name, then the patterns that match, those with more characters besides {@code *} first, then
     * {@code caches.default}.
     *
     * @param cacheName the name of a cache that exists or not
     */
    public CacheSettings cacheSettings(String cacheName) {
        Duration timeToLive = first(cacheName, CacheLayer::timeToLive);
        return new CacheSettings(
                Objects.requireNonNull(first(cacheName, CacheLayer::maxEntries)),
                Objects.requireNonNull(first(cacheName, CacheLayer::maxBytes)),
                CacheLayer.NO_TIME_TO_LIVE.equals(timeToLive) ? null : timeToLive,
                first(cacheName, CacheLayer::statistics),
                first(cacheName, CacheLayer::management),
                Objects.requireNonNull(first(cacheName, CacheLayer::readLevel)),
                new CacheSettings.Near(
                        Objects.requireNonNull(first(cacheName, CacheLayer::nearCache)),
                        Objects.requireNonNull(first(cacheName, CacheLayer::nearCacheMaxEntries)),
                        Objects.requireNonNull(first(cacheName, CacheLayer::nearCacheMaxStaleness))),
                Objects.requireNonNull(first(cacheName, CacheLayer::compression)),
                Objects.requireNonNull(first(cacheName, CacheLayer::compressionThreshold)));
    }

    /** Bytes of the largest value, as stored. */
    public int maxValueBytes() {
        return node.maxValueBytes();
    }

    /** Where the value of a full key such as {@code durability} was found; empty if the key is not effective. */
    public Optional<Origin> origin(String key) {
        return effective.stream()
                .filter(each -> each.key().equals(key))
                .map(EffectiveSetting::origin)
                .findFirst();
    }

    /** The effective configuration, one line per value with its origin. Secrets are masked. */
    public String describe() {
        StringBuilder out = new StringBuilder();
        for (EffectiveSetting each : effective) {
            out.append(each.key())
                    .append(" = ")
                    .append(each.shown().isEmpty() ? "(empty)" : each.shown())
                    .append("  (")
                    .append(each.origin())
                    .append(")\n");
        }
        return out.toString();
    }

    private <T> @Nullable T first(String cacheName, Function<CacheLayer, @Nullable T> component) {
        for (CacheLayer layer : caches) {
            T value = layer.matches(cacheName) ? component.apply(layer) : null;
            if (value != null) {
                return value;
            }
        }
        return null;
    }
}
