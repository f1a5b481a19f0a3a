package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.lease.ReadLeases;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.store.Traces;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the replica of a member, each of its level: what has to be waited for first, and whether what is found may be
 * told. Called by any thread, which is blocked for the operation timeout at most.
 *
 * <p>LINEARIZABLE reads hold a read lease or pass the {@link ReadBarrier}: docs/adr/0009-read-leases.md. SESSION reads go no
 * further back than what was read here before, and EVENTUAL ones wait for nothing.
 */
final class MemberReads {
    private final Replica replica;
    private final ReadBarrier barrier;
    private final LeaderClock clock;
    private final Writes writes;
    private final Evictor evictor;
    private final Traces traces;
    private final Duration operationTimeout;
    private final boolean alone;

    MemberReads(
            RatisSettings settings,
            Replica replica,
            ReadBarrier barrier,
            LeaderClock clock,
            Writes writes,
            Evictor evictor,
            Traces traces) {
        this.replica = replica;
        this.barrier = barrier;
        this.clock = clock;
        this.writes = writes;
        this.evictor = evictor;
        this.traces = traces;
        this.operationTimeout = settings.operationTimeout();
        this.alone = settings.cluster() == null;
    }

    MemberReader reader(long cacheId) {
        return new MemberReader(this, replica, cacheId, alone, evictor);
    }

    List<@Nullable Entry> getAll(long cacheId, List<Bytes> keys, ReadLevel level) {
        RatisStateMachine from = readable(level, leases -> leases.mayReadAll(cacheId, keys, System.nanoTime()));
        List<@Nullable Entry> entries = readAll(from, cacheId, keys, level);
        if (level == ReadLevel.LINEARIZABLE && !from.leases().areSettled(cacheId, keys, entries)) {
            entries = settled(
                    from,
                    () -> readAll(from, cacheId, keys, level),
                    found -> from.leases().areSettled(cacheId, keys, found));
        }
        checkExists(cacheId);
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i) != null) {
                evictor.used(cacheId, keys.get(i));
            }
        }
        return entries;
    }

    private List<@Nullable Entry> readAll(RatisStateMachine from, long cacheId, List<Bytes> keys, ReadLevel level) {
        List<@Nullable Entry> entries = from.getAll(cacheId, keys);
        if (entries.stream().noneMatch(entry -> entry != null && mayBeLate(entry.expiresAtMillis()))) {
            return entries;
        }
        if (level == ReadLevel.EVENTUAL) {
            return entries.stream()
                    .<@Nullable Entry>map(entry -> entry == null || isLate(entry.expiresAtMillis()) ? null : entry)
                    .toList();
        }
        passTime();
        return from.getAll(cacheId, keys);
    }

    // Before a read

    /** Waits until a read of this level may be answered here, whatever it reads. */
    void ready(ReadLevel level) {
        var unused = readable(level, leases -> false);
    }

    /** Waits until a read of this level may be answered here; returns what from. */
    private RatisStateMachine readable(ReadLevel level, Predicate<ReadLeases> byLease) {
        RatisStateMachine from = replica.stateMachine();
        replica.checkReadable();
        if (level == ReadLevel.SESSION) {
            return seen(from);
        }
        return level != ReadLevel.LINEARIZABLE || alone || byLease.test(from.leases()) ? from : passBarrier(from);
    }

    /** Passes the barrier with this state machine, or the one that took its place; returns it. */
    RatisStateMachine passBarrier(RatisStateMachine asked) {
        RatisStateMachine from = asked;
        while (true) {
            traces.waiting("barrier", this::awaitBarrier);
            if (from == replica.stateMachine()) { // else the member was started again meanwhile
                return from;
            }
            from = replica.stateMachine();
            replica.checkReadable();
        }
    }

    private void awaitBarrier() {
        CompletableFuture<Void> pass = barrier.await();
        try {
            pass.get(operationTimeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            pass.cancel(false);
            throw new StoreUnavailableException(
                    "not read: no majority of the members answered within "
                            + operationTimeout.toMillis()
                            + " ms, so this one cannot tell whether it is up to date; reads of level SESSION and EVENTUAL"
                            + " go on",
                    e);
        } catch (ExecutionException | CancellationException e) {
            throw new RequestRejectedException(Reason.STORE_CLOSED, "the store is closed");
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * This state machine, or the one that took its place, when it has what sessions here may have seen: one that was started
     * again begins with what the disk has, until the leader says what is committed.
     */
    RatisStateMachine seen(RatisStateMachine asked) {
        RatisStateMachine from = asked;
        while (!replica.hasSeen(from)) {
            awaitApplied(replica.seenIndex());
            from = replica.stateMachine();
            replica.checkReadable();
        }
        return from;
    }

    /** Waits until this replica has applied the entry of this index; for clients that have seen it elsewhere. */
    void awaitApplied(long index) {
        try {
            var unused = replica.stateMachine()
                    .applied()
                    .await(index)
                    .get(operationTimeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new StoreUnavailableException("not read: this member lags behind what the caller has seen", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    // After it

    /** Reads again, each time when what was applied before is stable, until what is found may be told. */
    <T extends @Nullable Object> T settled(RatisStateMachine from, Supplier<T> read, Predicate<T> isSettled) {
        long deadline = System.nanoTime() + operationTimeout.toNanos();
        while (true) {
            traces.waiting("settle", () -> awaitStable(from, deadline));
            T found = read.get();
            if (isSettled.test(found)) {
                return found;
            }
        }
    }

    private void awaitStable(RatisStateMachine from, long deadlineNanos) {
        CompletableFuture<?> reached = from.awaitStable(from.leases().applied());
        try {
            var unused = reached.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new StoreUnavailableException(
                    "not read: the newest change of the key did not reach all members that hold a read lease within "
                            + operationTimeout.toMillis() + " ms",
                    e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static StoreUnavailableException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new StoreUnavailableException("not read: interrupted", e);
    }

    /**
     * A cache that this replica does not know may only not have come here yet, whatever its lease says of the key: refused
     * is what surely is not there.
     */
    void checkExists(long cacheId) {
        if (replica.state().exists(cacheId)) {
            return;
        }
        ready(ReadLevel.LINEARIZABLE);
        if (!replica.state().exists(cacheId)) {
            throw RequestRejectedException.noSuchCache(cacheId);
        }
    }

    // Time

    /** The time of the caches, as far as this member can tell. */
    long nowMillis() {
        return alone || replica.isLeading() ? clock.millis() : clock.estimate();
    }

    /** Whether what ends then should have ended, as far as this member can tell. */
    boolean isLate(long expiresAtMillis) {
        return expiresAtMillis != Expiry.NEVER && expiresAtMillis <= nowMillis();
    }

    /**
     * Whether what ends then may have ended, so that {@link #passTime} must tell: after a change of the leader no entry of
     * the log says yet for how long there was none.
     */
    boolean mayBeLate(long expiresAtMillis) {
        return expiresAtMillis != Expiry.NEVER
                && expiresAtMillis <= (alone || replica.isLeading() ? clock.millis() : clock.latest());
    }

    /** Has the log look at the clock, and so end what is to end; blocks until that is applied here. */
    void passTime() {
        var unused = writes.execute(new Command.Tick());
        clock.settled();
    }
}
