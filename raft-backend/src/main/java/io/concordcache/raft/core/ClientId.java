package io.concordcache.raft.core;

/** Who wrote: 128 bits chosen at random by each client when it starts, never used again. */
public record ClientId(long high, long low) implements Comparable<ClientId> {
    @Override
    public int compareTo(ClientId other) {
        int order = Long.compare(high, other.high);
        return order != 0 ? order : Long.compare(low, other.low);
    }
}
