package io.concordcache.annotations;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Parameters as texts that are equal if and only if the parameters are. Types of which that is not known are refused: a key
 * that is another one in the next JVM, or at the next call, would make a cache that never hits and never says so.
 */
final class KeyText {
    private static final int DEPTH = 100;

    /** Writes one non-null object of the type that it was made for. */
    private interface Writer {
        void write(StringBuilder out, Object value, int depth);
    }

    private static final ClassValue<Writer> WRITERS = new ClassValue<>() {
        @Override
        protected Writer computeValue(Class<?> type) {
            return writer(type);
        }
    };

    private KeyText() {}

    /** @throws UnstableException if the value, or what it holds, is of a type without a stable form */
    static void append(StringBuilder out, @Nullable Object value) {
        append(out, value, 0);
    }

    private static void append(StringBuilder out, @Nullable Object value, int depth) {
        if (value == null) {
            out.append("null");
        } else if (value instanceof String text) {
            quote(out, text, '"');
        } else if (value instanceof Integer number) {
            out.append(number.intValue());
        } else if (value instanceof Long number) {
            out.append(number.longValue()).append('L');
        } else if (depth > DEPTH) {
            throw new UnstableException("it is nested more than " + DEPTH + " levels deep");
        } else {
            WRITERS.get(value.getClass()).write(out, value, depth);
        }
    }

    private static void quote(StringBuilder out, String text, char quote) {
        out.append(quote);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == quote || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c == 0x7F || (c >= 0x80 && isUnprintable(c))) {
                out.append("\\u").append(String.format(Locale.ROOT, "%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append(quote);
    }

    private static boolean isUnprintable(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static Writer writer(Class<?> type) {
        if (type == Boolean.class || type == Double.class) {
            return (out, value, depth) -> out.append(value);
        } else if (type == Float.class) {
            return (out, value, depth) -> out.append(value).append('f');
        } else if (type == Short.class) {
            return (out, value, depth) -> out.append(value).append('s');
        } else if (type == Byte.class) {
            return (out, value, depth) -> out.append(value).append('b');
        } else if (type == Character.class) {
            return (out, value, depth) -> quote(out, value.toString(), '\'');
        } else if (type == BigInteger.class) {
            return (out, value, depth) -> out.append(value).append('n');
        } else if (type == BigDecimal.class) {
            return (out, value, depth) -> out.append(value).append('m');
        } else if (type == UUID.class) {
            return (out, value, depth) -> out.append(value);
        } else if (type == Class.class) {
            return (out, value, depth) ->
                    out.append(((Class<?>) value).getTypeName()).append(".class");
        } else if (Enum.class.isAssignableFrom(type)) {
            return (out, value, depth) -> {
                Enum<?> constant = (Enum<?>) value;
                out.append(constant.getDeclaringClass().getTypeName())
                        .append('.')
                        .append(constant.name());
            };
        } else if (type.isArray()) {
            return arrayWriter(type.getComponentType());
        } else if (type.isRecord()) {
            return recordWriter(type);
        }
        return classWriter(type);
    }

    private static Writer classWriter(Class<?> type) {
        if (type.getPackageName().equals("java.time")
                || type == Locale.class
                || type == Currency.class
                || type == OptionalInt.class
                || type == OptionalLong.class
                || type == OptionalDouble.class) {
            return (out, value, depth) ->
                    out.append(type.getSimpleName()).append('(').append(value).append(')');
        } else if (type == Date.class) {
            return KeyText::writeDate;
        } else if (type == Optional.class) {
            return (out, value, depth) -> {
                out.append("Optional(");
                ((Optional<?>) value).ifPresent(content -> append(out, content, depth + 1));
                out.append(')');
            };
        } else if (List.class.isAssignableFrom(type)) {
            return (out, value, depth) -> join(out, "List", texts((Collection<?>) value, depth));
        } else if (Set.class.isAssignableFrom(type)) {
            return (out, value, depth) -> join(out, "Set", sorted(texts((Collection<?>) value, depth)));
        } else if (Map.class.isAssignableFrom(type)) {
            return (out, value, depth) -> join(out, "Map", sorted(pairs((Map<?, ?>) value, depth)));
        } else if (Map.Entry.class.isAssignableFrom(type)) {
            return (out, value, depth) -> out.append("Entry(")
                    .append(pair((Map.Entry<?, ?>) value, depth))
                    .append(')');
        }
        return (out, value, depth) -> {
            throw new UnstableException("objects of " + type.getTypeName() + " have no stable form");
        };
    }

    @SuppressWarnings("JavaUtilDate") // users have them
    private static void writeDate(StringBuilder out, Object value, int depth) {
        out.append("Date(").append(((Date) value).getTime()).append(')');
    }

    /** As {@code Arrays.deepEquals}: an array of objects equals one of any other class of objects. */
    private static Writer arrayWriter(Class<?> component) {
        String prefix = component.isPrimitive() ? component.getName() : "";
        return (out, value, depth) -> {
            out.append(prefix).append('[');
            for (int i = 0; i < Array.getLength(value); i++) {
                if (i > 0) {
                    out.append(',');
                }
                append(out, Array.get(value, i), depth + 1);
            }
            out.append(']');
        };
    }

    private static Writer recordWriter(Class<?> type) {
        if (type == MethodKey.class) {
            return (out, value, depth) -> out.append("Key(").append(value).append(')');
        }
        List<MethodHandle> accessors = new ArrayList<>();
        try {
            for (RecordComponent component : type.getRecordComponents()) {
                Method accessor = component.getAccessor();
                accessor.setAccessible(true);
                accessors.add(MethodHandles.lookup()
                        .unreflect(accessor)
                        .asType(MethodType.methodType(Object.class, Object.class)));
            }
        } catch (IllegalAccessException | RuntimeException e) {
            return (out, value, depth) -> {
                throw new UnstableException("the record " + type.getTypeName()
                        + " cannot be read; open its package to io.concordcache.annotations");
            };
        }
        return (out, value, depth) -> {
            out.append(type.getTypeName()).append('(');
            String separator = "";
            for (MethodHandle accessor : accessors) {
                out.append(separator);
                append(out, component(accessor, value), depth + 1);
                separator = ",";
            }
            out.append(')');
        };
    }

    private static @Nullable Object component(MethodHandle accessor, Object instance) {
        try {
            return (Object) accessor.invokeExact(instance);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("an accessor of a record cannot throw this", e);
        }
    }

    private static List<String> texts(Collection<?> elements, int depth) {
        List<String> texts = new ArrayList<>(elements.size());
        for (Object element : elements) {
            StringBuilder text = new StringBuilder();
            append(text, element, depth + 1);
            texts.add(text.toString());
        }
        return texts;
    }

    private static List<String> pairs(Map<?, ?> map, int depth) {
        List<String> texts = new ArrayList<>(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            texts.add(pair(entry, depth));
        }
        return texts;
    }

    private static String pair(Map.Entry<?, ?> entry, int depth) {
        StringBuilder text = new StringBuilder();
        append(text, entry.getKey(), depth + 1);
        text.append('=');
        append(text, entry.getValue(), depth + 1);
        return text.toString();
    }

    private static List<String> sorted(List<String> texts) {
        Collections.sort(texts);
        return texts;
    }

    private static void join(StringBuilder out, String name, List<String> texts) {
        out.append(name).append('(').append(String.join(",", texts)).append(')');
    }

    /** A parameter that cannot be part of a key. */
    static final class UnstableException extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        UnstableException(String message) {
            super(message);
        }
    }
}
