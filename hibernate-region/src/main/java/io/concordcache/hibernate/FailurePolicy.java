package io.concordcache.hibernate;

/** What becomes of a transaction whose soft lock the store does not acknowledge, so that other nodes may go on reading old data. */
enum FailurePolicy {
    /** It is rolled back: the default, and the one that is never stale. */
    FAIL,
    /**
     * It commits, and with it, in a table of the same database, what it changed. Any node of this policy that has the
     * store makes that known there, so others may read it as it was before for {@code outbox-poll}, and as long as no such node
     * runs.
     */
    OUTBOX,
    /**
     * It commits. Others may read what it changed as it was before, until their entries expire or the store is back and
     * what was touched is cleared; if this JVM ends before, until they expire. So every region must have a time to live.
     */
    DEGRADE
}
