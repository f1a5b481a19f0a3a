package io.concordcache.hibernate;

import io.concordcache.raft.marshal.MarshalException;
import io.concordcache.raft.marshal.Marshaller;
import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Parts of keys and values one after the other, each a null, an array of parts, or what the marshaller makes of it: many small
 * built-in encodings in place of one stream of Java serialization. Written here, and read again for values only.
 */
final class Parts {
    private static final byte NULL = 0;
    private static final byte VALUE = 1;
    private static final byte ARRAY = 2;
    private static final byte SERIALIZABLES = 3;
    private static final int MAX_ELEMENTS = 1 << 16;
    /** Arrays in arrays: identifiers and components are nested a few deep. */
    private static final int MAX_DEPTH = 50;

    private static final int SEVEN_BITS = 7;
    private static final int LOW = 0x7f;
    private static final int MORE = 0x80;
    private static final int LONGEST_SHIFT = 28;

    private Parts() {}

    /**
     * An array of {@code Object} or {@code Serializable} is read as what it was; others are left to the marshaller.
     *
     * @throws MarshalException if arrays are nested too deeply
     */
    static void write(ByteArrayOutputStream out, Marshaller marshaller, @Nullable Object part) {
        write(out, marshaller, part, 0);
    }

    private static void write(ByteArrayOutputStream out, Marshaller marshaller, @Nullable Object part, int depth) {
        if (depth > MAX_DEPTH) {
            throw new MarshalException("more than " + MAX_DEPTH + " arrays are nested in each other");
        }
        if (part == null) {
            out.write(NULL);
        } else if (part.getClass() == Object[].class || part.getClass() == Serializable[].class) {
            Object[] elements = (Object[]) part;
            out.write(part.getClass() == Object[].class ? ARRAY : SERIALIZABLES);
            writeInt(out, elements.length);
            for (Object element : elements) {
                write(out, marshaller, element, depth + 1);
            }
        } else {
            byte[] bytes = marshaller.marshal(part);
            out.write(VALUE);
            writeInt(out, bytes.length);
            out.writeBytes(bytes);
        }
    }

    private static void writeInt(ByteArrayOutputStream out, int number) {
        int rest = number;
        while (rest > LOW) {
            out.write((rest & LOW) | MORE);
            rest >>>= SEVEN_BITS;
        }
        out.write(rest);
    }

    /** @throws MarshalException if the bytes are damaged */
    static @Nullable Object read(ByteBuffer in, Marshaller marshaller) {
        return read(in, marshaller, 0);
    }

    private static @Nullable Object read(ByteBuffer in, Marshaller marshaller, int depth) {
        if (depth > MAX_DEPTH) {
            throw new MarshalException("the bytes are damaged: arrays in arrays without end");
        }
        try {
            byte kind = in.get();
            return switch (kind) {
                case NULL -> null;
                case ARRAY -> fill(new Object[elements(in)], in, marshaller, depth);
                case SERIALIZABLES -> fill(new Serializable[elements(in)], in, marshaller, depth);
                case VALUE -> {
                    byte[] bytes = new byte[length(in, in.remaining())];
                    in.get(bytes);
                    yield marshaller.unmarshal(bytes);
                }
                default -> throw new MarshalException("the bytes are damaged: an unknown kind of part");
            };
        } catch (BufferUnderflowException | ArrayStoreException e) {
            throw new MarshalException("the bytes are damaged: they end too early, or hold what they cannot", e);
        }
    }

    private static Object[] fill(@Nullable Object[] elements, ByteBuffer in, Marshaller marshaller, int depth) {
        for (int i = 0; i < elements.length; i++) {
            elements[i] = read(in, marshaller, depth + 1);
        }
        return elements;
    }

    /** Each takes a byte at least. */
    private static int elements(ByteBuffer in) {
        return length(in, Math.min(MAX_ELEMENTS, in.remaining()));
    }

    private static int length(ByteBuffer in, int most) {
        int number = 0;
        for (int shift = 0; shift <= LONGEST_SHIFT; shift += SEVEN_BITS) {
            byte next = in.get();
            number |= (next & LOW) << shift;
            if (next >= 0) {
                break;
            }
        }
        if (number < 0 || number > most) {
            throw new MarshalException("the bytes are damaged: a length beyond their end");
        }
        return number;
    }
}
