package io.concordcache.raft.store;

/** What a read promises. */
public enum ReadLevel {
    /** As if all clients read and wrote one copy, one after the other (Herlihy and Wing, 1990). */
    LINEARIZABLE,
    /** The reader sees its own writes and never goes back in time. */
    SESSION,
    /** What the local replica holds. */
    EVENTUAL
}
