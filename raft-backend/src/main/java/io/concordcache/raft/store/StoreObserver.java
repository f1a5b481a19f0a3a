package io.concordcache.raft.store;

/** Hears how long writes took. Called on threads of the store: must be quick and must not throw. */
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

    /** A write that this JVM asked for has ended. */
    void written(long nanos, Result result);

    /**
     * An entry of the log was applied, or failed, which this member put there as the leader, for whomever.
     *
     * @param commands in the entry
     */
    void appended(long nanos, int commands, Result result);
}
