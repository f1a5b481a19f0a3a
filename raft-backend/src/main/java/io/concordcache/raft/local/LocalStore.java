package io.concordcache.raft.local;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ChangeListener;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.Subscriptions;
import io.concordcache.raft.wire.CommandCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A {@link CacheStore} without replication: each command goes through the codec into one core. Thread-safe. */
public final class LocalStore implements CacheStore {
    private final LongSupplier clockMillis;
    private final CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
    private final Subscriptions subscriptions = new Subscriptions();
    private ClientId client;
    private long sequence;
    private boolean closed;

    /** A store that takes its time, in milliseconds since the epoch, from the supplier. */
    public LocalStore(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
        client = register();
    }

    private void requireOpen() {
        if (closed) {
            throw new RequestRejectedException(RequestRejectedException.Reason.STORE_CLOSED, "the store is closed");
        }
    }

    private synchronized List<Outcome> apply(Command command) {
        requireOpen();
        Applied applied = applyOnce(command);
        if (applied.result() == Applied.Result.CLIENT_UNKNOWN) {
            client = register();
            sequence = 0;
            applied = applyOnce(command);
        }
        return applied.outcomes().get(0);
    }

    private Applied applyOnce(Command command) {
        sequence++;
        return append(new LogEntry(clockMillis.getAsLong(), client, sequence, sequence - 1, List.of(command)));
    }

    private ClientId register() {
        Applied applied = append(LogEntry.registration(clockMillis.getAsLong()));
        return ClientId.of(applied.outcomes().get(0).get(0).afterVersion());
    }

    private Applied append(LogEntry entry) {
        Applied applied = machine.apply(CommandCodec.decode(CommandCodec.encode(entry)));
        subscriptions.publish(applied.changes());
        return applied;
    }

    @Override
    public CompletableFuture<List<Outcome>> submit(Command command) {
        try {
            return CompletableFuture.completedFuture(apply(command));
        } catch (RequestRejectedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public Outcome execute(Command command) {
        return apply(command).get(0);
    }

    @Override
    public List<Outcome> executeAll(Command.Batch batch) {
        return apply(batch);
    }

    @Override
    public synchronized @Nullable Entry get(long cacheId, Bytes key, ReadLevel level) {
        return getAll(cacheId, List.of(key), level).get(0);
    }

    @Override
    public synchronized List<@Nullable Entry> getAll(long cacheId, List<Bytes> keys, ReadLevel level) {
        requireOpen();
        if (!machine.state().exists(cacheId)) {
            throw RequestRejectedException.noSuchCache(cacheId);
        }
        List<@Nullable Entry> entries = read(cacheId, keys);
        long now = clockMillis.getAsLong();
        if (entries.stream().anyMatch(entry -> entry != null && entry.isExpiredAt(now))) {
            apply(new Command.Tick());
            return read(cacheId, keys);
        }
        return entries;
    }

    private List<@Nullable Entry> read(long cacheId, List<Bytes> keys) {
        List<@Nullable Entry> entries = new ArrayList<>(keys.size());
        keys.forEach(key -> entries.add(machine.state().get(cacheId, key)));
        return entries;
    }

    @Override
    public synchronized Iterator<Bytes> keys(long cacheId, ReadLevel level) {
        requireOpen();
        return List.copyOf(machine.state().keys(cacheId)).iterator();
    }

    @Override
    public synchronized long size(long cacheId) {
        requireOpen();
        return machine.state().size(cacheId);
    }

    @Override
    public synchronized @Nullable CacheInfo cache(String name) {
        requireOpen();
        return machine.state().cache(name);
    }

    @Override
    public synchronized List<CacheInfo> caches() {
        requireOpen();
        return machine.state().caches();
    }

    @Override
    public synchronized Subscription subscribe(long cacheId, ChangeListener listener) {
        requireOpen();
        return subscriptions.add(cacheId, listener);
    }

    @Override
    public long nowMillis() {
        return clockMillis.getAsLong();
    }

    @Override
    public synchronized long lastStamp() {
        return machine.state().lastStamp();
    }

    @Override
    public Duration operationTimeout() {
        return Duration.ofSeconds(5);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
