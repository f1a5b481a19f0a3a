package io.concordcache.jcache.config;

/** What a node's entries survive. */
public enum Durability {
    /** Nothing: the entries end with the node. The log lives in a temporary directory. */
    MEMORY,
    /** A crash of the process, not one of the machine: the log is written, but not forced to the disk. */
    DISK,
    /** A loss of power: a write is acknowledged after the disk has confirmed it. */
    FSYNC
}
