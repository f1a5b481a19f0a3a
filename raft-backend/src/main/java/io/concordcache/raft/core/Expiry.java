package io.concordcache.raft.core;

/**
 * How a mutation sets the end of an entry's life.
 *
 * @param millis a time to live in milliseconds from the stamp of the operation (0 ends the entry at once), or one of the
 *     negative codes of {@link #BY_RULE} and {@link #UNCHANGED}, or {@link #NEVER}
 */
public record Expiry(long millis) {
    /** A deadline that no clock reaches. */
    public static final long NEVER = Long.MAX_VALUE;

    /** As the cache's {@link ExpiryRule} says for the case at hand. */
    public static final Expiry BY_RULE = new Expiry(-2);
    /** The deadline stays as it is; a new entry lives for ever. */
    public static final Expiry UNCHANGED = new Expiry(-1);
    /** The entry does not expire. */
    public static final Expiry ETERNAL = new Expiry(NEVER);

    public Expiry {
        if (millis < -2) {
            throw new IllegalArgumentException("a time to live must not be negative: " + millis + " ms");
        }
    }

    /** A time to live of {@code millis}, 0 or more, from the stamp of the operation. */
    public static Expiry after(long millis) {
        if (millis < 0) {
            throw new IllegalArgumentException("a time to live must not be negative: " + millis + " ms");
        }
        return new Expiry(millis);
    }

    /** The deadline that results, for an entry whose deadline was {@code current}. */
    long deadline(long nowMillis, long current) {
        if (equals(UNCHANGED)) {
            return current;
        }
        return millis >= NEVER - nowMillis ? NEVER : nowMillis + millis;
    }
}
