package io.concordcache.raft.core;

/**
 * A cached value as the replicas hold it.
 *
 * @param value the marshalled value
 * @param version the {@link Stamp} of the last change of the value; a {@link Mutation.Touch} keeps it
 * @param expiresAtMillis when the entry ends, in milliseconds of the replicated clock; {@link Expiry#NEVER} for never
 */
public record Entry(Bytes value, long version, long expiresAtMillis) {

    /** Whether the entry has ended once the replicated clock shows {@code millis}. */
    public boolean isExpiredAt(long millis) {
        return expiresAtMillis <= millis;
    }

    Entry withDeadline(long millis) {
        return new Entry(value, version, millis);
    }
}
