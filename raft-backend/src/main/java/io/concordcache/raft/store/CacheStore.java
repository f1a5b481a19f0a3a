package io.concordcache.raft.store;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The replicated caches as their users in this JVM see them. Thread-safe. Every call that waits ends within {@link
 * #operationTimeout()}, give or take half a second, with a {@link StoreException} if need be.
 */
public interface CacheStore extends AutoCloseable {

    /**
     * Sends a command to the log. Does not block. The future is completed once the command is applied and readable, with
     * one outcome for each key it names (one in all if it names none), or exceptionally with a {@link StoreException}; on
     * a thread of the store, so what depends on it must not block.
     */
    CompletableFuture<List<Outcome>> submit(Command command);

    /** {@link #submit}, and waits. For commands with one outcome. */
    Outcome execute(Command command);

    /** {@link #submit}, and waits. For {@link Command.Batch}. */
    List<Outcome> executeAll(Command.Batch batch);

    /**
     * The live entry of a key, null if there is none. May block for a message or two unless the level is {@link
     * ReadLevel#EVENTUAL}. Counts as a use of the entry for eviction, not for expiry.
     *
     * @throws RequestRejectedException if there is no such cache
     */
    @Nullable
    Entry get(long cacheId, Bytes key, ReadLevel level);

    /**
     * The reads of one cache for a caller that reads it again and again: as {@link #get}, only quicker. To be closed.
     *
     * @param near what may be kept of the cache where there is no replica; null for nothing
     */
    default EntryReader reader(long cacheId, @Nullable NearBounds near) {
        return (key, level) -> get(cacheId, key, level);
    }

    /** As {@link #get} for several keys, in their order; a command over several keys is seen whole or not at all. */
    List<@Nullable Entry> getAll(long cacheId, List<Bytes> keys, ReadLevel level);

    /**
     * The keys of a cache, weakly consistent: one that is there all the time is met exactly once. Some may have expired
     * or gone by the time they are read.
     */
    Iterator<Bytes> keys(long cacheId, ReadLevel level);

    /** The number of entries, expired ones that wait for their removal included. */
    long size(long cacheId);

    /** The cache of this name, null if there is none. Linearizable. */
    @Nullable
    CacheInfo cache(String name);

    /** The caches that exist, oldest first. */
    List<CacheInfo> caches();

    /**
     * Calls the listener for each change of a cache from now on, in log order, on the thread that applies the log: it
     * must be quick and must not call the store. Changes that the store applied after this method returned are all seen.
     */
    Subscription subscribe(long cacheId, ChangeListener listener);

    /** The replicated clock as far as this node can tell, in milliseconds since the epoch; never ahead of the leader's. */
    long nowMillis();

    /**
     * The newest stamp of the replicated clock that this node has seen applied. Costs no message, so it may lie behind: a
     * transaction that begins now began after all that was applied by this stamp, perhaps after more.
     */
    long lastStamp();

    /**
     * Writes all caches as of one moment, not earlier than this call, in the format of {@link
     * io.concordcache.raft.wire.SnapshotCodec}. Takes as long as the state is large; fails if nothing comes for a minute.
     *
     * @param out is not closed
     * @throws IOException of the stream
     * @throws RequestRejectedException if this store cannot be copied
     */
    default void copyTo(OutputStream out) throws IOException {
        throw new RequestRejectedException(
                RequestRejectedException.Reason.NO_CLUSTER, "this store keeps nothing that could be copied");
    }

    /** The cluster behind this store. */
    default ClusterAdmin admin() {
        throw new RequestRejectedException(
                RequestRejectedException.Reason.NO_CLUSTER,
                "this store stands alone; there is no cluster to administer");
    }

    /** What this store sees of itself and has counted. Sends no message. */
    default StoreMetrics metrics() {
        return StoreMetrics.NONE;
    }

    /** What the library below counts by itself, of the member in this JVM; empty for a client. Sends no message. */
    default List<EngineMetric> engineMetrics() {
        return List.of();
    }

    /** Tells how long things take from now on; a store that counts nothing tells nothing. */
    default Subscription observe(StoreObserver observer) {
        return () -> {};
    }

    /**
     * Shows in {@link #metrics} what a user of a cache in this JVM counts for itself.
     *
     * @param counts asked by any thread; must not block
     */
    default Subscription countUse(String cache, Supplier<CacheUse> counts) {
        return () -> {};
    }

    /** A user of a cache in this JVM tells how long a call took, so that those who {@link #observe} hear of it. */
    default void used(String cache, StoreObserver.Use use, long nanos) {}

    /**
     * Tells of what this store does by these spans from now on, null for none. Cache managers look at it when they open a
     * cache.
     */
    default void trace(@Nullable Tracing tracing) {}

    /** Null if nobody is told by spans. */
    default @Nullable Tracing tracing() {
        return null;
    }

    /** How long a call may take. */
    Duration operationTimeout();

    /** Ends the store. Calls under way and later ones end with an exception. Never throws; a second close does nothing. */
    @Override
    void close();

    /** Ends a subscription; a change being delivered meanwhile may still arrive. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
