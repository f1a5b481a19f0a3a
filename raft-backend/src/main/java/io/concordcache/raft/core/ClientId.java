package io.concordcache.raft.core;

/** Who wrote: the id of a session, given by {@link Command.Register} and never again. */
public record ClientId(long high, long low) implements Comparable<ClientId> {
    /** Whoever has no session yet; may register and nothing else. */
    public static final ClientId NONE = new ClientId(0, 0);

    /** The client of the session that a {@link Command.Register} of this stamp opened. */
    public static ClientId of(long stamp) {
        return new ClientId(0, stamp);
    }

    @Override
    public int compareTo(ClientId other) {
        int order = Long.compare(high, other.high);
        return order != 0 ? order : Long.compare(low, other.low);
    }
}
