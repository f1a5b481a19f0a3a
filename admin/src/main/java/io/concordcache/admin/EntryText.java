package io.concordcache.admin;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.marshal.ClassFilter;
import io.concordcache.raft.marshal.CompressingMarshaller;
import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.marshal.Marshaller;
import io.concordcache.raft.marshal.RecordText;
import io.concordcache.raft.marshal.StandardMarshaller;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values as text, for people. They have the bytes that JCache gives them. Of values only what has a short form and
 * classes of the JDK that do nothing are read: no class of an application is loaded.
 */
public final class EntryText {
    /** The largest that the settings allow. */
    private static final int MAX_VALUE_BYTES = 128 << 20;

    private static final int SHOWN_BYTES = 32;

    private static final Marshaller MARSHALLER = new CompressingMarshaller(
            new StandardMarshaller(ClassFilter.forTypes(), EntryText.class.getClassLoader()),
            Compression.OFF,
            0,
            MAX_VALUE_BYTES);

    private EntryText() {}

    /** What a key is written as. */
    public enum KeyType {
        STRING,
        LONG,
        INT,
        UUID,
        /** Raw bytes. */
        HEX
    }

    /**
     * The bytes of a key.
     *
     * @throws IllegalArgumentException if the text is none of this type
     */
    public static Bytes key(KeyType type, String text) {
        try {
            return Bytes.wrap(
                    switch (type) {
                        case STRING -> MARSHALLER.marshal(text);
                        case LONG -> MARSHALLER.marshal(Long.valueOf(text));
                        case INT -> MARSHALLER.marshal(Integer.valueOf(text));
                        case UUID -> MARSHALLER.marshal(UUID.fromString(text));
                        case HEX -> HexFormat.of().parseHex(text);
                    });
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no key of type " + type.name().toLowerCase(java.util.Locale.ROOT)
                            + ": it must be a whole number in its range",
                    e);
        }
    }

    /** The bytes of a value of a simple type. */
    public static Bytes value(Object value) {
        return Bytes.wrap(MARSHALLER.marshal(value));
    }

    /** The value, if it can be read without classes of an application; else null. */
    public static @Nullable Object read(Bytes bytes) {
        try {
            return MARSHALLER.unmarshal(bytes.unwrap());
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** A key or a value for people: its text, its fields, or at least its first bytes. */
    public static String shown(Bytes bytes) {
        Object value = read(bytes);
        if (value != null && !value.getClass().isArray()) {
            return value.toString();
        }
        String text = value == null ? RecordText.of(bytes.unwrap()) : null;
        if (text != null) {
            return text;
        }
        String hex = HexFormat.of().formatHex(bytes.unwrap(), 0, Math.min(SHOWN_BYTES, bytes.length()));
        return bytes.length() + " bytes " + hex + (bytes.length() > SHOWN_BYTES ? "..." : "");
    }
}
