package io.concordcache.raft.marshal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputFilter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The marshaller that is used unless another is configured.
 *
 * <p>Strings, boxed types, common numbers, {@code java.time}, arrays of bytes, ints, longs and strings,
 * enums, and records made of these have short encodings of their own; a record need not be
 * {@code Serializable} for that. Everything else is written by Java serialization. {@link KeyTypes} tells
 * of which classes equal keys give equal bytes.
 *
 * <p>Only classes that the {@link ClassFilter} admits are written or read, within limits: 100 objects deep,
 * 1,000,000 references, 16 Mi elements of one array. For any thread; does not block.
 */
public final class StandardMarshaller implements Marshaller {
    private final ClassFilter filter;
    private final ClassResolver resolver;

    /**
     * @param filter the classes that may be written and read
     * @param loader finds the classes when reading: that of the application whose objects these are
     */
    public StandardMarshaller(ClassFilter filter, ClassLoader loader) {
        this.filter = filter;
        this.resolver = new ClassResolver(loader);
    }

    /** {@inheritDoc} */
    @Override
    public byte[] marshal(Object value) {
        if (value instanceof String text) {
            return StringCodec.encode(text);
        }
        try {
            return encode(value, filter.pass(), 1);
        } catch (MarshalException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            throw new MarshalException("an object of " + value.getClass() + " could not be written: " + e, e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public Object unmarshal(byte[] bytes) {
        if (bytes.length == 0) {
            throw new MarshalException("the bytes are damaged: there are none");
        }
        if (StringCodec.isString(bytes[0])) {
            return StringCodec.decode(bytes, 0, bytes.length);
        }
        try {
            return decode(bytes, 0, bytes.length, filter.pass(), 1);
        } catch (MarshalException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError | InternalError | LinkageError e) {
            throw new MarshalException(
                    "the bytes are damaged, or of another version of a class: "
                            + MarshalException.printable(e.toString()),
                    e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public boolean isImmutable(Class<?> type) {
        return ImmutableTypes.contains(type);
    }

    private byte[] encode(Object value, ClassFilter.Pass pass, int depth) {
        if (depth > Limits.DEPTH_WRITTEN) {
            throw Limits.exceeded("more levels of nesting", Limits.DEPTH_WRITTEN);
        }
        BuiltIn<?> builtIn = BuiltIn.of(value.getClass());
        if (builtIn != null) {
            return builtIn.encode(value);
        }
        if (value instanceof String text) {
            return StringCodec.encode(text);
        }
        if (value instanceof Boolean truth) {
            return new byte[] {truth ? Tag.TRUE : Tag.FALSE};
        }
        if (value instanceof Enum<?> constant) {
            return encodeEnum(constant, pass);
        }
        if (value.getClass() == String[].class) {
            return encodeStrings((String[]) value);
        }
        if (value instanceof Record) {
            RecordShape shape = RecordShape.of(value.getClass());
            if (shape != null && shape.isPlainData()) {
                return encodeRecord(value, shape, pass, depth);
            }
        }
        return serialize(value, pass);
    }

    private Object decode(byte[] bytes, int from, int end, ClassFilter.Pass pass, int depth) {
        if (depth > Limits.DEPTH) {
            throw Limits.exceeded("more levels of nesting", Limits.DEPTH);
        }
        byte tag = bytes[from];
        ByteReader body = new ByteReader(bytes, from + 1, end);
        return switch (tag) {
            case Tag.STRING_LATIN1, Tag.STRING_UTF8, Tag.STRING_UTF16 -> StringCodec.decode(bytes, from, end);
            case Tag.FALSE, Tag.TRUE -> {
                body.finish();
                yield tag == Tag.TRUE;
            }
            case Tag.ENUM -> decodeEnum(bytes, body, pass);
            case Tag.STRINGS -> decodeStrings(bytes, body);
            case Tag.RECORD -> decodeRecord(bytes, body, pass, depth);
            case Tag.SERIALIZED -> deserialize(bytes, from + 1, end, pass);
            default -> {
                BuiltIn<?> builtIn = BuiltIn.of(tag);
                if (builtIn == null) {
                    throw new MarshalException("the bytes are damaged, or were written by a newer version of Concord or"
                            + " by another marshaller: unknown tag " + tag);
                }
                yield builtIn.decode(body);
            }
        };
    }

    private static byte[] encodeEnum(Enum<?> constant, ClassFilter.Pass pass) {
        Class<?> type = constant.getDeclaringClass();
        pass.check(type);
        return new ByteWriter(Tag.ENUM, 63)
                .writeNested(StringCodec.encode(type.getName()))
                .writeNested(StringCodec.encode(constant.name()))
                .toBytes();
    }

    private Object decodeEnum(byte[] bytes, ByteReader body, ClassFilter.Pass pass) {
        Class<?> type = resolver.resolve(nestedString(bytes, body));
        pass.check(type);
        String name = nestedString(bytes, body);
        body.finish();
        if (!type.isEnum()) {
            throw new MarshalException("an enum was stored, but here " + type + " is none");
        }
        return constant(type, name);
    }

    // The name decides the class, and isEnum has been checked; there is no type to be had for it.
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object constant(Class<?> type, String name) {
        try {
            return Enum.valueOf((Class) type, name);
        } catch (IllegalArgumentException e) {
            throw new MarshalException(
                    "the enum " + type.getName() + " has no constant " + MarshalException.printable(name)
                            + " here; it was stored by another version of the class",
                    e);
        }
    }

    private static byte[] encodeStrings(@Nullable String[] texts) {
        ByteWriter out = new ByteWriter(Tag.STRINGS, 63);
        for (String text : texts) {
            out.writeNested(text == null ? null : StringCodec.encode(text));
        }
        return out.toBytes();
    }

    private static Object decodeStrings(byte[] bytes, ByteReader body) {
        int count = 0;
        for (ByteReader counting = body.copy(); counting.remaining() > 0; count++) {
            counting.skip(counting.readNestedLength());
        }
        @Nullable String[] texts = new String[count];
        for (int i = 0; i < count; i++) {
            int length = body.readNestedLength();
            int from = body.skip(length);
            texts[i] = length == 0 ? null : StringCodec.decode(bytes, from, from + length);
        }
        return texts;
    }

    private byte[] encodeRecord(Object instance, RecordShape shape, ClassFilter.Pass pass, int depth) {
        pass.check(instance.getClass());
        byte[] header = shape.headerBytes();
        ByteWriter out = new ByteWriter(Tag.RECORD, header.length + 63).writeBytes(header);
        for (int i = 0; i < shape.size(); i++) {
            Object component = shape.get(instance, i);
            out.writeNested(component == null ? null : encode(component, pass, depth + 1));
        }
        return out.toBytes();
    }

    private Object decodeRecord(byte[] bytes, ByteReader body, ClassFilter.Pass pass, int depth) {
        int start = body.position();
        Class<?> type = resolver.resolve(nestedString(bytes, body));
        pass.check(type);
        RecordShape shape = type.isRecord() ? RecordShape.of(type) : null;
        if (shape == null) {
            throw new MarshalException("a record was stored, but here " + type
                    + " is none, or its package is not open to io.concordcache.raft.marshal");
        }
        int[] targets = targets(bytes, body, shape, start);
        @Nullable Object[] components = shape.defaults();
        for (int target : targets) {
            int length = body.readNestedLength();
            int from = body.skip(length);
            if (length > 0 && target >= 0) {
                components[target] = decode(bytes, from, from + length, pass, depth + 1);
            }
        }
        body.finish();
        return shape.create(components);
    }

    /** For each stored component where it belongs in this version of the class, -1 if nowhere. */
    private static int[] targets(byte[] bytes, ByteReader body, RecordShape shape, int start) {
        byte[] own = shape.headerBytes();
        int ownEnd = start + own.length;
        if (ownEnd <= body.end() && Arrays.equals(bytes, start, ownEnd, own, 0, own.length)) {
            body.skip(ownEnd - body.position());
            return shape.inOrder();
        }
        long count = body.readVarint();
        if (count < 0 || count > body.remaining()) {
            throw new MarshalException("the bytes are damaged: a record of " + count + " components");
        }
        int[] targets = new int[(int) count];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = shape.indexOf(nestedString(bytes, body));
        }
        return targets;
    }

    private byte[] serialize(Object value, ClassFilter.Pass pass) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        bytes.write(Tag.SERIALIZED);
        try (GraphWriter out = KeyTypes.equalKeysGiveEqualBytes(value.getClass())
                ? GraphWriter.unifying(bytes, pass)
                : GraphWriter.plain(bytes, pass)) {
            out.writeGraph(value);
        } catch (NotSerializableException e) {
            String culprit = String.valueOf(e.getMessage());
            String owner = value.getClass().getName();
            throw new MarshalException(
                    culprit.equals(owner)
                            ? "class " + owner + " cannot be stored in a cache: it does not implement"
                                    + " java.io.Serializable"
                            : "an object of class " + owner + " cannot be stored in a cache: class " + culprit
                                    + ", which it refers to, does not implement java.io.Serializable; let it, or make"
                                    + " the field transient",
                    e);
        } catch (IOException e) {
            throw new MarshalException("an object of " + value.getClass() + " could not be written: " + e, e);
        }
        return bytes.toByteArray();
    }

    private Object deserialize(byte[] bytes, int from, int end, ClassFilter.Pass pass) {
        Object common = ObjectInputFilter.Config.getSerialFilter() == null ? StringLists.read(bytes, from, end) : null;
        return common == null ? deserializeGraph(bytes, from, end, pass) : common;
    }

    private Object deserializeGraph(byte[] bytes, int from, int end, ClassFilter.Pass pass) {
        try (GraphReader in = new GraphReader(bytes, from, end, resolver, pass)) {
            Object value = in.readObject();
            if (value == null || in.read() >= 0) {
                throw new MarshalException("the bytes are damaged: not the stream of one object");
            }
            return value;
        } catch (IOException | ClassNotFoundException e) {
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof MarshalException refusal) {
                    throw refusal;
                }
            }
            throw new MarshalException(
                    "the bytes are damaged, or of another version of a class: "
                            + MarshalException.printable(e.toString()),
                    e);
        }
    }

    private static String nestedString(byte[] bytes, ByteReader body) {
        int length = body.readNestedLength();
        int from = body.skip(length);
        if (length == 0) {
            throw new MarshalException("the bytes are damaged: a name is missing");
        }
        return StringCodec.decode(bytes, from, from + length);
    }
}
