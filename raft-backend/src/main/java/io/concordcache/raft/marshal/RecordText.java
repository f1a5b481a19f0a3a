package io.concordcache.raft.marshal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records and enums as texts, read from their bytes alone: for people who look at a store without the classes of those who
 * wrote to it. A record is {@code Name(component=value, ...)}; no class of the stored object is loaded.
 */
public final class RecordText {
    private static final int DEPTH = 20;

    private RecordText() {}

    /** The text, or null if the bytes are damaged, or neither a record nor an enum. */
    public static @Nullable String of(byte[] bytes) {
        if (bytes.length == 0 || (bytes[0] != Tag.RECORD && bytes[0] != Tag.ENUM)) {
            return null;
        }
        try {
            return text(bytes, 0, bytes.length, 0);
        } catch (RuntimeException e) {
            return null;
        }
    }

    private static String text(byte[] bytes, int from, int end, int depth) {
        if (depth > DEPTH) {
            return "...";
        }
        byte tag = bytes[from];
        ByteReader body = new ByteReader(bytes, from + 1, end);
        return switch (tag) {
            case Tag.STRING_LATIN1, Tag.STRING_UTF8, Tag.STRING_UTF16 -> StringCodec.decode(bytes, from, end);
            case Tag.FALSE -> "false";
            case Tag.TRUE -> "true";
            case Tag.ENUM -> simple(string(bytes, body)) + "." + string(bytes, body);
            case Tag.RECORD -> record(bytes, body, depth);
            default -> {
                BuiltIn<?> builtIn = BuiltIn.of(tag);
                yield builtIn == null || builtIn.isArray()
                        ? (end - from) + " bytes"
                        : builtIn.decode(body).toString();
            }
        };
    }

    private static String record(byte[] bytes, ByteReader body, int depth) {
        String name = simple(string(bytes, body));
        long count = body.readVarint();
        List<String> names = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            names.add(string(bytes, body));
        }
        List<String> components = new ArrayList<>();
        for (String component : names) {
            int length = body.readNestedLength();
            int from = body.skip(length);
            components.add(component + "=" + (length == 0 ? "null" : text(bytes, from, from + length, depth + 1)));
        }
        body.finish();
        return name + "(" + String.join(", ", components) + ")";
    }

    private static String simple(String className) {
        return className.substring(Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1);
    }

    private static String string(byte[] bytes, ByteReader body) {
        int length = body.readNestedLength();
        int from = body.skip(length);
        return StringCodec.decode(bytes, from, from + length);
    }
}
