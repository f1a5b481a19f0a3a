package io.concordcache.raft.marshal;

import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Measures the collections of one object graph as if nothing in it were shared.
 *
 * <p>Sets that hold two references to the next set, fifty levels deep, are a few hundred bytes, but hashing
 * the outermost visits 2<sup>50</sup> elements, and reading a set hashes its elements. No limit on depth or
 * on references stops that; a limit on the unfolded size does, since hashing costs no more than that size.
 * It covers the JDK's collections, maps, entries and arrays of objects. A class of the application that
 * hashes a structure of its own is that application's affair.
 */
final class Unfolding {
    private final IdentityHashMap<Object, Integer> sizes = new IdentityHashMap<>();
    private int depth;
    private int measured;

    /**
     * Measures an object just read, before anything that holds it is complete.
     *
     * @throws MarshalException if it unfolds to more than {@link Limits#REFERENCES}
     */
    void completed(Object object) {
        if (isContainer(object)) {
            sizes.put(object, sum(object, this::known));
        }
    }

    /**
     * Measures an object about to be written, and what it contains.
     *
     * @throws MarshalException if it unfolds to more than {@link Limits#REFERENCES}
     */
    void beforeWriting(Object object) {
        measure(object);
    }

    /** The references it holds itself, if it is a container of the JDK. */
    static int elementsIn(Object object) {
        if (!isContainer(object)) {
            return 0;
        } else if (object instanceof Object[] array) {
            return array.length;
        } else if (object instanceof Collection<?> collection) {
            return collection.size();
        } else if (object instanceof Map<?, ?> map) {
            return (int) Math.min(Integer.MAX_VALUE, 2L * map.size());
        }
        return 2;
    }

    /** Nothing is known of what is no container, or of a container around this one, still being read. */
    private int known(@Nullable Object element) {
        return element != null && isContainer(element) ? sizes.getOrDefault(element, 0) : 0;
    }

    private int measure(@Nullable Object element) {
        if (element == null || !isContainer(element)) {
            return 0;
        }
        Integer known = sizes.get(element);
        if (known != null) {
            return known;
        }
        if (++depth > Limits.DEPTH_WRITTEN) {
            throw Limits.exceeded("more levels of nesting", Limits.DEPTH_WRITTEN);
        }
        sizes.put(element, 0);
        int size = sum(element, this::measure);
        sizes.put(element, size);
        depth--;
        return size;
    }

    private int sum(Object container, ToIntFunction<@Nullable Object> sizeOf) {
        int size = 0;
        if (container instanceof Object[] array) {
            for (Object element : array) {
                size = plus(size, sizeOf.applyAsInt(element));
            }
        } else if (container instanceof Collection<?> collection) {
            for (Object element : collection) {
                size = plus(size, sizeOf.applyAsInt(element));
            }
        } else if (container instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                size = plus(plus(size, sizeOf.applyAsInt(entry.getKey())), sizeOf.applyAsInt(entry.getValue()));
            }
        } else if (container instanceof Map.Entry<?, ?> entry) {
            size = plus(plus(size, sizeOf.applyAsInt(entry.getKey())), sizeOf.applyAsInt(entry.getValue()));
        }
        return size;
    }

    private int plus(int size, int element) {
        if (++measured > Limits.MEASURED) {
            throw Limits.exceeded("more views of the elements of its collections", Limits.MEASURED);
        }
        int sum = size + 1 + element;
        if (sum > Limits.REFERENCES) {
            throw Limits.exceeded("more references, shared ones counted each time they are met,", Limits.REFERENCES);
        }
        return sum;
    }

    private static boolean isContainer(Object object) {
        if (object instanceof Object[]) {
            return true;
        }
        return (object instanceof Collection || object instanceof Map || object instanceof Map.Entry)
                && object.getClass().getClassLoader() == null;
    }
}
