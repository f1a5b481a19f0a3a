package io.concordcache.server;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import io.concordcache.admin.EntryText;
import io.concordcache.raft.core.Bytes;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * An entry as a JSON object: {@code {"key":"order-17","value":{"long":42},"ttl-ms":60000}}. Texts stand as they are, numbers
 * as {@code {"long":1}} or {@code {"int":1}}, all else as {@code {"base64":"…"}} with the bytes that JCache gives it; so
 * what is written and read again is the same to the byte.
 *
 * @param millisLeft how long the entry lives, null for ever
 */
record EntryLine(Bytes key, Bytes value, @Nullable Long millisLeft) {
    static String write(Bytes key, Bytes value, @Nullable Long millisLeft) {
        StringWriter line = new StringWriter();
        try (JsonWriter out = new JsonWriter(line)) {
            out.beginObject();
            write(out.name("key"), key);
            write(out.name("value"), value);
            if (millisLeft != null) {
                out.name("ttl-ms").value(millisLeft);
            }
            out.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line.toString();
    }

    private static void write(JsonWriter out, Bytes bytes) throws IOException {
        Object known = known(bytes);
        if (known instanceof String text) {
            out.value(text);
            return;
        }
        out.beginObject();
        if (known instanceof Long number) {
            out.name("long").value(number);
        } else if (known instanceof Integer number) {
            out.name("int").value(number);
        } else {
            out.name("base64").value(Base64.getEncoder().encodeToString(bytes.unwrap()));
        }
        out.endObject();
    }

    /** What these are the bytes of, null if that has no short form. */
    private static @Nullable Object known(Bytes bytes) {
        Object value = EntryText.read(bytes);
        if (value instanceof String || value instanceof Long || value instanceof Integer) {
            return EntryText.value(value).equals(bytes) ? value : null;
        }
        return null;
    }

    /** @throws IllegalArgumentException if it is no such object; the message says where */
    static EntryLine read(String line) {
        Bytes key = null;
        Bytes value = null;
        Long millisLeft = null;
        try (JsonReader in = new JsonReader(new StringReader(line))) {
            in.setStrictness(Strictness.STRICT);
            in.beginObject();
            while (in.hasNext()) {
                String name = in.nextName();
                switch (name) {
                    case "key" -> key = value(in);
                    case "value" -> value = value(in);
                    case "ttl-ms" -> millisLeft = in.nextLong();
                    default ->
                        throw new IllegalArgumentException(
                                "unknown field '" + name + "'; known are key, value, ttl-ms");
                }
            }
            in.endObject();
            require(in.peek() == JsonToken.END_DOCUMENT, "something follows the object");
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new IllegalArgumentException("no JSON object as it should be: " + firstLine(e), e);
        }
        if (key == null || value == null) {
            throw new IllegalArgumentException("it needs a key and a value");
        }
        require(millisLeft == null || millisLeft > 0, "ttl-ms must be positive");
        return new EntryLine(key, value, millisLeft);
    }

    private static Bytes value(JsonReader in) throws IOException {
        if (in.peek() == JsonToken.STRING) {
            return EntryText.value(in.nextString());
        }
        in.beginObject();
        String type = in.nextName();
        Bytes bytes = switch (type) {
            case "long" -> EntryText.value(in.nextLong());
            case "int" -> EntryText.value(in.nextInt());
            case "base64" -> base64(in.nextString());
            default -> throw new IllegalArgumentException("unknown type '" + type + "'; known are long, int, base64");
        };
        in.endObject();
        return bytes;
    }

    private static Bytes base64(String text) {
        try {
            return Bytes.wrap(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("this is no base64: " + e.getMessage(), e);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
