package io.concordcache.admin;

import io.concordcache.raft.config.CacheNames;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.ExpiryRule;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Caches as people describe them. */
public final class CacheText {
    private CacheText() {}

    /**
     * A cache for keys and values of any type.
     *
     * @param maxEntries null for no bound
     * @param maxBytes of keys and values; null for no bound
     * @param timeToLive after creation and update; null for ever
     * @throws IllegalArgumentException if the name or a bound is not allowed
     */
    public static CacheDefinition definition(
            String name, @Nullable Long maxEntries, @Nullable Long maxBytes, @Nullable Duration timeToLive) {
        ExpiryRule rule = timeToLive == null
                ? ExpiryRule.ETERNAL
                : new ExpiryRule(
                        Expiry.after(timeToLive.toMillis()), Expiry.UNCHANGED, Expiry.after(timeToLive.toMillis()));
        return new CacheDefinition(
                CacheNames.check(name),
                rule,
                maxEntries == null ? CacheDefinition.UNBOUNDED : maxEntries,
                maxBytes == null ? CacheDefinition.UNBOUNDED : maxBytes,
                new TreeMap<>(
                        Map.of("key-type", "java.lang.Object", "value-type", "java.lang.Object", "expiry", "by rule")));
    }

    /** {@code never}, {@code unchanged}, or a duration. */
    public static String shown(Expiry expiry) {
        if (expiry.equals(Expiry.ETERNAL)) {
            return "never";
        }
        return expiry.equals(Expiry.UNCHANGED)
                ? "unchanged"
                : Duration.ofMillis(expiry.millis()).toString();
    }
}
