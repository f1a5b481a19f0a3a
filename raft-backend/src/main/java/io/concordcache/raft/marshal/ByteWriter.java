package io.concordcache.raft.marshal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Bytes of one encoding in the making, big-endian, beginning with the tag. */
final class ByteWriter {
    private byte[] bytes;
    private int size;

    ByteWriter(byte tag, int expectedSize) {
        bytes = new byte[expectedSize + 1];
        bytes[size++] = tag;
    }

    ByteWriter writeByte(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
        return this;
    }

    ByteWriter writeShort(int value) {
        return writeByte(value >> 8).writeByte(value);
    }

    ByteWriter writeInt(int value) {
        return writeShort(value >> 16).writeShort(value);
    }

    ByteWriter writeLong(long value) {
        return writeInt((int) (value >> 32)).writeInt((int) value);
    }

    /** Seven bits a byte, lowest first; the value counts as unsigned. */
    ByteWriter writeVarint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** As a varint, with numbers near zero short on both sides. */
    ByteWriter writeZigzag(long value) {
        return writeVarint((value << 1) ^ (value >> 63));
    }

    ByteWriter writeBytes(byte[] more) {
        reserve(more.length);
        System.arraycopy(more, 0, bytes, size, more.length);
        size += more.length;
        return this;
    }

    /** A whole encoding inside this one, or null. */
    ByteWriter writeNested(byte @Nullable [] encoding) {
        return encoding == null ? writeVarint(0) : writeVarint(encoding.length).writeBytes(encoding);
    }

    byte[] toBytes() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            if (more > Integer.MAX_VALUE - 16 - size) {
                throw new MarshalException("a cache key or value of more than 2 GiB cannot be stored");
            }
            int doubled = (int) Math.min(Integer.MAX_VALUE - 16, bytes.length * 2L);
            bytes = Arrays.copyOf(bytes, Math.max(size + more, doubled));
        }
    }
}
