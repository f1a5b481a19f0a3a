package io.concordcache.jcache.operation;

import io.concordcache.jcache.CacheRejectedException;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.marshal.KeyTypes;
import io.concordcache.raft.marshal.MarshalException;
import io.concordcache.raft.marshal.Marshaller;
import java.lang.invoke.MethodType;
import java.util.Objects;

/**
 * Between the objects of a cache and their bytes: checks for null and for the declared types (JSR-107 3.4), then
 * marshals.
 */
public final class Binding<K, V> {
    private final String cacheName;
    private final Class<K> keyType;
    private final Class<V> valueType;
    private final Marshaller keyMarshaller;
    private final Marshaller valueMarshaller;

    public Binding(
            String cacheName,
            Class<K> keyType,
            Class<V> valueType,
            Marshaller keyMarshaller,
            Marshaller valueMarshaller) {
        this.cacheName = cacheName;
        this.keyType = boxed(keyType);
        this.valueType = boxed(valueType);
        this.keyMarshaller = keyMarshaller;
        this.valueMarshaller = valueMarshaller;
    }

    @SuppressWarnings("unchecked") // int.class and Integer.class are both Class<Integer>
    private static <T> Class<T> boxed(Class<T> type) {
        return (Class<T>) MethodType.methodType(type).wrap().returnType();
    }

    /** The bytes of a key. */
    public Bytes key(Object key) {
        check(key, keyType, "key");
        KeyTypes.warnIfUnstable(key.getClass());
        return marshal(keyMarshaller, key, "key");
    }

    /** The bytes of a value. */
    public Bytes value(Object value) {
        check(value, valueType, "value");
        return marshal(valueMarshaller, value, "value");
    }

    /** The value whose type is checked but whose bytes are not needed. */
    public void checkValue(Object value) {
        check(value, valueType, "value");
    }

    private void check(Object object, Class<?> type, String what) {
        Objects.requireNonNull(object, () -> "cache '" + cacheName + "': the " + what + " is null");
        if (!type.isInstance(object)) {
            throw new ClassCastException("cache '" + cacheName + "': a " + what + " of "
                    + object.getClass().getName() + ", but " + what + "s are declared as " + type.getName());
        }
    }

    private Bytes marshal(Marshaller marshaller, Object object, String what) {
        try {
            return Bytes.wrap(marshaller.marshal(object));
        } catch (MarshalException e) {
            throw new CacheRejectedException("cache '" + cacheName + "', " + what + ": " + e.getMessage(), e);
        }
    }

    /** A new instance of the key. */
    @SuppressWarnings("unchecked") // what was written was of this type
    public K readKey(Bytes bytes) {
        return (K) unmarshal(keyMarshaller, bytes, keyType, "key");
    }

    /** A new instance of the value, or a shared one if it cannot be changed. */
    @SuppressWarnings("unchecked") // what was written was of this type
    public V readValue(Bytes bytes) {
        return (V) unmarshal(valueMarshaller, bytes, valueType, "value");
    }

    /** Whether this instance of a value may be handed to many readers. */
    boolean isShared(V value) {
        return valueMarshaller.isImmutable(value.getClass());
    }

    private Object unmarshal(Marshaller marshaller, Bytes bytes, Class<?> type, String what) {
        Object object;
        try {
            object = marshaller.unmarshal(bytes.unwrap());
        } catch (MarshalException e) {
            throw new CacheRejectedException("cache '" + cacheName + "', " + what + ": " + e.getMessage(), e);
        }
        if (!type.isInstance(object)) {
            throw new ClassCastException("cache '" + cacheName + "' holds a " + what + " of "
                    + object.getClass().getName() + ", but " + what + "s are declared as " + type.getName());
        }
        return object;
    }
}
