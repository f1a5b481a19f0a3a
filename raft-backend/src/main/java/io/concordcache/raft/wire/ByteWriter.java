package io.concordcache.raft.wire;

import io.concordcache.raft.core.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Appends primitives to a growing array: big-endian longs, unsigned variable-length integers (7 bits a byte). */
final class ByteWriter {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] array;
    private int length;

    ByteWriter(int capacity) {
        array = new byte[capacity];
    }

    void writeByte(int value) {
        ensure(1);
        array[length++] = (byte) value;
    }

    void writeLong(long value) {
        ensure(Long.BYTES);
        LONG.set(array, length, value);
        length += Long.BYTES;
    }

    void writeVarLong(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            array[length++] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        array[length++] = (byte) rest;
    }

    void writeBytes(Bytes value) {
        writeBytes(value.unwrap());
    }

    void writeString(String value) {
        writeBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    private void writeBytes(byte[] value) {
        writeVarLong(value.length);
        ensure(value.length);
        System.arraycopy(value, 0, array, length, value.length);
        length += value.length;
    }

    /** All that is left in a buffer, without its length. */
    void writeRest(ByteBuffer from) {
        int more = from.remaining();
        ensure(more);
        from.get(array, length, more);
        length += more;
    }

    private void ensure(int more) {
        if (more > array.length - length) {
            array = Arrays.copyOf(array, Math.max(array.length * 2, Math.addExact(length, more)));
        }
    }

    /** What was written; shares the array. */
    ByteBuffer written() {
        return ByteBuffer.wrap(array, 0, length);
    }

    int length() {
        return length;
    }

    /** The array behind, of which the first {@link #length()} bytes count. */
    byte[] array() {
        return array;
    }

    void clear() {
        length = 0;
    }
}
