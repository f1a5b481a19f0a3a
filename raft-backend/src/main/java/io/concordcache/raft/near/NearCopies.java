package io.concordcache.raft.near;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.store.ChangeListener;
import io.concordcache.raft.store.NearBounds;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Entries of one cache, kept until a change of their key is heard of. All times are nanoseconds of one monotonic clock of
 * this node, of which only differences count.
 *
 * <p>A copy is served while the node knows that it has heard of everything that was acknowledged up to a moment not longer
 * ago than the bound. It knows by a fence: it notes the time and asks a member how far the log of acknowledged writes goes;
 * when its feed of changes has come so far too, the time it noted is that moment. However late anything arrives, and
 * whichever member the feed or the answer is from, nothing is taken for newer than it is.
 *
 * <p>Thread-safe; a read of a copy takes no lock.
 */
public final class NearCopies implements ChangeListener {
    private static final int STRIPES = 1 << 10;
    private static final long NOTHING_HEARD = -1;

    /** {@code generation} of the feed that keeps it up. */
    private record Copy(Entry entry, long generation) {}

    /** Up to which moment everything acknowledged was heard of, as long as the generation is the same. */
    private record Fresh(long generation, long since) {}

    /** A question how far the log goes. */
    public record Fence(long asked) {}

    private record Answered(Fence fence, long index) {}

    /**
     * A read that goes to a member.
     *
     * @param atLeast its answer must not be older than this index to be kept
     */
    public record Load(Bytes key, long generation, long changes, long atLeast) {}

    private final long maxStalenessNanos;
    private final Cache<Bytes, Copy> copies;
    /** How many changes were heard of among the keys of each stripe. */
    private final AtomicLongArray changes = new AtomicLongArray(STRIPES);

    /** Grows whenever changes were missed: what was kept before counts no more. */
    private volatile long generation;

    /** Up to which index of the log the changes go that are being told, or were told last. */
    private volatile long hearing = NOTHING_HEARD;
    /** Up to which index all changes have been told. */
    private volatile long heard = NOTHING_HEARD;

    private volatile @Nullable Fresh fresh;
    private volatile @Nullable Fence asking;
    private @Nullable Answered answered;

    public NearCopies(NearBounds bounds) {
        this.maxStalenessNanos = bounds.maxStaleness().toNanos();
        this.copies = Caffeine.newBuilder()
                .maximumSize(bounds.maxEntries())
                .executor(Runnable::run)
                .build();
    }

    // Reads

    /**
     * The copy of a key, null if there is none that may be served.
     *
     * @param seen what the reader has seen of the log; he is not taken back behind it
     */
    public @Nullable Entry get(Bytes key, long seen, long now) {
        // In this order: a copy that is looked at later is no older.
        Fresh known = fresh;
        if (known == null || now - known.since > maxStalenessNanos || known.generation != generation || heard < seen) {
            return null;
        }
        Copy copy = copies.getIfPresent(key);
        return copy != null && copy.generation == known.generation ? copy.entry : null;
    }

    /** A read of this key is about to be sent to a member. */
    public Load begin(Bytes key) {
        // The index last: what was heard of before, and so is not noticed in the end, is not after it.
        long from = generation;
        long noticed = changes.get(stripe(key));
        return new Load(key, from, noticed, hearing);
    }

    /**
     * A member answered a read. The entry is kept unless a change of its key may have passed it on the way.
     *
     * @param index of the log, up to which the member had applied everything when it read the entry
     */
    public void loaded(Load load, Entry entry, long index) {
        if (load.atLeast == NOTHING_HEARD || index < load.atLeast) {
            return; // what was heard of before the read began may be missing in it
        }
        // Under the lock of the key, as is the removal when a change is heard of, which comes after it was counted.
        copies.asMap()
                .compute(
                        load.key,
                        (key, present) ->
                                changes.get(stripe(key)) == load.changes ? new Copy(entry, load.generation) : present);
    }

    private static int stripe(Bytes key) {
        int hash = key.hashCode();
        return (hash ^ (hash >>> 16)) & (STRIPES - 1);
    }

    /** How many copies are kept; at most the bound. */
    public long size() {
        copies.cleanUp();
        return copies.estimatedSize();
    }

    // The feed; called by one thread at a time

    /** Changes are about to be told, which go up to this index of the log. */
    public void hearing(long index) {
        hearing = index;
    }

    @Override
    public void changed(Change change) {
        switch (change.kind()) {
            case CLEARED, DESTROYED -> clear();
            case CREATED, UPDATED, REMOVED, EXPIRED, EVICTED, TOUCHED -> {
                changes.incrementAndGet(stripe(change.key()));
                var unused = copies.asMap().remove(change.key());
            }
        }
    }

    /** All changes up to this index of the log have been told. */
    public synchronized void heard(long index) {
        heard = index;
        refresh();
    }

    private synchronized void clear() {
        generation++;
        Fresh known = fresh;
        fresh = known == null ? null : new Fresh(generation, known.since);
        copies.invalidateAll();
    }

    /** What comes next may be of a member that lags behind the one before. */
    @Override
    public synchronized void missed() {
        hearing = NOTHING_HEARD;
        heard = NOTHING_HEARD;
        fresh = null;
        clear();
    }

    // Fences

    /** A fence to be sent now, null if there is no need yet. To be asked by those who read, so that idle nodes ask nobody. */
    public @Nullable Fence fence(long now) {
        Fresh known = fresh;
        Fence open = asking;
        if ((known != null && now - known.since < maxStalenessNanos / 3)
                || (open != null && now - open.asked < maxStalenessNanos / 3)) {
            return null;
        }
        return ask(now);
    }

    private synchronized @Nullable Fence ask(long now) {
        Fence open = asking;
        if (open != null && now - open.asked < maxStalenessNanos / 3) {
            return null; // another thread was faster
        }
        Fence next = new Fence(now);
        asking = next;
        return next;
    }

    /**
     * A fence was answered.
     *
     * @param index up to which the log goes that was acknowledged when the fence was sent, or further
     */
    public synchronized void answered(Fence fence, long index) {
        Answered before = answered;
        // One that waits for the feed is not put off by the next, or a feed that lags would never be found good enough.
        if (before == null || fence.asked - before.fence.asked > maxStalenessNanos) {
            answered = new Answered(fence, index);
            refresh();
        }
    }

    private void refresh() {
        Answered last = answered;
        if (last == null || last.index > heard) {
            return;
        }
        answered = null;
        Fresh known = fresh;
        if (known == null || known.since - last.fence.asked < 0) {
            fresh = new Fresh(generation, last.fence.asked);
        }
    }
}
