package io.concordcache.raft.core;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable sequence of bytes with value equality, ordered as unsigned bytes: a marshalled key or value. */
public final class Bytes implements Comparable<Bytes> {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private static final int SHOWN = 32;

    private final byte[] array;

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
        return other instanceof Bytes that && Arrays.equals(array, that.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }

    @Override
    public String toString() {
        int shown = Math.min(array.length, SHOWN);
        String hex = HexFormat.of().formatHex(array, 0, shown);
        return shown == array.length ? hex : hex + "… (" + array.length + " bytes)";
    }
}
