package io.concordcache.raft.store;

import org.jspecify.annotations.Nullable;

/**
 * A number that the library below counts by itself, named as it names it; another release of it may count something else.
 *
 * @param registry the part that counts, such as {@code log_worker}
 * @param name such as {@code syncTime}; may have the name of another member in it
 * @param quantile of the latest times, from 0 to 1; null for what is no time
 */
public record EngineMetric(
        String registry, String name, Kind kind, @Nullable Double quantile, double value) {
    /** What the value is. */
    public enum Kind {
        /** How often something happened; falls when the member starts its part anew. */
        COUNT,
        /** A state of this moment, in whatever unit. */
        VALUE,
        /** A time in seconds. */
        TIME
    }
}
