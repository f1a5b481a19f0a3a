package io.concordcache.raft.wire;

import io.concordcache.raft.core.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads what {@link ByteWriter} wrote. Never allocates more than is there; every fault is a {@link CorruptDataException}. */
final class ByteReader {
    private final ByteBuffer buffer;

    ByteReader(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    int readByte() {
        try {
            return buffer.get() & 0xff;
        } catch (BufferUnderflowException e) {
            throw cutOff(e);
        }
    }

    long readLong() {
        try {
            return buffer.getLong();
        } catch (BufferUnderflowException e) {
            throw cutOff(e);
        }
    }

    long readVarLong() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new CorruptDataException("a number is too long at byte " + buffer.position());
    }

    /** A count of things that take at least one byte each. */
    int readCount() {
        long count = readVarLong();
        if (count < 0 || count > buffer.remaining()) {
            throw new CorruptDataException("a length of " + count + " at byte " + buffer.position() + ", but "
                    + buffer.remaining() + " bytes left");
        }
        return (int) count;
    }

    Bytes readBytes() {
        byte[] array = new byte[readCount()];
        buffer.get(array);
        return Bytes.wrap(array);
    }

    String readString() {
        int length = readCount();
        ByteBuffer text = buffer.slice(buffer.position(), length);
        buffer.position(buffer.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw new CorruptDataException("a text is not UTF-8 before byte " + buffer.position(), e);
        }
    }

    int remaining() {
        return buffer.remaining();
    }

    void expectEnd() {
        if (buffer.hasRemaining()) {
            throw new CorruptDataException(buffer.remaining() + " bytes too many at byte " + buffer.position());
        }
    }

    private CorruptDataException cutOff(BufferUnderflowException cause) {
        return new CorruptDataException("cut off at byte " + buffer.position(), cause);
    }
}
