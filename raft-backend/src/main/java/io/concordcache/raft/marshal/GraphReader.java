package io.concordcache.raft.marshal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.util.Arrays;
import java.util.Map;

/** Java deserialization of foreign bytes: only admitted classes, found in the right loader, within limits. */
final class GraphReader extends ObjectInputStream {
    private final ClassResolver resolver;
    private final ClassFilter.Pass pass;
    private final long length;
    private final Unfolding unfolding = new Unfolding();

    GraphReader(byte[] bytes, int from, int end, ClassResolver resolver, ClassFilter.Pass pass) throws IOException {
        super(new ByteArrayInputStream(bytes, from, end - from));
        this.resolver = resolver;
        this.pass = pass;
        this.length = (long) end - from;
        enableResolveObject(true);
        setObjectInputFilter(this::check);
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description) {
        Class<?> type = resolver.resolve(description.getName());
        pass.check(type);
        return type;
    }

    @Override
    protected Class<?> resolveProxyClass(String[] interfaces) {
        throw new MarshalException("dynamic proxies (here of "
                + MarshalException.printable(Arrays.toString(interfaces))
                + ") are not allowed in cache keys and values; store the data they stand for");
    }

    @Override
    protected Object resolveObject(Object object) {
        unfolding.completed(object);
        return object;
    }

    private ObjectInputFilter.Status check(ObjectInputFilter.FilterInfo info) {
        ObjectInputFilter ofProcess = ObjectInputFilter.Config.getSerialFilter();
        if (ofProcess != null && ofProcess.checkInput(info) == ObjectInputFilter.Status.REJECTED) {
            throw new MarshalException("a cache key or value was refused by the serial filter of this JVM"
                    + " (the system property jdk.serialFilter): " + info.serialClass());
        }
        if (info.depth() > Limits.DEPTH) {
            throw Limits.exceeded("more levels of nesting", Limits.DEPTH);
        }
        if (info.references() > Limits.REFERENCES) {
            throw Limits.exceeded("more references", Limits.REFERENCES);
        }
        // Classes are checked where they are resolved: here come also those that an admitted class puts in its
        // place (readResolve), of which the writer saw nothing.
        Class<?> type = info.serialClass();
        if (type != null && info.arrayLength() >= 0) {
            checkArray(type, info.arrayLength(), length - info.streamBytes());
        }
        return ObjectInputFilter.Status.ALLOWED;
    }

    /** Asked before the array is allocated. */
    private static void checkArray(Class<?> type, long length, long remainingBytes) {
        if (length > Limits.ARRAY_LENGTH) {
            throw Limits.exceeded("more array elements", Limits.ARRAY_LENGTH);
        }
        long room = remainingBytes / smallestElement(type.getComponentType());
        if (type == Map.Entry[].class) {
            room *= Limits.TABLE_FACTOR;
        }
        if (length > room + Limits.SPARE_ELEMENTS) {
            throw new MarshalException("the bytes are damaged: an array of " + length + " elements where only "
                    + remainingBytes + " bytes are left");
        }
    }

    private static int smallestElement(Class<?> component) {
        if (component == long.class || component == double.class) {
            return Long.BYTES;
        } else if (component == int.class || component == float.class) {
            return Integer.BYTES;
        } else if (component == short.class || component == char.class) {
            return Short.BYTES;
        }
        return 1;
    }
}
