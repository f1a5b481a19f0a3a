package io.concordcache.raft.store;

import java.time.Duration;

/**
 * What a node that holds no replica may keep of one cache, to answer reads below {@link ReadLevel#LINEARIZABLE} itself.
 *
 * @param maxEntries how many entries are kept; 1 or more
 * @param maxStaleness no copy is served that was overwritten longer ago, by this node's monotonic clock; positive
 */
public record NearBounds(long maxEntries, Duration maxStaleness) {
    public NearBounds {
        if (maxEntries < 1 || maxStaleness.isNegative() || maxStaleness.isZero()) {
            throw new IllegalArgumentException(
                    "the bounds of a near cache must be positive: " + maxEntries + " entries, " + maxStaleness);
        }
    }
}
