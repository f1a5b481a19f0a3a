package io.concordcache.raft.core;

/** The place of one key in one cache. */
public record Slot(long cacheId, Bytes key) implements Comparable<Slot> {
    @Override
    public int compareTo(Slot other) {
        int order = Long.compare(cacheId, other.cacheId);
        return order != 0 ? order : key.compareTo(other.key);
    }
}
