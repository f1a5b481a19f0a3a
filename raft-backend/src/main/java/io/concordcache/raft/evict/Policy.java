package io.concordcache.raft.evict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Mutation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of one bounded cache are worth their place: Caffeine's policy (W-TinyLFU; Einziger, Friedman and Manes,
 * 2017).
 *
 * <p>As long as the bound of bytes does not bind, entries are counted as Caffeine counts them: a weighted cache remembers
 * half as much of the past, because Caffeine sizes what it remembers by the entries there when it is half full; that costs
 * up to 1.7 points of hit ratio. When it does bind, an entry weighs the larger of its shares of the two bounds, so both
 * hold.
 */
final class Policy {
    /** What a small entry weighs; large enough that rounding does not matter. */
    private static final double UNIT = 1 << 10;

    private static final double LEAST_ENTRY_BYTES = 64;

    private final long cacheId;
    private final CacheDefinition definition;
    private final double total;
    private final List<Command.Write> victims = new ArrayList<>();

    private Cache<Bytes, Held> entries;
    private boolean weighted;
    private long bytes;

    private record Held(long version, long bytes) {}

    Policy(CacheInfo info) {
        cacheId = info.id();
        definition = info.definition();
        // So that an entry of least size weighs UNIT or less, and the largest still fits an int.
        total = UNIT * Math.ceil(Math.min((double) definition.maxEntries(), definition.maxBytes() / LEAST_ENTRY_BYTES));
        weighted = definition.maxEntries() == CacheDefinition.UNBOUNDED;
        entries = weighted ? byWeight() : byCount();
    }

    private Cache<Bytes, Held> byCount() {
        return Caffeine.newBuilder()
                .maximumSize(definition.maxEntries())
                .executor(Runnable::run)
                .evictionListener(this::chosen)
                .build();
    }

    private Cache<Bytes, Held> byWeight() {
        return Caffeine.newBuilder()
                .maximumWeight((long) total)
                .weigher((Bytes key, Held entry) -> weight(entry.bytes()))
                .executor(Runnable::run)
                .evictionListener(this::chosen)
                .build();
    }

    private int weight(long size) {
        double weight = Math.max(total / definition.maxEntries(), size * (total / definition.maxBytes()));
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, weight));
    }

    private void chosen(@Nullable Bytes key, @Nullable Held entry, RemovalCause cause) {
        Held victim = Objects.requireNonNull(entry);
        bytes -= victim.bytes();
        victims.add(new Command.Write(
                cacheId, Objects.requireNonNull(key), new Condition.VersionIs(victim.version()), Mutation.EVICT));
    }

    /** Hears of reads. */
    synchronized void used(List<Bytes> keys) {
        for (Bytes key : keys) {
            var unused = entries.getIfPresent(key);
        }
    }

    /** Hears of reads and of a change after them; returns the evictions that follow. */
    synchronized List<Command.Write> learn(Change change, List<Bytes> readsBefore) {
        used(readsBefore);
        switch (change.kind()) {
            case CREATED, UPDATED -> {
                Entry entry = Objects.requireNonNull(change.after());
                put(
                        change.key(),
                        new Held(
                                entry.version(),
                                (long) change.key().length() + entry.value().length()));
            }
            case REMOVED, EXPIRED, EVICTED -> {
                Held gone = entries.asMap().remove(change.key());
                bytes -= gone == null ? 0 : gone.bytes();
            }
            case CLEARED -> {
                entries.invalidateAll();
                bytes = 0;
            }
            case TOUCHED, DESTROYED -> {}
        }
        if (victims.isEmpty()) {
            return List.of();
        }
        List<Command.Write> taken = List.copyOf(victims);
        victims.clear();
        return taken;
    }

    private void put(Bytes key, Held entry) {
        bytes += entry.bytes();
        Held before = entries.asMap().put(key, entry);
        bytes -= before == null ? 0 : before.bytes();
        if (!weighted && bytes > definition.maxBytes()) {
            weigh();
        }
    }

    /** From now on by weight; the least useful entries come first, so that they are the first to go. */
    private void weigh() {
        Map<Bytes, Held> coldestFirst =
                entries.policy().eviction().orElseThrow().coldest(Integer.MAX_VALUE);
        weighted = true;
        entries = byWeight();
        coldestFirst.forEach(entries::put);
    }
}
