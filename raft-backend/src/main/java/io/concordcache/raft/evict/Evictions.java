package io.concordcache.raft.evict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Mutation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Chooses victims of bounded caches by Caffeine's policy (W-TinyLFU; Einziger, Friedman and Manes, 2017) over the writes
 * in the log and the reads at this member. An entry weighs the larger of its shares of the two bounds, so both hold.
 *
 * <p>Changes come from the one thread that applies the log; {@link #used} may be called by any.
 */
public final class Evictions {
    /** What a small entry weighs; large enough that rounding does not matter. */
    private static final double UNIT = 1 << 10;

    private static final double LEAST_ENTRY_BYTES = 64;

    private final Map<Long, Tracker> trackers = new ConcurrentHashMap<>();
    /** Caches seen that have no bounds; of the thread that applies the log. */
    private final Set<Long> unbounded = new HashSet<>();

    /** A read of an entry. */
    public void used(long cacheId, Bytes key) {
        Tracker tracker = trackers.get(cacheId);
        if (tracker != null) {
            tracker.used(key);
        }
    }

    /** Learns what the log did; returns the evictions that follow, to be written to the log. */
    public List<Command> applied(List<Change> changes, CacheState state) {
        List<Command> evictions = List.of();
        for (Change change : changes) {
            if (change.kind() == Change.Kind.DESTROYED) {
                trackers.remove(change.cacheId());
                unbounded.remove(change.cacheId());
                continue;
            }
            Tracker tracker = tracker(change.cacheId(), state);
            if (tracker == null) {
                continue;
            }
            tracker.learn(change);
            if (!tracker.victims.isEmpty()) {
                evictions = evictions.isEmpty() ? new ArrayList<>() : evictions;
                evictions.addAll(tracker.takeVictims());
            }
        }
        return evictions;
    }

    /** Starts with the content of a state, after a restart for example; returns the evictions that follow. */
    public List<Command> restored(CacheState state) {
        List<Change> asIfNew = new ArrayList<>();
        for (CacheInfo info : state.caches()) {
            if (info.definition().isBounded()) {
                for (Bytes key : state.keys(info.id())) {
                    Entry entry = state.get(info.id(), key);
                    if (entry != null) {
                        asIfNew.add(new Change(Change.Kind.CREATED, info.id(), key, null, entry, entry.version()));
                    }
                }
            }
        }
        return applied(asIfNew, state);
    }

    private @Nullable Tracker tracker(long cacheId, CacheState state) {
        Tracker known = trackers.get(cacheId);
        if (known != null || unbounded.contains(cacheId)) {
            return known;
        }
        for (CacheInfo info : state.caches()) {
            if (info.id() == cacheId && info.definition().isBounded()) {
                return trackers.computeIfAbsent(cacheId, id -> new Tracker(info));
            }
        }
        // A cache that is gone again has its last change still to come.
        unbounded.add(cacheId);
        return null;
    }

    private static final class Tracker {
        private final long cacheId;
        /** Version and weight of each entry; Caffeine decides by weight which key has to go. */
        private final Cache<Bytes, Weighed> policy;

        private final List<Command> victims = new ArrayList<>();
        private final double weightOfEntry;
        private final double weightOfByte;

        private record Weighed(long version, int weight) {}

        Tracker(CacheInfo info) {
            cacheId = info.id();
            CacheDefinition definition = info.definition();
            // So that an entry of least size weighs UNIT or less, and the largest still fits an int.
            double total = UNIT
                    * Math.ceil(Math.min((double) definition.maxEntries(), definition.maxBytes() / LEAST_ENTRY_BYTES));
            weightOfEntry = total / definition.maxEntries();
            weightOfByte = total / definition.maxBytes();
            policy = Caffeine.newBuilder()
                    .maximumWeight((long) total)
                    .weigher((Bytes key, Weighed value) -> value.weight())
                    .executor(Runnable::run)
                    .evictionListener(this::chosen)
                    .build();
        }

        private void chosen(@Nullable Bytes key, @Nullable Weighed value, RemovalCause cause) {
            victims.add(new Command.Write(
                    cacheId,
                    Objects.requireNonNull(key),
                    new Condition.VersionIs(Objects.requireNonNull(value).version()),
                    Mutation.EVICT));
        }

        void used(Bytes key) {
            var unused = policy.getIfPresent(key);
        }

        void learn(Change change) {
            Entry after = change.after();
            switch (change.kind()) {
                case CREATED, UPDATED -> {
                    Entry entry = Objects.requireNonNull(after);
                    long bytes = (long) change.key().length() + entry.value().length();
                    double weight = Math.max(weightOfEntry, bytes * weightOfByte);
                    policy.put(change.key(), new Weighed(entry.version(), (int)
                            Math.max(1, Math.min(Integer.MAX_VALUE, weight))));
                }
                case REMOVED, EXPIRED, EVICTED -> policy.invalidate(change.key());
                case CLEARED -> policy.invalidateAll();
                case TOUCHED, DESTROYED -> {}
            }
        }

        List<Command> takeVictims() {
            List<Command> taken = List.copyOf(victims);
            victims.clear();
            return taken;
        }
    }
}
