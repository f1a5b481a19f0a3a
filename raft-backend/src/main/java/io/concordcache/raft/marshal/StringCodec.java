package io.concordcache.raft.marshal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * Strings in the shortest of three forms, without loss. Which form is decided by the characters alone,
 * so equal strings give equal bytes.
 */
final class StringCodec {

    static byte[] encode(String text) {
        int length = text.length();
        byte[] bytes = new byte[length + 1];
        bytes[0] = Tag.STRING_LATIN1;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c > 0xFF) {
                return encodeWide(text);
            }
            bytes[i + 1] = (byte) c;
        }
        return bytes;
    }

    static boolean isString(byte tag) {
        return tag == Tag.STRING_LATIN1 || tag == Tag.STRING_UTF8 || tag == Tag.STRING_UTF16;
    }

    /** Decodes the range, its first byte being the tag. */
    static String decode(byte[] bytes, int from, int end) {
        int first = from + 1;
        return switch (bytes[from]) {
            case Tag.STRING_LATIN1 -> new String(bytes, first, end - first, ISO_8859_1);
            case Tag.STRING_UTF8 -> decodeUtf8(bytes, first, end);
            case Tag.STRING_UTF16 -> decodeUtf16(bytes, first, end);
            default -> throw new MarshalException("the bytes are damaged: a string was expected");
        };
    }

    private static byte[] encodeWide(String text) {
        long utf8 = utf8Length(text);
        if (utf8 >= 0 && utf8 <= 2L * text.length()) {
            return new ByteWriter(Tag.STRING_UTF8, (int) utf8)
                    .writeBytes(text.getBytes(UTF_8))
                    .toBytes();
        }
        ByteWriter out = new ByteWriter(Tag.STRING_UTF16, Math.multiplyExact(2, text.length()));
        for (int i = 0; i < text.length(); i++) {
            out.writeShort(text.charAt(i));
        }
        return out.toBytes();
    }

    /** The length in UTF-8, or -1 if a surrogate stands alone: UTF-8 cannot tell that. */
    private static long utf8Length(String text) {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                length++;
            } else if (c < 0x800) {
                length += 2;
            } else if (!Character.isSurrogate(c)) {
                length += 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                length += 4;
                i++;
            } else {
                return -1;
            }
        }
        return length;
    }

    private static String decodeUtf8(byte[] bytes, int first, int end) {
        String text = new String(bytes, first, end - first, UTF_8);
        if (text.indexOf('\uFFFD') >= 0) {
            // The decoder of String replaces what is damaged by this character; only then look closely.
            try {
                return UTF_8.newDecoder()
                        .decode(ByteBuffer.wrap(bytes, first, end - first))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new MarshalException("the bytes are damaged: not valid UTF-8", e);
            }
        }
        return text;
    }

    private static String decodeUtf16(byte[] bytes, int first, int end) {
        // By hand, since the charset would replace unpaired surrogates.
        int length = end - first;
        if (length % 2 != 0) {
            throw new MarshalException("the bytes are damaged: half a character");
        }
        char[] chars = new char[length / 2];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = (char) ((bytes[first + 2 * i] << 8) | (bytes[first + 2 * i + 1] & 0xFF));
        }
        return new String(chars);
    }

    private StringCodec() {}
}
