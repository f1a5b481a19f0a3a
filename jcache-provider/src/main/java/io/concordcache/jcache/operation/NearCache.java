package io.concordcache.jcache.operation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import io.concordcache.jcache.management.CacheStatistics;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.marshal.KeyTypes;
import io.concordcache.raft.store.EntryReader;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of keys and the decoded values of one cache, as objects of the class loader of its manager; bounded, by
 * Caffeine.
 *
 * <p>It is never asked what the value of a key is, only whether the entry that the store has, or has just told of, is the
 * one that was decoded before. So it cannot be stale, and nobody has to invalidate it.
 *
 * <p>Values that may be changed are decoded anew for each reader; of them only the bytes of the key are kept. So are keys
 * only of which {@link KeyTypes#equalsAsStored} says that they may stand for their bytes. Thread-safe.
 */
public final class NearCache<K, V> {
    /** The policy hears of one read in so many, less one. */
    private static final int SAMPLE = 31;

    private final Binding<K, V> binding;
    private final CacheStatistics statistics;
    private final Cache<Object, Slot<V>> slots;
    private final Policy<Object, Slot<V>> quietly;

    /**
     * What is known of a key.
     *
     * @param revision from before the entry was read, {@link EntryReader#NO_REVISION} if there is none
     * @param value null if it must not be shared
     */
    record Slot<V>(
            Class<?> keyClass,
            Bytes key,
            long revision,
            long version,
            long expiresAtMillis,
            @Nullable V value) {}

    public NearCache(Binding<K, V> binding, CacheStatistics statistics, long maxEntries) {
        this.binding = binding;
        this.statistics = statistics;
        this.slots = Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .executor(Runnable::run)
                .build();
        this.quietly = slots.policy();
    }

    /** What is known of a key, null for nothing; its type need not be checked any more. */
    @Nullable
    Slot<V> slot(@Nullable Object key) {
        if (key == null) {
            return null;
        }
        // Telling the policy of a read takes longer than all the rest, so it hears of a sample.
        Slot<V> slot = (ThreadLocalRandom.current().nextInt() & SAMPLE) == 0
                ? slots.getIfPresent(key)
                : quietly.getIfPresentQuietly(key);
        return slot != null && slot.keyClass == key.getClass() ? slot : null;
    }

    /** A slot's value was handed out. */
    void hit() {
        statistics.near(true);
    }

    /** The value of an entry just read, after {@code revision} was taken. */
    V value(K key, @Nullable Slot<V> slot, Bytes bytes, long revision, Entry entry) {
        if (slot != null && slot.version == entry.version()) {
            V shared = slot.value;
            if (shared != null) {
                statistics.near(true);
                if (revision != EntryReader.NO_REVISION) {
                    keep(key, slot.keyClass, slot.key, revision, entry, shared);
                }
                return shared;
            }
        }
        V value = binding.readValue(entry.value());
        statistics.near(false);
        V shared = binding.isShared(value) ? value : null;
        if (slot == null) {
            if (KeyTypes.equalsAsStored(key.getClass())) {
                keep(key, key.getClass(), bytes, revision, entry, shared);
            }
        } else if (shared != null || slot.value != null) {
            keep(key, slot.keyClass, slot.key, revision, entry, shared);
        }
        return value;
    }

    private void keep(K key, Class<?> keyClass, Bytes bytes, long revision, Entry entry, @Nullable V shared) {
        slots.put(key, new Slot<>(keyClass, bytes, revision, entry.version(), entry.expiresAtMillis(), shared));
    }

    /** There is no entry of this key, so there is no use for what was decoded of one. */
    void absent(K key, Slot<V> slot) {
        slots.asMap().remove(key, slot);
    }

    /** How many keys something is known of; at most the bound once the work that is due was done. */
    public long size() {
        slots.cleanUp();
        return slots.estimatedSize();
    }

    public void clear() {
        slots.invalidateAll();
    }
}
