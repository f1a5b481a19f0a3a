package io.concordcache.jcache.operation;

import io.concordcache.jcache.ConcordEntry;
import io.concordcache.jcache.operation.Decider.Decided;
import io.concordcache.jcache.operation.Decider.Decision;
import io.concordcache.jcache.operation.Decider.Seen;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import javax.cache.Cache;
import javax.cache.integration.CacheWriterException;
import org.jspecify.annotations.Nullable;

/**
 * Writes of one cache: conditions × mutations, expiry, write-through (JSR-107 chapters 5 and 6). Counts nothing.
 *
 * <p>Without a writer and with a standard expiry policy each is one command. With a writer, a single key is written under
 * its replicated lock, so that writer and cache change in the same order for everybody; a failure of the writer leaves the
 * cache as it was.
 */
public final class WritePath<K, V> {
    private final CacheClient client;
    private final Binding<K, V> binding;
    private final ExpiryDecisions expiry;
    private final External<K, V> external;
    private final Decider decider;
    private final ReadPath<K, V> reads;

    public WritePath(
            CacheClient client,
            Binding<K, V> binding,
            ExpiryDecisions expiry,
            External<K, V> external,
            KeyGates gates,
            ReadPath<K, V> reads) {
        this.client = client;
        this.binding = binding;
        this.expiry = expiry;
        this.external = external;
        this.decider = new Decider(client, gates);
        this.reads = reads;
    }

    /**
     * What a write did.
     *
     * @param existed whether there was an entry before
     * @param applied whether its condition held
     * @param stored whether there is an entry after it
     * @param before the value before, null for none
     */
    public record Written(
            boolean existed,
            boolean applied,
            boolean stored,
            @Nullable Bytes before) {
        static Written of(Outcome outcome) {
            return new Written(outcome.existed(), outcome.held(), outcome.afterVersion() != 0, outcome.beforeValue());
        }

        static Written left(@Nullable Seen seen) {
            return new Written(seen != null, false, seen != null, seen == null ? null : seen.value());
        }
    }

    /** Stores a value. */
    public Written put(K key, V value) {
        return put(key, value, null);
    }

    /** Stores a value that lives for the given time whatever the policy says; null for as the policy says. */
    public Written put(K key, V value, @Nullable Expiry life) {
        Bytes bytes = binding.key(key);
        Bytes stored = binding.value(value);
        if (external.writesThrough()) {
            return exclusively(bytes, seen -> {
                external.write(new ConcordEntry<>(key, value));
                return put(seen, stored, life);
            });
        }
        if (life != null || !expiry.isAsked()) {
            return Written.of(
                    client.write(bytes, Condition.ANY, new Mutation.Put(stored, life == null ? Expiry.BY_RULE : life)));
        }
        return optimistically(bytes, seen -> put(seen, stored, null));
    }

    private @Nullable Mutation put(@Nullable Seen seen, Bytes value, @Nullable Expiry life) {
        Expiry chosen = life != null ? life : seen == null ? expiry.forCreation() : expiry.forUpdate();
        return new Mutation.Put(value, chosen);
    }

    /** Stores a value if there is none. */
    public Written putIfAbsent(K key, V value) {
        Bytes bytes = binding.key(key);
        Bytes stored = binding.value(value);
        if (!external.writesThrough() && !expiry.isAsked()) {
            return Written.of(client.write(bytes, Condition.ABSENT, new Mutation.Put(stored, Expiry.BY_RULE)));
        }
        return change(bytes, seen -> {
            if (seen != null) {
                return null;
            }
            writeThrough(key, value);
            return put(null, stored, null);
        });
    }

    /** Stores a value if there is one. */
    public Written replace(K key, V value) {
        Bytes bytes = binding.key(key);
        Bytes stored = binding.value(value);
        if (!external.writesThrough() && !expiry.isAsked()) {
            return Written.of(client.write(bytes, Condition.PRESENT, new Mutation.Put(stored, Expiry.BY_RULE)));
        }
        return change(bytes, seen -> {
            if (seen == null) {
                return null;
            }
            writeThrough(key, value);
            return put(seen, stored, null);
        });
    }

    /** Stores a value if the present one equals the given; one that does not has been accessed. */
    public Written replace(K key, V oldValue, V newValue) {
        Bytes bytes = binding.key(key);
        binding.checkValue(oldValue);
        Bytes stored = binding.value(newValue);
        return changeIfEqual(bytes, oldValue, seen -> {
            writeThrough(key, newValue);
            return put(seen, stored, null);
        });
    }

    /** Stores a value if the present one has this version. */
    public Written replace(K key, long version, V value) {
        Bytes bytes = binding.key(key);
        Bytes stored = binding.value(value);
        return change(bytes, seen -> {
            if (seen == null || seen.version() != version) {
                return null;
            }
            writeThrough(key, value);
            return put(seen, stored, null);
        });
    }

    /** Removes an entry; the writer is told even if there is none. */
    public Written remove(K key) {
        Bytes bytes = binding.key(key);
        if (!external.writesThrough()) {
            return Written.of(client.write(bytes, Condition.ANY, Mutation.REMOVE));
        }
        return exclusively(bytes, seen -> {
            external.delete(key);
            return Mutation.REMOVE;
        });
    }

    /** Removes an entry if its value equals the given; one that does not has been accessed. */
    public Written remove(K key, V oldValue) {
        Bytes bytes = binding.key(key);
        binding.checkValue(oldValue);
        return changeIfEqual(bytes, oldValue, seen -> {
            deleteThrough(key);
            return Mutation.REMOVE;
        });
    }

    /** Moves the deadline of an entry. */
    public Written touch(K key, Expiry life) {
        return Written.of(client.write(binding.key(key), Condition.PRESENT, new Mutation.Touch(life)));
    }

    private void writeThrough(K key, V value) {
        if (external.writesThrough()) {
            external.write(new ConcordEntry<>(key, value));
        }
    }

    private void deleteThrough(K key) {
        if (external.writesThrough()) {
            external.delete(key);
        }
    }

    private Written changeIfEqual(Bytes key, V expected, Function<Seen, @Nullable Mutation> then) {
        Seen[] different = new Seen[1];
        Written written = change(key, seen -> {
            different[0] = null;
            if (seen == null) {
                return null;
            }
            if (!binding.readValue(seen.value()).equals(expected)) {
                different[0] = seen;
                return null;
            }
            return then.apply(seen);
        });
        if (different[0] != null) {
            reads.touched(key, different[0].version());
        }
        return written;
    }

    /** Under the lock of the key if the writer takes part. */
    private Written change(Bytes key, Function<@Nullable Seen, @Nullable Mutation> then) {
        return external.writesThrough() ? exclusively(key, then) : optimistically(key, then);
    }

    private Written optimistically(Bytes key, Function<@Nullable Seen, @Nullable Mutation> then) {
        return written(decider.decide(key, seen -> new Decision<>(then.apply(seen), seen)));
    }

    private Written exclusively(Bytes key, Function<@Nullable Seen, @Nullable Mutation> then) {
        return written(decider.decideExclusively(key, seen -> new Decision<>(then.apply(seen), seen)));
    }

    private static Written written(Decided<@Nullable Seen> decided) {
        return decided.outcome() == null ? Written.left(decided.result()) : Written.of(decided.outcome());
    }

    /** Lets the decision run, under the lock of the key if the writer may take part. */
    <R> Decided<R> decide(Bytes key, Function<@Nullable Seen, Decision<R>> decision) {
        return external.writesThrough() ? decider.decideExclusively(key, decision) : decider.decide(key, decision);
    }

    /**
     * Stores several values as one change; returns how many are stored. If the writer fails with some of them, the others
     * are stored and its failure is thrown.
     */
    public int putAll(Map<? extends K, ? extends V> map) {
        Map<K, Command.Write> writes = new LinkedHashMap<>();
        List<Cache.Entry<? extends K, ? extends V>> entries = new ArrayList<>();
        map.forEach((key, value) -> {
            Bytes bytes = binding.key(key);
            Bytes stored = binding.value(value);
            writes.put(
                    key,
                    new Command.Write(
                            client.cacheId(), bytes, Condition.ANY, new Mutation.Put(stored, Expiry.BY_RULE)));
            entries.add(new ConcordEntry<>(key, value));
        });
        CacheWriterException failure = null;
        if (external.writesThrough() && !entries.isEmpty()) {
            try {
                external.writeAll(entries);
            } catch (CacheWriterException e) {
                failure = e;
                entries.forEach(entry -> writes.remove(entry.getKey()));
            }
        }
        int stored = putAll(CacheClient.distinct(writes.values()));
        if (failure != null) {
            throw failure;
        }
        return stored;
    }

    private int putAll(List<Command.Write> writes) {
        if (!expiry.isAsked()) {
            return stored(client.writeAll(writes));
        }
        List<@Nullable Entry> present =
                client.getAll(writes.stream().map(Command.Write::key).toList());
        List<Command.Write> decided = new ArrayList<>();
        for (int i = 0; i < writes.size(); i++) {
            Seen seen = Seen.of(present.get(i));
            Mutation.Put put = (Mutation.Put) writes.get(i).then();
            Mutation then = Objects.requireNonNull(put(seen, put.value(), null));
            decided.add(new Command.Write(client.cacheId(), writes.get(i).key(), Decider.unchanged(seen), then));
        }
        List<Outcome> outcomes = client.writeAll(decided);
        int stored = stored(outcomes);
        for (int i = 0; i < outcomes.size(); i++) {
            if (!outcomes.get(i).held()) {
                // Changed between read and write: decided anew, alone.
                Bytes value = ((Mutation.Put) writes.get(i).then()).value();
                Written written = optimistically(writes.get(i).key(), seen -> put(seen, value, null));
                stored += written.stored() ? 1 : 0;
            }
        }
        return stored;
    }

    private static int stored(Collection<Outcome> outcomes) {
        return (int) outcomes.stream()
                .filter(outcome -> outcome.held() && outcome.afterVersion() != 0)
                .count();
    }

    /**
     * Removes several entries as one change; returns how many there were. If the writer fails with some of them, the
     * others are removed and its failure is thrown.
     */
    public int removeAll(Set<? extends K> keys) {
        Map<K, Bytes> bytes = new LinkedHashMap<>();
        keys.forEach(key -> bytes.put(key, binding.key(key)));
        CacheWriterException failure = null;
        if (external.writesThrough() && !bytes.isEmpty()) {
            Collection<K> toDelete = new HashSet<>(bytes.keySet());
            try {
                external.deleteAll(toDelete);
            } catch (CacheWriterException e) {
                failure = e;
                toDelete.forEach(bytes::remove);
            }
        }
        List<Command.Write> writes = bytes.values().stream()
                .map(key -> new Command.Write(client.cacheId(), key, Condition.ANY, Mutation.REMOVE))
                .toList();
        int removed = (int) client.writeAll(CacheClient.distinct(writes)).stream()
                .filter(outcome -> outcome.held() && outcome.existed())
                .count();
        if (failure != null) {
            throw failure;
        }
        return removed;
    }

    /** Drops everything without events and without the writer. */
    public void clear() {
        Outcome outcome = client.execute(new Command.Clear(client.cacheId()));
        if (outcome.status() == Outcome.Status.NO_CACHE) {
            throw client.destroyed();
        }
    }
}
