package io.concordcache.raft.core;

/**
 * The name of a soft lock, chosen by the caller before it sends {@link Command.SoftLock}, so that a lock whose outcome is
 * unknown can still be released.
 *
 * @param owner who chose it: drawn at random once for each owner
 * @param number never used twice by the owner
 */
public record LockId(long owner, long number) implements Comparable<LockId> {
    @Override
    public int compareTo(LockId other) {
        int order = Long.compare(owner, other.owner);
        return order != 0 ? order : Long.compare(number, other.number);
    }
}
