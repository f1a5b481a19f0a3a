package io.concordcache.jcache.operation;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.ReadLevel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Reads of one cache: entries, access expiry, read-through (JSR-107 chapters 5 and 6). Counts nothing. */
public final class ReadPath<K, V> {
    private final CacheClient client;
    private final Binding<K, V> binding;
    private final ExpiryDecisions expiry;
    private final External<K, V> external;
    private final KeyGates gates;
    private final @Nullable NearCache<K, V> near;
    /** Keys whose deadline is being moved: one message for all reads meanwhile. */
    private final Set<Bytes> touching = ConcurrentHashMap.newKeySet();

    public ReadPath(
            CacheClient client,
            Binding<K, V> binding,
            ExpiryDecisions expiry,
            External<K, V> external,
            KeyGates gates,
            @Nullable NearCache<K, V> near) {
        this.client = client;
        this.binding = binding;
        this.expiry = expiry;
        this.external = external;
        this.gates = gates;
        this.near = near;
    }

    /** What a read found: the value, and whether the cache had it. */
    public record Found<V>(@Nullable V value, boolean hit) {}

    /** The value of a key, loaded if need be; at the level of the cache if null. */
    public Found<V> get(K key, @Nullable ReadLevel level) {
        V found = find(key, level);
        return found == null
                ? new Found<>(external.mayLoad() ? loadOnce(key, binding.key(key)) : null, false)
                : new Found<>(found, true);
    }

    /** The value of a key, null if there is none; at the level of the cache if that is null. Loads nothing. */
    public @Nullable V find(K key, @Nullable ReadLevel level) {
        NearCache.Slot<V> slot = near == null ? null : near.slot(key);
        if (near != null && slot != null) {
            V shared = shared(near, slot, level);
            if (shared != null) {
                return shared;
            }
        }
        Bytes bytes = slot == null ? binding.key(key) : slot.key();
        long revision = near == null ? EntryReader.NO_REVISION : client.revision(bytes);
        Entry entry = client.get(bytes, level);
        if (entry != null) {
            return accessed(key, slot, bytes, revision, entry);
        }
        if (slot != null && near != null) {
            near.absent(key, slot);
        }
        return null;
    }

    private @Nullable V shared(NearCache<K, V> from, NearCache.Slot<V> slot, @Nullable ReadLevel level) {
        V shared = slot.value();
        if (shared != null && client.isAt(slot.key(), slot.revision(), slot.expiresAtMillis(), level)) {
            from.hit();
            touched(slot.key(), slot.version(), slot.expiresAtMillis());
            return shared;
        }
        return null;
    }

    /** As {@link #find}, if a near cache has the answer; else null, and it was no access. */
    public @Nullable V near(K key, @Nullable ReadLevel level) {
        NearCache.Slot<V> slot = near == null ? null : near.slot(key);
        if (near == null || slot == null) {
            return null;
        }
        V shared = shared(near, slot, level);
        if (shared != null) {
            return shared;
        }
        Entry copy = client.copy(slot.key(), level);
        return copy == null ? null : accessed(key, slot, slot.key(), EntryReader.NO_REVISION, copy);
    }

    /** Whether there is an entry; no access. */
    public boolean contains(K key) {
        return peek(key) != null;
    }

    /** The entry as it is; no access, nothing loaded. */
    public @Nullable Entry peek(K key) {
        NearCache.Slot<V> slot = near == null ? null : near.slot(key);
        return client.get(slot == null ? binding.key(key) : slot.key(), null);
    }

    /** One thread of this JVM loads a key, the others find what it loaded. */
    private @Nullable V loadOnce(K key, Bytes bytes) {
        try (KeyGates.Pass pass = gates.enter(client.cacheId(), bytes)) {
            Entry meanwhile = client.getFromReplica(bytes);
            if (meanwhile != null) {
                return binding.readValue(meanwhile.value());
            }
            V loaded = external.load(key);
            if (loaded != null) {
                var unused = client.write(
                        bytes, Condition.ABSENT, new Mutation.Put(binding.value(loaded), expiry.forCreation()));
            }
            return loaded;
        }
    }

    /** Entries by key, those that were loaded among them. */
    public record FoundAll<K, V>(Map<K, V> values, int hits, int misses) {}

    /** The values of several keys, loaded if need be; a {@code putAll} is seen whole or not at all. */
    public FoundAll<K, V> getAll(Set<? extends K> keys) {
        List<K> order = new ArrayList<>(keys.size());
        List<Bytes> bytes = new ArrayList<>(keys.size());
        List<NearCache.@Nullable Slot<V>> slots = new ArrayList<>(keys.size());
        for (K key : keys) {
            NearCache.Slot<V> slot = near == null ? null : near.slot(key);
            bytes.add(slot == null ? binding.key(key) : slot.key());
            slots.add(slot);
            order.add(key);
        }
        List<@Nullable Entry> entries = client.getAll(bytes);
        Map<K, V> values = new LinkedHashMap<>();
        List<K> missing = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            Entry entry = entries.get(i);
            if (entry == null) {
                missing.add(order.get(i));
            } else {
                values.put(
                        order.get(i),
                        accessed(order.get(i), slots.get(i), bytes.get(i), EntryReader.NO_REVISION, entry));
            }
        }
        int hits = values.size();
        if (external.mayLoad() && !missing.isEmpty()) {
            Map<K, V> loaded = external.loadAll(missing);
            store(loaded, Condition.ABSENT);
            values.putAll(loaded);
        }
        return new FoundAll<>(values, hits, missing.size());
    }

    /** Loads keys into the cache, without the writer: all of them, or those that are not there. */
    public void loadAll(Set<? extends K> keys, boolean replaceExisting) {
        if (!external.hasLoader()) {
            return;
        }
        Set<K> wanted = new HashSet<>();
        for (K key : keys) {
            if (replaceExisting || !contains(key)) {
                wanted.add(key);
            }
        }
        store(external.loadAll(wanted), replaceExisting ? Condition.ANY : Condition.ABSENT);
    }

    private void store(Map<K, V> loaded, Condition when) {
        List<Command.Write> writes = new ArrayList<>();
        loaded.forEach((key, value) -> {
            Bytes bytes = binding.key(key);
            boolean isNew = !expiry.isAsked() || when.equals(Condition.ABSENT) || client.getFromReplica(bytes) == null;
            Expiry life = isNew ? expiry.forCreation() : expiry.forUpdate();
            writes.add(new Command.Write(client.cacheId(), bytes, when, new Mutation.Put(binding.value(value), life)));
        });
        var unused = client.writeAll(CacheClient.distinct(writes));
    }

    /** The value of an entry that was read, after the deadline has been moved as the policy says. */
    public V accessed(Bytes bytes, Entry entry) {
        touched(bytes, entry.version(), entry.expiresAtMillis());
        return binding.readValue(entry.value());
    }

    private V accessed(K key, NearCache.@Nullable Slot<V> slot, Bytes bytes, long revision, Entry entry) {
        if (near == null) {
            return accessed(bytes, entry);
        }
        touched(bytes, entry.version(), entry.expiresAtMillis());
        return near.value(key, slot, bytes, revision, entry);
    }

    /**
     * Moves the deadline as the policy says for an access. One that shortens the life of the entry is there when this
     * returns; others follow soon.
     */
    void touched(Bytes key, long version, long deadlineMillis) {
        if (!expiry.accessCounts()) {
            return;
        }
        Expiry access = expiry.forAccess();
        if (access.equals(Expiry.UNCHANGED)) {
            return;
        }
        Command.Write touch =
                new Command.Write(client.cacheId(), key, new Condition.VersionIs(version), new Mutation.Touch(access));
        if (isShorter(access, deadlineMillis)) {
            var unused = client.write(touch);
        } else if (touching.add(key)) {
            client.send(touch, () -> touching.remove(key));
        }
    }

    private boolean isShorter(Expiry access, long deadlineMillis) {
        return access.millis() != Expiry.NEVER
                && (deadlineMillis == Expiry.NEVER || client.nowMillis() + access.millis() < deadlineMillis);
    }

    /** As {@link #touched} when only the version is known. */
    void touched(Bytes key, long version) {
        touched(key, version, Expiry.NEVER);
    }
}
