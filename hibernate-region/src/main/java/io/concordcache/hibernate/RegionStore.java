package io.concordcache.hibernate;

import io.concordcache.raft.config.ConfigurationException;
import io.concordcache.raft.config.SettingsLoader;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.LockId;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Slot;
import io.concordcache.raft.node.Nodes;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.store.StoreException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.hibernate.cache.CacheException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store as the regions of one session factory see it. What cannot be read is a miss; while the store does not answer
 * nothing is asked of it but whether it does again. Thread-safe.
 */
final class RegionStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegionStore.class);

    /** So many loads may be on their way; more are dropped. */
    private static final int MAX_OFFERED = 4_096;

    private static final long PROBE_MILLIS = 500;

    private final CacheStore store;
    private final Runnable closing;
    private final RegionSettings settings;
    private final long owner = new SecureRandom().nextLong();
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicInteger offered = new AtomicInteger();
    private final AtomicBoolean down = new AtomicBoolean();
    private final Set<StoreRegion> unlocked = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Outbox outbox;
    private final Set<StoreRegion> tooLarge = ConcurrentHashMap.newKeySet();
    private final Set<StoreRegion> reopening = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "concord-hibernate");
        thread.setDaemon(true);
        return thread;
    });

    private RegionStore(CacheStore store, Runnable closing, RegionSettings settings) {
        this.store = store;
        this.closing = closing;
        this.settings = settings;
    }

    /** @throws CacheException if the store cannot be opened; the message says why and what to do */
    static RegionStore open(RegionSettings settings) {
        CacheStore given = settings.store();
        if (given != null) {
            return new RegionStore(given, () -> {}, settings);
        }
        try {
            ClassLoader loader = RegionStore.class.getClassLoader();
            Nodes.Node node = Nodes.open(
                    settings.uri(),
                    SettingsLoader.ofThisProcess()
                            .load(settings.uri(), loader, null)
                            .node());
            return new RegionStore(node.store(), node::close, settings);
        } catch (ConfigurationException | StartException e) {
            throw new CacheException(RegionSettings.PREFIX + "uri=" + settings.uri() + ": " + e.getMessage(), e);
        }
    }

    CacheStore store() {
        return store;
    }

    /** Changes that were committed without locks are made known by this, as soon as the store answers again. */
    void writesTo(Outbox to) {
        outbox = to;
    }

    /** Null unless the policy is {@link FailurePolicy#OUTBOX}. */
    @Nullable
    Outbox outbox() {
        return outbox;
    }

    /** Whether the store answered when it was asked last. */
    boolean isUp() {
        return !down.get();
    }

    LockId newLockId() {
        return new LockId(owner, numbers.getAndIncrement());
    }

    /** The time at which a transaction begins that begins now; costs no message. */
    long now() {
        return store.lastStamp() + 1;
    }

    /** What the read brings, null if the store does not answer. */
    <T> @Nullable T read(StoreRegion region, Supplier<@Nullable T> read) {
        if (down.get()) {
            return null;
        }
        try {
            return read.get();
        } catch (RequestRejectedException e) {
            gone(region, e);
            return null;
        } catch (StoreException e) {
            isDown(e);
            return null;
        }
    }

    private void gone(StoreRegion region, RequestRejectedException e) {
        if (e.reason() == RequestRejectedException.Reason.NO_SUCH_CACHE) {
            if (reopening.add(region)) {
                later(() -> reopen(region), 0);
            }
        } else {
            isDown(e);
        }
    }

    private void reopen(StoreRegion region) {
        reopening.remove(region);
        try {
            region.reopen();
        } catch (CacheException e) {
            LOG.warn("Region {} was destroyed and could not be made anew yet: {}", region.getName(), e.getMessage());
        }
    }

    private void isDown(StoreException e) {
        if (down.compareAndSet(false, true)) {
            LOG.warn(
                    "The second-level cache does not answer; until it does all is read from the database: {}",
                    e.getMessage());
            later(this::probe, PROBE_MILLIS);
        }
    }

    private void probe() {
        try {
            var unused = store.caches();
            clearUnlocked();
            Outbox written = outbox;
            if (written != null) {
                written.replay();
            }
        } catch (StoreException | SQLException | CacheException e) {
            LOG.debug("The second-level cache is not used yet", e);
            later(this::probe, PROBE_MILLIS);
            return;
        }
        down.set(false);
        LOG.info("The second-level cache answers again");
        clearNow(); // what came since the first look saw the store still down, and left it to this
    }

    /** A transaction has ended that changed these regions without a lock: sees to it that others learn of it. */
    void changedWithoutLock(Set<StoreRegion> regions) {
        Outbox written = outbox;
        if (written != null) {
            written.lookSoon();
            return;
        }
        unlocked.addAll(regions);
        if (!down.get()) {
            later(this::clearNow, 0);
        }
    }

    private void clearNow() {
        try {
            clearUnlocked();
        } catch (StoreException e) {
            isDown(e);
        }
    }

    /** On the timer's thread. What is added meanwhile stays for the next time. */
    private void clearUnlocked() {
        for (StoreRegion region : List.copyOf(unlocked)) {
            unlocked.remove(region);
            try {
                Outcome cleared = store.execute(new Command.Clear(region.cacheId()));
                LOG.warn(
                        "Cleared region {}, in which transactions wrote without a lock: {}",
                        region.getName(),
                        cleared.status());
            } catch (StoreException e) {
                unlocked.add(region);
                throw e;
            }
        }
    }

    private void later(Runnable task, long millis) {
        try {
            var unused = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // closed, and with it all that this is for
        }
    }

    /** Sends what may be lost; false if it was dropped at once. */
    boolean offer(StoreRegion region, Command command) {
        if (down.get() || offered.get() >= MAX_OFFERED) {
            return false;
        }
        offered.incrementAndGet();
        var unused = store.submit(command).whenComplete((outcomes, failure) -> {
            offered.decrementAndGet();
            if (failure instanceof RequestRejectedException e && isTooLarge(e)) {
                warnTooLarge(region, e);
            }
        });
        return true;
    }

    private static boolean isTooLarge(RequestRejectedException e) {
        return switch (e.reason()) {
            case KEY_TOO_LARGE, VALUE_TOO_LARGE, BATCH_TOO_LARGE -> true;
            case NO_SUCH_CACHE, NO_CLUSTER, STORE_CLOSED, UNAUTHENTICATED, FORBIDDEN, TOO_MANY_CACHES, NOT_UNDERSTOOD ->
                false;
        };
    }

    private void warnTooLarge(StoreRegion region, RequestRejectedException e) {
        if (tooLarge.add(region)) {
            LOG.warn(
                    "Something of region {} is too large for the store and is read from the database each time: {}."
                            + " Raise the limit, or do not cache it",
                    region.getName(),
                    e.getMessage());
        }
    }

    /**
     * Takes a soft lock, and waits for it.
     *
     * @throws CacheException if the transaction must be rolled back
     */
    Locked lock(Command.SoftLock lock) {
        try {
            Outcome outcome = store.execute(lock);
            return switch (outcome.status()) {
                case HELD -> Locked.YES;
                case NO_CACHE -> Locked.NO_REGION;
                case FAILED, LOCKED ->
                    throw new CacheException(
                            "the soft lock of this transaction ended before the commit, because it was held"
                                    + " for longer than "
                                    + settings.lockTimeout().toMillis() + " ms; it has to be rolled back"
                                    + " (setting " + RegionSettings.PREFIX + "lock-timeout)");
            };
        } catch (RequestRejectedException e) {
            if (isTooLarge(e)) {
                return Locked.TOO_LARGE;
            }
            return notAcknowledged(lock, e);
        } catch (StoreException e) {
            return notAcknowledged(lock, e);
        }
    }

    private Locked notAcknowledged(Command.SoftLock lock, StoreException e) {
        // It may have been taken nevertheless.
        release(new Command.SoftUnlock(lock.id(), List.of(), List.of()), deadline());
        if (settings.onUnavailable() == FailurePolicy.FAIL) {
            throw new CacheException(
                    "the second-level cache did not acknowledge what this transaction changes, and other"
                            + " nodes may go on reading it as it was, so it has to be rolled back; try again (setting "
                            + RegionSettings.PREFIX + "on-unavailable): " + e.getMessage(),
                    e);
        }
        isDown(e);
        return Locked.NOT;
    }

    /** What came of asking for a soft lock. */
    enum Locked {
        YES,
        /** The transaction commits without. */
        NOT,
        /** A region was destroyed; nothing is locked. */
        NO_REGION,
        /** A key, or all of them, are more than the store takes; nothing is locked. */
        TOO_LARGE
    }

    private long deadline() {
        return System.nanoTime() + settings.lockTimeout().toNanos();
    }

    /** What a transaction has written. */
    record Written(StoreRegion region, Command.Fill fill) {
        private int size() {
            return fill.value().length();
        }
    }

    /**
     * Ends a soft lock, and waits for that as long as a call may take; goes on trying until the lock ends by itself. What
     * is too large for the store is left out.
     */
    void unlock(LockId id, List<Written> written, List<Slot> marks) {
        List<Written> largestFirst = new ArrayList<>(written);
        largestFirst.sort(Comparator.comparingInt(Written::size).reversed());
        try {
            while (!unlocked(id, largestFirst, marks)) {
                largestFirst.remove(0);
            }
        } catch (StoreException e) {
            LOG.warn(
                    "A soft lock was not released yet, what it holds is read from the database meanwhile: {}",
                    e.getMessage());
            release(new Command.SoftUnlock(id, List.of(), marks), deadline());
        }
    }

    /** False if it may succeed without the first. */
    private boolean unlocked(LockId id, List<Written> written, List<Slot> marks) {
        try {
            var unused = store.execute(new Command.SoftUnlock(
                    id, written.stream().map(Written::fill).toList(), marks));
            return true;
        } catch (RequestRejectedException e) {
            if (!isTooLarge(e) || written.isEmpty()) {
                throw e;
            }
            warnTooLarge(written.get(0).region, e);
            if (e.reason() == RequestRejectedException.Reason.BATCH_TOO_LARGE) {
                written.subList(1, written.size() / 2 + 1).clear(); // all together, so half of them at once
            }
            return false;
        }
    }

    private void release(Command.SoftUnlock unlock, long deadline) {
        var unused = store.submit(unlock).whenComplete((outcomes, failure) -> {
            if (failure != null && System.nanoTime() - deadline < 0) {
                later(() -> release(unlock, deadline), PROBE_MILLIS);
            }
        });
    }

    /**
     * For what the user asks for outside of transactions.
     *
     * @throws CacheException if the store does not acknowledge it
     */
    void execute(StoreRegion region, Command command) {
        try {
            if (store.execute(command).status() == Outcome.Status.NO_CACHE) {
                region.reopen(); // and so it is empty
            }
        } catch (StoreException e) {
            throw new CacheException("region " + region.getName() + " was not changed for sure: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        Outbox written = outbox;
        if (written != null) {
            written.close();
        }
        timer.shutdownNow();
        closing.run();
    }
}
