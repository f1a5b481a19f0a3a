package io.concordcache.raft.ratis;

/** What survives the end of a member that stands alone. */
public enum Durability {
    /** Nothing: the log lies on tmpfs or in a temporary directory and goes with the store. */
    MEMORY,
    /** All acknowledged writes survive the end of the process, not always a loss of power. */
    DISK,
    /** All acknowledged writes survive a loss of power: each log entry is forced to disk before the acknowledgement. */
    FSYNC
}
