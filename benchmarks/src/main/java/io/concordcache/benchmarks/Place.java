package io.concordcache.benchmarks;

import java.util.Locale;

/** On which member a load runs. */
enum Place {
    LEADER,
    FOLLOWER,
    /** The first one, of a system that does not tell them apart. */
    ANY,
    /** All at once. */
    ALL;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
