package io.concordcache.raft.marshal;

/**
 * Turns keys and values into bytes and back; the extension point for formats of the user's own.
 *
 * <p>Called by many threads at once, on the thread of whoever uses the cache. Implementations keep no
 * state per call, never block on the network, and hold no reference to what they were given.
 *
 * <p><b>Equal keys give equal bytes.</b> The store compares keys by their bytes. Two keys that are
 * {@code equals} but differ in their bytes are two entries, and one will never be found by the other.
 * Values are free of this rule.
 */
public interface Marshaller {

    /**
     * Encodes one key or value.
     *
     * @param value never null
     * @return bytes that nobody else holds
     * @throws MarshalException if the object cannot be written, or could not be read back
     */
    byte[] marshal(Object value);

    /**
     * Decodes what {@link #marshal} wrote, here or in another process, perhaps of another version.
     *
     * @param bytes never null; not changed and not kept
     * @return an instance that nobody else holds, unless its class is {@linkplain #isImmutable immutable};
     *     never null
     * @throws MarshalException if the bytes are damaged, of an unknown format or of a class that is
     *     refused or missing; no other exception, whatever the bytes
     */
    Object unmarshal(byte[] bytes);

    /**
     * Tells whether one decoded instance of exactly this class may be handed to many readers. When in
     * doubt the answer is no: it costs one decoding per read, a wrong yes breaks store-by-value.
     */
    default boolean isImmutable(Class<?> type) {
        return false;
    }
}
