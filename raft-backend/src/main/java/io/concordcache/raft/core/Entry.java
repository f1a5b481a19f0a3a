package io.concordcache.raft.core;

import org.jspecify.annotations.Nullable;

/** A cached value as the replicas hold it. Most never end, and are smaller for it. */
public sealed class Entry {
    private final byte[] value;
    private final long version;

    private Entry(byte[] value, long version) {
        this.value = value;
        this.version = version;
    }

    private static final class Ending extends Entry {
        private final long expiresAtMillis;

        Ending(byte[] value, long version, long expiresAtMillis) {
            super(value, version);
            this.expiresAtMillis = expiresAtMillis;
        }

        @Override
        public long expiresAtMillis() {
            return expiresAtMillis;
        }
    }

    /**
     * An entry.
     *
     * @param value the marshalled value
     * @param version the {@link Stamp} of the last change of the value; a {@link Mutation.Touch} keeps it
     * @param expiresAtMillis when the entry ends, in milliseconds of the replicated clock; {@link Expiry#NEVER} for never
     */
    public static Entry of(Bytes value, long version, long expiresAtMillis) {
        return of(value.unwrap(), version, expiresAtMillis);
    }

    private static Entry of(byte[] value, long version, long expiresAtMillis) {
        return expiresAtMillis == Expiry.NEVER
                ? new Entry(value, version)
                : new Ending(value, version, expiresAtMillis);
    }

    public Bytes value() {
        return Bytes.wrap(value);
    }

    public long version() {
        return version;
    }

    public long expiresAtMillis() {
        return Expiry.NEVER;
    }

    /** Whether the entry has ended once the replicated clock shows {@code millis}. */
    public boolean isExpiredAt(long millis) {
        return expiresAtMillis() <= millis;
    }

    Entry withDeadline(long millis) {
        return of(value, version, millis);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Entry that
                && version == that.version
                && expiresAtMillis() == that.expiresAtMillis()
                && value().equals(that.value());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(version);
    }

    @Override
    public String toString() {
        return value() + " of version " + version + ", until " + expiresAtMillis();
    }
}
