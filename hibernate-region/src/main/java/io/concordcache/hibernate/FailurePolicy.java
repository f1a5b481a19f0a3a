package io.concordcache.hibernate;

/** What becomes of a transaction whose soft lock the store does not acknowledge, so that other nodes may go on reading old data. */
enum FailurePolicy {
    /** It is rolled back: the default, and the one that is never stale. */
    FAIL,
    /**
     * It commits. Others may read what it changed as it was before, until their entries expire or the store is back and
     * what was touched is cleared; if this JVM ends before, until they expire. So every region must have a time to live.
     */
    DEGRADE
}
