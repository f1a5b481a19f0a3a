package io.concordcache.raft.marshal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The components of one record class, how to read them and how to make a record of them.
 *
 * <p>Records of plain data are written by this rather than by Java serialization: it is shorter, and equal
 * records give equal bytes. The names of the components are stored, so that versions of a class that added or
 * removed a component read each other; what is missing becomes null, zero or false, as in serialization.
 */
final class RecordShape {
    private static final ClassValue<Optional<RecordShape>> SHAPES = new ClassValue<>() {
        @Override
        protected Optional<RecordShape> computeValue(Class<?> type) {
            try {
                return Optional.of(new RecordShape(type));
            } catch (ReflectiveOperationException | InaccessibleObjectException | LinkageError e) {
                return Optional.empty();
            }
        }
    };

    private final Class<?> type;
    private final boolean plainData;
    private final List<String> names;
    private final @Nullable Object[] defaults;
    private final MethodHandle[] getters;
    private final MethodHandle constructor;
    private final byte[] header;
    private final int[] inOrder;

    private RecordShape(Class<?> type) throws ReflectiveOperationException {
        this.type = type;
        this.plainData = isPlainData(type, new HashSet<>());
        RecordComponent[] components = type.getRecordComponents();
        this.names = Arrays.stream(components).map(RecordComponent::getName).toList();
        this.defaults = new Object[components.length];
        this.getters = new MethodHandle[components.length];
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        for (int i = 0; i < components.length; i++) {
            Class<?> component = components[i].getType();
            defaults[i] = component.isPrimitive() ? Array.get(Array.newInstance(component, 1), 0) : null;
            // The field and not the accessor, which may be overridden to return something else.
            Field field = type.getDeclaredField(names.get(i));
            field.setAccessible(true);
            getters[i] = lookup.unreflectGetter(field).asType(MethodType.methodType(Object.class, Object.class));
        }
        Constructor<?> canonical = type.getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        canonical.setAccessible(true);
        MethodHandle spreading = lookup.unreflectConstructor(canonical).asFixedArity();
        this.constructor = spreading.asType(spreading.type().generic()).asSpreader(Object[].class, components.length);
        this.header = header();
        this.inOrder = IntStream.range(0, components.length).toArray();
    }

    /** The shape of a record class, or null if reflection may not reach into it. */
    static @Nullable RecordShape of(Class<?> type) {
        return SHAPES.get(type).orElse(null);
    }

    /** Whether all components are of types that have an encoding of their own. */
    boolean isPlainData() {
        return plainData;
    }

    int size() {
        return names.size();
    }

    /** 0, 1, 2 and so on: each component in its own place. */
    int[] inOrder() {
        return inOrder;
    }

    /** Class name, number of components and their names: what the encoding begins with, after the tag. */
    byte[] headerBytes() {
        return header;
    }

    /** The position of the component of this name, or -1. */
    int indexOf(String name) {
        return names.indexOf(name);
    }

    @Nullable
    Object get(Object instance, int index) {
        try {
            return (Object) getters[index].invokeExact(instance);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            throw new MarshalException(
                    "component " + names.get(index) + " of record " + type.getName() + " could not be read", e);
        }
    }

    /** Components that were not stored, to be overwritten by those that were. */
    @Nullable
    Object[] defaults() {
        return defaults.clone();
    }

    Object create(@Nullable Object[] values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                values[i] = defaults[i];
            }
        }
        try {
            return (Object) constructor.invokeExact(values);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            throw new MarshalException(
                    "record " + type.getName() + " could not be made of its stored components " + names
                            + "; was it written by another version of the class?",
                    e);
        }
    }

    private byte[] header() {
        ByteWriter out = new ByteWriter(Tag.RECORD, 64).writeNested(StringCodec.encode(type.getName()));
        out.writeVarint(names.size());
        names.forEach(name -> out.writeNested(StringCodec.encode(name)));
        byte[] withTag = out.toBytes();
        return Arrays.copyOfRange(withTag, 1, withTag.length);
    }

    private static boolean isPlainData(Class<?> type, Set<Class<?>> within) {
        if (type.isRecord()) {
            return !within.add(type)
                    || (!FieldTypes.declares(type, "writeReplace")
                            && !FieldTypes.declares(type, "readResolve")
                            && Arrays.stream(type.getRecordComponents())
                                    .allMatch(component -> isPlainData(component.getType(), within)));
        }
        return type.isPrimitive()
                || type.isEnum()
                || type == String.class
                || type == String[].class
                || type == Boolean.class
                || BuiltIn.of(type) != null;
    }
}
