package io.concordcache.hibernate;

import io.concordcache.raft.core.Bytes;

/**
 * A cache key as Hibernate hands it around: the bytes that the store knows, and the identifier or the natural id that it
 * was made of, for whoever asks. Two are equal if their bytes are.
 */
final class RegionKey {
    private final Bytes bytes;
    private final Object origin;

    RegionKey(Bytes bytes, Object origin) {
        this.bytes = bytes;
        this.origin = origin;
    }

    Bytes bytes() {
        return bytes;
    }

    Object origin() {
        return origin;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RegionKey that && bytes.equals(that.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.hashCode();
    }

    @Override
    public String toString() {
        return String.valueOf(origin);
    }
}
