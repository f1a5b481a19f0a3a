package io.concordcache.raft.core;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable sequence of bytes with value equality, ordered as unsigned bytes: a marshalled key or value. */
public final class Bytes implements Comparable<Bytes> {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private static final int SHOWN = 32;
    /** Odd, without a pattern: 2^64 divided by the golden ratio. */
    private static final long FACTOR = 0x9E37_79B9_7F4A_7C15L;

    private final byte[] array;
    /** 0 while it was not asked for, or is really 0; threads that meet compute the same. */
    private int hash;

    private Bytes(byte[] array) {
        this.array = array;
    }

    /** Takes the array over without a copy; the caller must not change it afterwards. */
    public static Bytes wrap(byte[] array) {
        return new Bytes(array);
    }

    /** The array itself, not a copy; the caller must not change it. */
    public byte[] unwrap() {
        return array;
    }

    public int length() {
        return array.length;
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(array, other.array);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Bytes that && Arrays.equals(array, that.array));
    }

    /**
     * Spreads better than {@link Arrays#hashCode(byte[])}, by which most short numbered keys share theirs with another: what
     * a policy of eviction knows of keys by their hash codes would be blurred.
     */
    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            long spread = array.length;
            for (byte each : array) {
                spread = (spread ^ (each & 0xff)) * FACTOR;
            }
            known = (int) (spread >>> 32);
            hash = known;
        }
        return known;
    }

    @Override
    public String toString() {
        int shown = Math.min(array.length, SHOWN);
        String hex = HexFormat.of().formatHex(array, 0, shown);
        return shown == array.length ? hex : hex + "… (" + array.length + " bytes)";
    }
}
