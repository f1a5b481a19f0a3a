package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.evict.Evictions;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.store.Subscriptions;
import io.concordcache.raft.wire.CommandCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link CacheStore} on a Ratis member in this JVM that stands alone. Being the only member it is the only one that can
 * lead, so what it has applied is all that was ever acknowledged: reads are linearizable from its own memory.
 */
public final class RatisStore implements CacheStore {
    private static final Logger LOG = LoggerFactory.getLogger(RatisStore.class);
    /** How much longer than its timeout a call waits for the answer that says it timed out. */
    private static final long GRACE_MILLIS = 400;

    private static final long START_TIMEOUT_SECONDS = 120;
    private static final long CLOSE_TIMEOUT_MILLIS = 30_000;
    /** Room for what an entry holds beside its commands. */
    private static final int ENTRY_ROOM = 1 << 10;

    private final RatisSettings settings;
    private final StoreDirectory directory;
    private final LeaderClock clock = new LeaderClock(System::currentTimeMillis, System::nanoTime);
    private final ScheduledExecutorService scheduler;
    private final ExecutorService snapshotWriter;
    private final Subscriptions subscriptions = new Subscriptions();
    private final Evictions evictions = new Evictions();
    private final GroupCommit commit;
    private final Ticker ticker;
    private final RatisStateMachine stateMachine;
    private final CompletableFuture<RatisMember> member = new CompletableFuture<>();
    private final CompletableFuture<Void> led = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    /** Why nothing can be read any more, null while all is well. */
    private volatile @Nullable StoreException unreadable;

    private volatile boolean leading;

    /**
     * Starts a member and waits until it serves.
     *
     * @throws StartException if it cannot; the message says why and what to do
     */
    public static RatisStore start(RatisSettings settings) {
        StoreDirectory directory = settings.durability() == Durability.MEMORY
                ? StoreDirectory.temporary()
                : StoreDirectory.open(Objects.requireNonNull(settings.directory()));
        RatisStore store = new RatisStore(settings, directory);
        try {
            store.startMember();
            store.awaitLead();
            return store;
        } catch (RuntimeException | Error e) {
            store.close();
            throw e;
        }
    }

    private RatisStore(RatisSettings settings, StoreDirectory directory) {
        this.settings = settings;
        this.directory = directory;
        scheduler = Executors.newSingleThreadScheduledExecutor(daemon("concord-timer"));
        snapshotWriter = Executors.newSingleThreadExecutor(daemon("concord-snapshot"));
        commit = new GroupCommit(this::append, scheduler, settings.operationTimeout(), maxCommandBytes());
        ticker = new Ticker(clock, scheduler, commit);
        stateMachine = new RatisStateMachine(settings, clock, new Events(), snapshotWriter, this::snapshotTaken);
    }

    private static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Ratis' threads inherit from the one that starts it that they do not keep the JVM alive. */
    private void startMember() {
        Thread starter = daemon("concord-start").newThread(() -> {
            try {
                member.complete(RatisMember.start(settings, directory.path(), stateMachine));
            } catch (RuntimeException | Error e) {
                member.completeExceptionally(e);
            }
        });
        starter.start();
        await(member);
    }

    /** Where log and snapshots lie. */
    Path directory() {
        return directory.path();
    }

    private void awaitLead() {
        await(led);
        commit.start();
        long interval = settings.snapshotInterval().toMillis();
        var unused = scheduler.scheduleWithFixedDelay(this::shortenIdleLog, interval, interval, TimeUnit.MILLISECONDS);
    }

    private void await(CompletableFuture<?> phase) {
        try {
            phase.get(START_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new StartException(
                    "the store in " + directory.path() + " did not serve within " + START_TIMEOUT_SECONDS + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            throw cause instanceof StartException start
                    ? start
                    : new StartException("the store in " + directory.path() + " cannot serve: " + cause, cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the store started", e);
        }
    }

    private CompletableFuture<Applied> append(LogEntry entry) {
        RatisMember started = member.getNow(null);
        return started == null
                ? CompletableFuture.failedFuture(new GroupCommit.NotAppendedException("the member is starting", null))
                : started.append(entry);
    }

    /** A tick makes the state machine look at the clock, and so take the snapshot that is due. */
    private void shortenIdleLog() {
        if (stateMachine.hasGrown()) {
            var unused = commit.submit(new Command.Tick(), 1);
        }
    }

    private void snapshotTaken() {
        var unused = member.thenAccept(RatisMember::snapshotTaken);
    }

    /** What the log brings. */
    private final class Events implements RatisStateMachine.Listener {
        @Override
        public void applied(Applied applied, CacheState state) {
            subscriptions.publish(applied.changes());
            if (leading) {
                evict(evictions.applied(applied.changes(), state));
                ticker.due(state.nextDeadline());
            }
        }

        @Override
        public void leading() {
            leading = true;
            evict(evictions.restored(stateMachine.state()));
            ticker.due(stateMachine.state().nextDeadline());
            led.complete(null);
        }

        @Override
        public void notLeading() {
            leading = false;
        }

        @Override
        public void logFailed(Throwable cause) {
            LOG.error("the log in {} cannot be written; this member takes no more writes", directory.path(), cause);
            Throwable root = cause;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            commit.closeBecause(new StoreUnavailableException(
                    "not applied: the log in " + directory.path() + " cannot be written (" + root.getMessage()
                            + "); make space or mend the disk, then start the member again",
                    cause));
        }

        @Override
        public void applyFailed(String what, Throwable cause) {
            StoreUnavailableException failure = new StoreUnavailableException(what, cause);
            unreadable = failure;
            led.completeExceptionally(failure);
            commit.closeBecause(failure);
        }
    }

    private void evict(List<Command> victims) {
        for (Command victim : victims) {
            var unused = commit.submit(victim, CommandCodec.sizeBound(victim));
        }
    }

    @Override
    public CompletableFuture<List<Outcome>> submit(Command command) {
        try {
            long size = checkedSize(command);
            return size <= maxCommandBytes() ? commit.submit(command, size) : submitInParts(command);
        } catch (RequestRejectedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** What fits into one log entry. */
    private int maxCommandBytes() {
        return settings.maxLogEntryBytes() - ENTRY_ROOM;
    }

    private CompletableFuture<List<Outcome>> submitInParts(Command command) {
        byte[] all = CommandCodec.encodeCommand(command).unwrap();
        int size = maxCommandBytes() - CommandCodec.OVERHEAD;
        int count = (all.length + size - 1) / size;
        CompletableFuture<List<Outcome>> last = CompletableFuture.completedFuture(List.of());
        for (int i = 0; i < count; i++) {
            int index = i;
            Bytes content = Bytes.wrap(Arrays.copyOfRange(all, i * size, Math.min(all.length, (i + 1) * size)));
            last = last.thenCompose(before -> submitPart(index, count, content, before));
        }
        return last;
    }

    private CompletableFuture<List<Outcome>> submitPart(int index, int count, Bytes content, List<Outcome> before) {
        if (index > 0 && !before.get(0).held()) {
            return CompletableFuture.failedFuture(
                    new StoreUnavailableException(
                            "not applied: the parts of a large write did not arrive within a minute of each other; call again"));
        }
        long transfer = index == 0 ? 0 : before.get(0).afterVersion();
        Command.Part part = new Command.Part(transfer, index, count, content);
        return commit.submit(part, CommandCodec.sizeBound(part));
    }

    private long checkedSize(Command command) {
        if (command instanceof Command.Write write) {
            check(write);
        } else if (command instanceof Command.Batch batch) {
            batch.writes().forEach(this::check);
        }
        long size = CommandCodec.sizeBound(command);
        if (size > RatisSettings.MAX_COMMAND_BYTES) {
            throw new RequestRejectedException(
                    Reason.BATCH_TOO_LARGE,
                    "about " + size + " bytes in one call; the limit is " + RatisSettings.MAX_COMMAND_BYTES
                            + ": write fewer entries at a time");
        }
        return size;
    }

    private void check(Command.Write write) {
        if (write.key().length() > settings.maxKeyBytes()) {
            throw new RequestRejectedException(
                    Reason.KEY_TOO_LARGE,
                    "a key of " + write.key().length() + " bytes; the limit is " + settings.maxKeyBytes()
                            + " (setting limits.key)");
        }
        if (write.then() instanceof Mutation.Put put && put.value().length() > settings.maxValueBytes()) {
            throw new RequestRejectedException(
                    Reason.VALUE_TOO_LARGE,
                    "a value of " + put.value().length() + " bytes; the limit is " + settings.maxValueBytes()
                            + " (setting limits.value)");
        }
    }

    @Override
    public Outcome execute(Command command) {
        return answer(submit(command)).get(0);
    }

    @Override
    public List<Outcome> executeAll(Command.Batch batch) {
        return answer(submit(batch));
    }

    private List<Outcome> answer(CompletableFuture<List<Outcome>> future) {
        try {
            return future.get(settings.operationTimeout().toMillis() + GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException failure) {
                throw again(failure);
            }
            throw new OutcomeUnknownException("the store failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new OutcomeUnknownException(
                    "no answer within " + settings.operationTimeout().toMillis()
                            + " ms; the write may or may not have been applied",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknownException("interrupted; the write may or may not have been applied", e);
        }
    }

    /** The same failure with the stack of this caller. */
    private static StoreException again(StoreException failure) {
        if (failure instanceof StoreUnavailableException) {
            return new StoreUnavailableException(String.valueOf(failure.getMessage()), failure);
        }
        if (failure instanceof OutcomeUnknownException) {
            return new OutcomeUnknownException(String.valueOf(failure.getMessage()), failure);
        }
        return failure;
    }

    private void checkReadable() {
        StoreException why = unreadable;
        if (why != null) {
            throw again(why);
        }
    }

    @Override
    public @Nullable Entry get(long cacheId, Bytes key, ReadLevel level) {
        checkReadable();
        Entry entry = stateMachine.get(cacheId, key);
        if (entry == null) {
            checkExists(cacheId);
            return null;
        }
        if (isLate(entry)) {
            if (level == ReadLevel.EVENTUAL) {
                return null;
            }
            passTime();
            return stateMachine.get(cacheId, key);
        }
        evictions.used(cacheId, key);
        return entry;
    }

    @Override
    public List<@Nullable Entry> getAll(long cacheId, List<Bytes> keys, ReadLevel level) {
        checkReadable();
        List<@Nullable Entry> entries = stateMachine.getAll(cacheId, keys);
        checkExists(cacheId);
        if (entries.stream().anyMatch(entry -> entry != null && isLate(entry))) {
            passTime();
            entries = stateMachine.getAll(cacheId, keys);
        }
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i) != null) {
                evictions.used(cacheId, keys.get(i));
            }
        }
        return entries;
    }

    private void checkExists(long cacheId) {
        if (!stateMachine.state().exists(cacheId)) {
            throw RequestRejectedException.noSuchCache(cacheId);
        }
    }

    /** Whether the entry is past its deadline by the leader's clock, which the log may not have heard of yet. */
    private boolean isLate(Entry entry) {
        return entry.expiresAtMillis() != Expiry.NEVER && entry.isExpiredAt(clock.millis());
    }

    private void passTime() {
        var unused = execute(new Command.Tick());
    }

    @Override
    public Iterator<Bytes> keys(long cacheId, ReadLevel level) {
        checkReadable();
        checkExists(cacheId);
        return stateMachine.state().keys(cacheId).iterator();
    }

    @Override
    public long size(long cacheId) {
        checkReadable();
        return stateMachine.state().size(cacheId);
    }

    @Override
    public @Nullable CacheInfo cache(String name) {
        checkReadable();
        return stateMachine.state().cache(name);
    }

    @Override
    public List<CacheInfo> caches() {
        checkReadable();
        return stateMachine.state().caches();
    }

    @Override
    public Subscription subscribe(long cacheId, Consumer<Change> listener) {
        checkReadable();
        return subscriptions.add(cacheId, listener);
    }

    @Override
    public long nowMillis() {
        return clock.millis();
    }

    @Override
    public Duration operationTimeout() {
        return settings.operationTimeout();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        unreadable = new RequestRejectedException(Reason.STORE_CLOSED, "the store is closed");
        commit.close();
        scheduler.shutdownNow();
        Thread closer = daemon("concord-close").newThread(() -> {
            if (member.isDone() && !member.isCompletedExceptionally()) {
                member.join().close();
            }
            finishSnapshot();
            directory.close();
        });
        closer.start();
        if (settings.durability() == Durability.MEMORY) {
            return; // Ratis takes a second to end, and there is nothing to come back to
        }
        try {
            closer.join(CLOSE_TIMEOUT_MILLIS);
            if (closer.isAlive()) {
                LOG.warn("the store in {} is still closing", directory.path());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void finishSnapshot() {
        snapshotWriter.shutdown();
        try {
            if (!snapshotWriter.awaitTermination(START_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a snapshot is still being written to {}", directory.path());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
