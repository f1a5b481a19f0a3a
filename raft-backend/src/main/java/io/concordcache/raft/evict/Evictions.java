package io.concordcache.raft.evict;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Chooses victims of bounded caches by a {@link Policy} over the writes in the log and the reads at all members. Only the
 * leader does; the others collect which entries were read at them, for the leader to hear of it.
 *
 * <p>Changes come from the one thread that applies the log; {@link #used} may be called by any, and costs it little; all
 * else by any thread that may wait.
 */
public final class Evictions {
    /** What a policy hears of at a time, so that the thread that applies the log does not wait for long. */
    private static final int READS_AT_A_TIME = 64;

    private final Runnable manyReads;
    /** By cache; empty for one that has no bounds. */
    private final Map<Long, Optional<Reads>> reads = new ConcurrentHashMap<>();
    /** By cache; empty for one that has no bounds. */
    private final Map<Long, Optional<Policy>> policies = new ConcurrentHashMap<>();

    private final Object draining = new Object();

    /** Calls {@code manyReads}, on a reader's thread, when so many were collected that soon some will be lost. */
    public Evictions(Runnable manyReads) {
        this.manyReads = manyReads;
    }

    /** A read of an entry here. */
    public void used(long cacheId, Bytes key, Supplier<CacheState> state) {
        Optional<Reads> known = reads.get(cacheId);
        if (known == null) {
            known = reads.computeIfAbsent(
                    cacheId, id -> bounded(id, state.get()).map(info -> new Reads(manyReads)));
        }
        if (known.isPresent()) {
            known.get().add(key);
        }
    }

    private static Optional<CacheInfo> bounded(long cacheId, CacheState state) {
        return state.caches().stream()
                .filter(info -> info.id() == cacheId && info.definition().isBounded())
                .findFirst();
    }

    /**
     * Takes what was read here since the last time, by cache.
     *
     * @param room bytes, about; what does not fit stays for the next time, or is lost
     */
    public Map<Long, List<Bytes>> takeReads(int room, CacheState state) {
        reads.keySet().removeIf(cacheId -> !state.exists(cacheId));
        Map<Long, List<Bytes>> taken = new TreeMap<>();
        synchronized (draining) {
            int left = room;
            for (Map.Entry<Long, Optional<Reads>> each : reads.entrySet()) {
                if (each.getValue().isPresent() && left > 0) {
                    List<Bytes> keys = new ArrayList<>();
                    left = each.getValue().get().drain(left, keys::add);
                    if (!keys.isEmpty()) {
                        taken.put(each.getKey(), keys);
                    }
                }
            }
        }
        return taken;
    }

    /** Learns of reads, be it here or at another member. */
    public void learnReads(long cacheId, List<Bytes> keys) {
        Optional<Policy> policy = policies.get(cacheId);
        if (policy != null && policy.isPresent()) {
            for (int from = 0; from < keys.size(); from += READS_AT_A_TIME) {
                policy.get().used(keys.subList(from, Math.min(keys.size(), from + READS_AT_A_TIME)));
            }
        }
    }

    /** Learns what the log did; returns the evictions that follow, to be written to the log. */
    public List<Command.Write> applied(List<Change> changes, CacheState state) {
        List<Command.Write> evictions = List.of();
        for (Change change : changes) {
            if (change.kind() == Change.Kind.DESTROYED) {
                policies.remove(change.cacheId());
                reads.remove(change.cacheId());
                continue;
            }
            Policy policy = policy(change.cacheId(), state);
            if (policy == null) {
                continue;
            }
            List<Command.Write> victims = policy.learn(change, ownReads(change.cacheId()));
            if (!victims.isEmpty()) {
                evictions = evictions.isEmpty() ? new ArrayList<>() : evictions;
                evictions.addAll(victims);
            }
        }
        return evictions;
    }

    /** What was read here came before the change, so the policy hears of it before. */
    private List<Bytes> ownReads(long cacheId) {
        Optional<Reads> here = reads.get(cacheId);
        if (here == null || here.isEmpty()) {
            return List.of();
        }
        List<Bytes> keys = new ArrayList<>();
        synchronized (draining) {
            here.get().drain(Integer.MAX_VALUE, keys::add);
        }
        return keys;
    }

    /** Starts with the content of a state, when this member becomes the leader; returns the evictions that follow. */
    public List<Command.Write> restored(CacheState state) {
        policies.clear(); // of an earlier time of leading, since when entries have come and gone
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

    /** This member does not lead any more. */
    public void retired() {
        policies.clear();
    }

    private @Nullable Policy policy(long cacheId, CacheState state) {
        Optional<Policy> known = policies.get(cacheId);
        if (known == null) {
            // A cache that is gone again has its last change still to come.
            known = bounded(cacheId, state).map(Policy::new);
            policies.put(cacheId, known);
        }
        return known.orElse(null);
    }
}
