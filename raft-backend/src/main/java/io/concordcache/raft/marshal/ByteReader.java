package io.concordcache.raft.marshal;

import java.util.Arrays;

/** Reads a range of foreign bytes. Whatever they say, it neither leaves the range nor allocates more than it. */
final class ByteReader {
    private final byte[] bytes;
    private final int end;
    private int position;

    ByteReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.position = from;
        this.end = end;
    }

    /** A second reader of the same range, from here on. */
    ByteReader copy() {
        return new ByteReader(bytes, position, end);
    }

    int position() {
        return position;
    }

    int end() {
        return end;
    }

    int remaining() {
        return end - position;
    }

    byte readByte() {
        require(1);
        return bytes[position++];
    }

    int readShort() {
        return (readByte() << 8) | (readByte() & 0xFF);
    }

    int readInt() {
        return (readShort() << 16) | (readShort() & 0xFFFF);
    }

    long readLong() {
        return ((long) readInt() << 32) | (readInt() & 0xFFFF_FFFFL);
    }

    long readVarint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = readByte();
            if (shift == 63 && next > 1) {
                break;
            }
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MarshalException("the bytes are damaged: a number of more than 64 bits");
    }

    long readZigzag() {
        long raw = readVarint();
        return (raw >>> 1) ^ -(raw & 1);
    }

    int readZigzagInt() {
        return Math.toIntExact(readZigzag());
    }

    /** The length of a nested encoding that is really there; 0 stands for null. */
    int readNestedLength() {
        long length = readVarint();
        if (length < 0 || length > remaining()) {
            throw truncated();
        }
        return (int) length;
    }

    /** Steps over so many bytes and says where they began. */
    int skip(int length) {
        require(length);
        int from = position;
        position += length;
        return from;
    }

    byte[] readRest() {
        byte[] rest = Arrays.copyOfRange(bytes, position, end);
        position = end;
        return rest;
    }

    void finish() {
        if (position != end) {
            throw new MarshalException(
                    "the bytes are damaged: " + remaining() + " more than what belongs to the object");
        }
    }

    private void require(int length) {
        if (length > end - position) {
            throw truncated();
        }
    }

    private static MarshalException truncated() {
        return new MarshalException("the bytes are damaged: they end before the object does");
    }
}
