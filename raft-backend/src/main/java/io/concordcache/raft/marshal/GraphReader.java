package io.concordcache.raft.marshal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Java deserialization of foreign bytes: only admitted classes, found in the right loader, within limits. */
final class GraphReader extends ObjectInputStream {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int REFERENCES_BETWEEN_LOOKS = 64;

    private final ClassResolver resolver;
    private final ClassFilter.Pass pass;
    private final long length;
    private final Unfolding unfolding = new Unfolding();
    /** Bytes of the stream that no array has claimed for its elements yet: each byte belongs to one array at most. */
    private long unclaimed;

    private long references;
    private long firstLookNanos;

    GraphReader(byte[] bytes, int from, int end, ClassResolver resolver, ClassFilter.Pass pass) throws IOException {
        super(new ByteArrayInputStream(bytes, from, end - from));
        this.resolver = resolver;
        this.pass = pass;
        this.length = (long) end - from;
        this.unclaimed = length;
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
        checkTime();
        // Classes are checked where they are resolved: here come also those that an admitted class puts in its
        // place (readResolve), of which the writer saw nothing.
        Class<?> type = info.serialClass();
        if (type != null && info.arrayLength() >= 0) {
            checkArray(type, info.arrayLength(), length - info.streamBytes());
        }
        return ObjectInputFilter.Status.ALLOWED;
    }

    private void checkTime() {
        if (++references % REFERENCES_BETWEEN_LOOKS != 0) {
            return;
        }
        long now = THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
        if (references == REFERENCES_BETWEEN_LOOKS) {
            firstLookNanos = now;
        } else if (now - firstLookNanos > Limits.READING_NANOS) {
            throw new MarshalException("the object graph takes more than "
                    + TimeUnit.NANOSECONDS.toSeconds(Limits.READING_NANOS)
                    + " s to read; a large collection may be the key of many others");
        }
    }

    /**
     * Asked before the array is allocated. Arrays in arrays could each claim the rest of the stream, so what one claims is
     * not there for the others.
     */
    private void checkArray(Class<?> type, long elements, long remainingBytes) {
        if (elements > Limits.ARRAY_LENGTH) {
            throw Limits.exceeded("more array elements", Limits.ARRAY_LENGTH);
        }
        long bytes = Math.max(0, elements - Limits.SPARE_ELEMENTS) * smallestElement(type.getComponentType());
        if (type == Map.Entry[].class) {
            bytes /= Limits.TABLE_FACTOR;
        }
        if (bytes > Math.min(remainingBytes, unclaimed)) {
            throw new MarshalException("the bytes are damaged: an array of " + elements + " elements where only "
                    + Math.min(remainingBytes, unclaimed) + " bytes are left");
        }
        unclaimed -= bytes;
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
