package io.concordcache.raft.store;

/** Hears how long things took. Called on threads of the store and of its callers: must be quick and must not throw. */
public interface StoreObserver {

    /** How a write ended. */
    enum Result {
        OK,
        /** It was not applied, and may be sent again. */
        UNAVAILABLE,
        /** It may or may not have been applied. */
        UNKNOWN,
        /** It was refused, and would be again. */
        REJECTED
    }

    /** What a call to a cache was for. */
    enum Use {
        GET,
        PUT,
        REMOVE
    }

    /** A write that this JVM asked for has ended. */
    void written(long nanos, Result result);

    /**
     * An entry of the log was applied, or failed, which this member put there as the leader, for whomever.
     *
     * @param commands in the entry
     */
    void appended(long nanos, int commands, Result result);

    /** A call to a cache in this JVM has ended well; told where the cache has statistics enabled. */
    default void used(String cache, Use use, long nanos) {}
}
