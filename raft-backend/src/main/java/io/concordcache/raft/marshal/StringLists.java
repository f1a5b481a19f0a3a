package io.concordcache.raft.marshal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the commonest mutable value, a {@code java.util.ArrayList} of plain strings, out of its serialized form without the
 * machinery of {@link GraphReader}, which takes many times as long. The form is that of the Java Object Serialization
 * Specification, chapter 6; whatever is not exactly this is left to the other.
 *
 * <p>Both classes are admitted wherever they appear, so there is nothing to ask the {@link ClassFilter}.
 */
final class StringLists {
    /** Longer ones are read soon enough as it is, and checked against the limits. */
    private static final int MOST = 10_000;

    private static final byte NULL = 0x70;
    private static final byte REFERENCE = 0x71;
    private static final byte STRING = 0x74;
    private static final byte END_BLOCK_DATA = 0x78;
    /** Handles are counted from here; the first two are the class and the list itself. */
    private static final int FIRST_STRING = 0x7E0000 + 2;

    /** Up to the number of elements: magic, version, and the class with its one field. */
    private static final byte[] HEAD = head();

    /** A block of four bytes, the capacity, which counts for nothing. */
    private static final int CAPACITY_BLOCK = 0x7704;

    private StringLists() {}

    private static byte[] head() {
        return new ByteWriter((byte) 0xAC, 63)
                .writeByte(0xED)
                .writeShort(5)
                .writeShort(0x7372)
                .writeShort("java.util.ArrayList".length())
                .writeBytes("java.util.ArrayList".getBytes(StandardCharsets.US_ASCII))
                .writeLong(0x7881D21D99C7619DL)
                .writeByte(3)
                .writeShort(1)
                .writeByte('I')
                .writeShort("size".length())
                .writeBytes("size".getBytes(StandardCharsets.US_ASCII))
                .writeShort(0x7870)
                .toBytes();
    }

    /** The list, or null if the range, a whole stream, is of another form. */
    static @Nullable Object read(byte[] bytes, int from, int end) {
        int at = from + HEAD.length;
        if (end - at < 11 || !startsWithHead(bytes, from)) {
            return null;
        }
        int size = intAt(bytes, at);
        if (size < 0 || size > Math.min(MOST, end - at) || shortAt(bytes, at + 4) != CAPACITY_BLOCK) {
            return null;
        }
        at += 10;
        ArrayList<@Nullable String> list = new ArrayList<>(size);
        @Nullable String[] written = new String[size];
        int count = 0;
        for (int i = 0; i < size; i++) {
            if (at >= end) {
                return null;
            }
            byte type = bytes[at++];
            if (type == STRING && end - at >= 2) {
                int length = shortAt(bytes, at);
                at += 2;
                if (length > end - at || !isPlain(bytes, at, at + length)) {
                    return null;
                }
                String text = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
                list.add(text);
                written[count++] = text;
                at += length;
            } else if (type == REFERENCE && end - at >= 4) {
                int handle = intAt(bytes, at) - FIRST_STRING;
                if (handle < 0 || handle >= count) {
                    return null;
                }
                list.add(written[handle]);
                at += 4;
            } else if (type == NULL) {
                list.add(null);
            } else {
                return null;
            }
        }
        return at == end - 1 && bytes[at] == END_BLOCK_DATA ? list : null;
    }

    private static boolean startsWithHead(byte[] bytes, int from) {
        return Arrays.equals(bytes, from, from + HEAD.length, HEAD, 0, HEAD.length);
    }

    /** Whether each byte is one character: ASCII without the zero, which the modified UTF-8 of a stream writes as two. */
    private static boolean isPlain(byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] <= 0) {
                return false;
            }
        }
        return true;
    }

    private static int shortAt(byte[] bytes, int at) {
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }

    private static int intAt(byte[] bytes, int at) {
        return (shortAt(bytes, at) << 16) | shortAt(bytes, at + 2);
    }
}
