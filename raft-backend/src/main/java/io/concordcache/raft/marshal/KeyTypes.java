package io.concordcache.raft.marshal;

import java.io.Externalizable;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Currency;
import java.util.Date;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which classes can serve as keys: those of which {@link StandardMarshaller} gives equal bytes for
 * equal instances.
 *
 * <p>Equality is taken to compare the fields, as it does for records; nobody can see what an {@code equals}
 * method that was written by hand does. For any thread; judged once per class.
 */
public final class KeyTypes {
    private static final Logger LOG = LoggerFactory.getLogger(KeyTypes.class);

    /** What may be written as a back reference without the bytes telling who was the same instance as whom. */
    private static final Set<Class<?>> UNIFIABLE = Set.of(
            String.class,
            Boolean.class,
            Byte.class,
            Short.class,
            Character.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class,
            BigInteger.class,
            BigDecimal.class,
            UUID.class);

    private static final ClassValue<Boolean> STABLE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return isStable(type);
        }
    };

    private static final ClassValue<Boolean> WARNED_IF_UNSTABLE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            if (!STABLE.get(type)) {
                LOG.warn(
                        "Keys of class {} may be equal and yet have different bytes; such keys are different entries,"
                                + " so that a value is not found again. Use a String, a number, a UUID, an enum or a"
                                + " record of these as key, or configure a marshaller that writes equal keys equally.",
                        type.getName());
            }
            return true;
        }
    };

    /**
     * Whether any two equal instances of exactly this class have the same bytes. Strings, boxed types,
     * numbers, {@code java.time}, enums: yes. Records of these, and classes with plain default serialization
     * of such fields: yes. Hash collections, whose order is anything, and other collections, where a list
     * equals one of another class: no. Arrays, equal only to themselves: no.
     */
    public static boolean equalKeysGiveEqualBytes(Class<?> type) {
        return STABLE.get(type);
    }

    /** Logs a warning, once per class and process, if {@link #equalKeysGiveEqualBytes} is false. Cheap. */
    public static void warnIfUnstable(Class<?> type) {
        WARNED_IF_UNSTABLE.get(type);
    }

    private static final ClassValue<Boolean> EQUAL_AS_STORED = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            BuiltIn<?> builtIn = BuiltIn.of(type);
            return type == String.class
                    || type == Boolean.class
                    || Enum.class.isAssignableFrom(type)
                    || (builtIn != null && builtIn.isImmutable());
        }
    };

    /**
     * Whether instances of exactly this class never change and are {@code equals} if and only if {@link
     * StandardMarshaller} gives them equal bytes, so that an instance may stand for its bytes. Not of records, whose
     * {@code equals} may be written by hand.
     */
    public static boolean equalsAsStored(Class<?> type) {
        return EQUAL_AS_STORED.get(type);
    }

    static boolean isUnifiable(Class<?> type) {
        return UNIFIABLE.contains(type);
    }

    private static boolean isStable(Class<?> type) {
        return hasOwnStableEncoding(type, new HashSet<>())
                || isSimplySerialized(type)
                || isStablySerialized(type, new HashSet<>());
    }

    private static boolean hasOwnStableEncoding(Class<?> type, Set<Class<?>> within) {
        if (type.isRecord()) {
            RecordShape shape = RecordShape.of(type);
            return !within.add(type)
                    || (shape != null
                            && shape.isPlainData()
                            && Arrays.stream(type.getRecordComponents())
                                    .map(RecordComponent::getType)
                                    .allMatch(component -> component != Date.class // which may hold a Timestamp
                                            && hasOwnStableEncoding(component, within)));
        }
        BuiltIn<?> builtIn = BuiltIn.of(type);
        return type.isPrimitive()
                || Enum.class.isAssignableFrom(type)
                || type == String.class
                || type == Boolean.class
                || (builtIn != null && !builtIn.isArray());
    }

    /** Written by Java serialization as a single object with no other in it. */
    private static boolean isSimplySerialized(Class<?> type) {
        return type.getPackageName().equals("java.time") || type == Currency.class;
    }

    /**
     * Default serialization of fields whose types leave no choice. It writes an object that it met before as
     * a back reference: harmless where equal objects are unified, and elsewhere only if the graph has no two
     * fields of one type.
     */
    private static boolean isStablySerialized(Class<?> type, Set<Class<?>> once) {
        if (JdkClasses.isJdk(type) || !once.add(type)) {
            return false;
        }
        for (@Nullable Class<?> each = type;
                each != null && each != Object.class && each != Record.class;
                each = each.getSuperclass()) {
            if (!isSerializedByDefault(each) || !areFieldsStable(each, once)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSerializedByDefault(Class<?> type) {
        return Serializable.class.isAssignableFrom(type)
                && !Externalizable.class.isAssignableFrom(type)
                && !FieldTypes.declares(type, "writeObject", ObjectOutputStream.class)
                && !FieldTypes.declares(type, "writeReplace");
    }

    private static boolean areFieldsStable(Class<?> owner, Set<Class<?>> once) {
        for (Field field : owner.getDeclaredFields()) {
            Class<?> type = field.getType();
            boolean written = !Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers());
            if (written && !type.isPrimitive() && !type.isEnum() && !UNIFIABLE.contains(type)) {
                boolean exact = Modifier.isFinal(type.getModifiers());
                boolean simple = isSimplySerialized(type);
                if (!exact || !(simple ? once.add(type) : isStablySerialized(type, once))) {
                    return false;
                }
            }
        }
        return true;
    }

    private KeyTypes() {}
}
