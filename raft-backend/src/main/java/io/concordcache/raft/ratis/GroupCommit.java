package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreMetrics.CommitMetrics;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.store.Tracing;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Joins the commands of this JVM: while one log entry is in flight callers queue, and when it returns all that queued
 * become the next. A lone caller's command is sent at once, on its own thread.
 *
 * <p>An entry that fails is sent again under the same sequence number until its commands run out of time, so it is applied
 * once or not at all.
 *
 * <p>Before the first entry, and again when the log has forgotten this client, a registration is in flight instead, and
 * callers queue behind it. To send it twice is harmless, so it is never in doubt.
 */
final class GroupCommit implements AutoCloseable {

    /**
     * Where entries go: once at most with each call, for an answer {@link Applied.Result#CLIENT_UNKNOWN} must mean that no
     * other copy of the call was applied before. A failed future says by {@link NotAppendedException} that the entry is
     * surely not in the log, and by {@link RequestRejectedException} that it never will be.
     */
    interface Log {
        CompletableFuture<Applied> append(LogEntry entry);
    }

    /** The log did not take the entry in; it may be sent again. */
    static final class NotAppendedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotAppendedException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private static final long RETRY_MILLIS = 20;
    private static final long SWEEP_MILLIS = 50;
    /** After so long without a look the machine stood still, and answers may wait to be read. */
    private static final long STOOD_STILL_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Commands in one entry at most: bounds the time for which an entry keeps the state machine busy. */
    private static final int MAX_COMMANDS = 4096;

    private static final class Pending extends CompletableFuture<List<Outcome>> {
        private final Command command;
        private final long size;
        private final long deadlineNanos;
        private final Tracing.@Nullable Place caller;
        /** An entry was refused that had more in it than this: the others are not to suffer for it again. */
        private boolean alone;

        Pending(Command command, long size, long deadlineNanos, Tracing.@Nullable Place caller) {
            this.caller = caller;
            this.command = command;
            this.size = size;
            this.deadlineNanos = deadlineNanos;
        }

        boolean isLate(long nowNanos) {
            return nowNanos - deadlineNanos >= 0;
        }
    }

    private static final class Batch {
        private LogEntry entry;
        private List<Pending> members;
        private boolean underWay;
        /** Some attempt that has ended may have reached the log. */
        private boolean doubtful;

        private @Nullable Throwable lastFailure;
        /** From the first attempt to the end; null if nobody of the members is in a trace. */
        private volatile Tracing.@Nullable Step span;

        Batch(LogEntry entry, List<Pending> members) {
            this.entry = entry;
            this.members = members;
        }

        boolean registers() {
            return entry.client().equals(ClientId.NONE);
        }

        /** What the thread that sends it does now is done for this batch, and for nobody else. */
        Tracing.@Nullable Scope enter(@Nullable Tracing tracing) {
            if (tracing == null) {
                return null;
            }
            Tracing.Step own = span;
            if (own == null) {
                List<Tracing.Place> callers = members.stream()
                        .map(pending -> pending.caller)
                        .filter(Objects::nonNull)
                        .toList();
                if (callers.isEmpty()) {
                    return tracing.nowhere();
                }
                own = tracing.commit(callers, members.size());
                span = own;
            }
            return own.enter();
        }

        void ended(@Nullable Throwable failure) {
            Tracing.Step own = span;
            if (own != null) {
                own.end(failure);
            }
        }

        boolean mayBeInTheLog() {
            return underWay || doubtful;
        }

        /** Takes out those who are late, whom it then must not apply; only while it is surely not in the log. */
        List<Pending> takeLate(long nowNanos) {
            List<Pending> late =
                    members.stream().filter(pending -> pending.isLate(nowNanos)).toList();
            if (!late.isEmpty()) {
                members = members.stream()
                        .filter(pending -> !pending.isLate(nowNanos))
                        .toList();
                entry = new LogEntry(
                        entry.leaderMillis(),
                        entry.client(),
                        entry.sequence(),
                        entry.acknowledged(),
                        members.stream().map(pending -> pending.command).toList());
            }
            return late;
        }
    }

    private final Log log;
    private final ScheduledExecutorService scheduler;
    private final long timeoutNanos;
    private final String timeoutText;
    private final long maxBytes;
    private final Traces traces;

    private final Deque<Pending> queue = new ArrayDeque<>();
    private @Nullable Batch inFlight;
    /** Null while there is no session. */
    private @Nullable ClientId client;
    /** Of the last entry of this session. */
    private long sequence;

    private long entriesSent;
    private long commandsSent;

    /** The newest stamp that an outcome told of. */
    private volatile long lastStamp;

    private @Nullable StoreException closed;
    /** Of the thread that sweeps. */
    private long lastSweep = System.nanoTime();

    private boolean hasStoodStill;

    GroupCommit(Log log, ScheduledExecutorService scheduler, Duration operationTimeout, long maxBytes, Traces traces) {
        this.traces = traces;
        this.log = log;
        this.scheduler = scheduler;
        this.timeoutNanos = operationTimeout.toNanos();
        this.timeoutText = operationTimeout.toMillis() + " ms";
        this.maxBytes = maxBytes;
    }

    /** Starts to watch for commands that run out of time. */
    void start() {
        var unused = scheduler.scheduleWithFixedDelay(
                () -> sweep(System.nanoTime()), SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Queues a command of at most {@code size} bytes; completes on the thread that applies the log.
     *
     * @throws IllegalArgumentException for a {@link Command.Register}, which is sent from here alone
     */
    CompletableFuture<List<Outcome>> submit(Command command, long size) {
        if (command instanceof Command.Register) {
            throw new IllegalArgumentException("the store registers by itself");
        }
        Pending pending = new Pending(command, size, System.nanoTime() + timeoutNanos, traces.here());
        Batch next;
        synchronized (this) {
            if (closed != null) {
                return CompletableFuture.failedFuture(closed);
            }
            queue.add(pending);
            next = inFlight == null ? takeNext() : null;
        }
        if (next != null) {
            send(next);
        }
        return pending;
    }

    /** Guarded by this; only when nothing is in flight. */
    private @Nullable Batch takeNext() {
        if (client == null) {
            return queue.isEmpty() ? null : registration();
        }
        List<Pending> members = new ArrayList<>();
        List<Command> commands = new ArrayList<>();
        long bytes = 0;
        for (Pending head = queue.peek(); head != null; head = queue.peek()) {
            boolean fits = members.size() < MAX_COMMANDS && bytes + head.size <= maxBytes && !head.alone;
            if (!members.isEmpty() && (!fits || members.get(0).alone)) {
                break;
            }
            queue.remove();
            if (head.isDone()) {
                continue;
            }
            bytes += head.size;
            members.add(head);
            commands.add(head.command);
        }
        if (members.isEmpty()) {
            return null;
        }
        sequence++;
        entriesSent++;
        commandsSent += commands.size();
        Batch batch = new Batch(new LogEntry(0, client, sequence, sequence - 1, commands), members);
        inFlight = batch;
        return batch;
    }

    /** Guarded by this; only when nothing is in flight. */
    private Batch registration() {
        Pending register = new Pending(new Command.Register(), 1, System.nanoTime() + timeoutNanos, null);
        Batch batch = new Batch(LogEntry.registration(0), List.of(register));
        inFlight = batch;
        return batch;
    }

    private void send(Batch batch) {
        LogEntry entry;
        synchronized (this) {
            if (inFlight != batch) {
                return;
            }
            batch.underWay = true;
            entry = batch.entry;
        }
        CompletableFuture<Applied> reply;
        try (Tracing.Scope entered = batch.enter(traces.get())) {
            reply = log.append(entry);
        } catch (RuntimeException e) {
            reply = CompletableFuture.failedFuture(e);
        }
        var unused = reply.whenComplete((applied, failure) -> {
            if (failure == null) {
                applied(batch, applied);
            } else {
                failed(
                        batch,
                        failure instanceof CompletionException wrapped && wrapped.getCause() != null
                                ? wrapped.getCause()
                                : failure);
            }
        });
    }

    synchronized CommitMetrics metrics() {
        return new CommitMetrics(commandsSent, entriesSent, queue.size());
    }

    /** The newest stamp that the answers have told of; 0 before the first. */
    long lastStamp() {
        return lastStamp;
    }

    /** One answer at a time comes here, as one entry at a time is under way. */
    private void observe(Applied applied) {
        long newest = lastStamp;
        for (List<Outcome> outcomes : applied.outcomes()) {
            for (Outcome outcome : outcomes) {
                newest = Math.max(newest, Math.max(outcome.beforeVersion(), outcome.afterVersion()));
            }
        }
        lastStamp = newest;
    }

    private void applied(Batch batch, Applied applied) {
        observe(applied);
        switch (applied.result()) {
            case APPLIED, REPEATED -> {
                batch.ended(null);
                for (int i = 0; i < batch.members.size(); i++) {
                    batch.members.get(i).complete(applied.outcomes().get(i));
                }
            }
            case FORGOTTEN -> fail(batch, unknown(null));
            case CLIENT_UNKNOWN -> {
                if (batch.doubtful) {
                    fail(batch, unknown(null));
                } else {
                    batch.ended(new StoreUnavailableException("the log has forgotten this client; sent again"));
                }
            }
        }
        // Last, so that those who wake can queue their next commands for it: 15 % more writes with 32 threads.
        Batch next = finish(batch, applied);
        if (next != null) {
            send(next);
        }
    }

    private void failed(Batch batch, Throwable failure) {
        if (failure instanceof RequestRejectedException refused) {
            refused(batch, refused);
            return;
        }
        synchronized (this) {
            if (inFlight != batch) {
                return;
            }
            batch.underWay = false;
            batch.doubtful |= !(failure instanceof NotAppendedException);
            batch.lastFailure = failure;
        }
        var unused = scheduler.schedule(() -> retry(batch), RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The entry is not in the log, and never will be: if it has more commands than one, each is tried by itself. */
    private void refused(Batch batch, RequestRejectedException failure) {
        List<Pending> ended;
        Batch next;
        synchronized (this) {
            if (inFlight != batch) {
                return;
            }
            inFlight = null;
            if (batch.registers()) {
                ended = List.copyOf(queue);
                queue.clear();
            } else if (batch.members.size() > 1 && !batch.doubtful) {
                ended = List.of();
                again(batch.members, true);
            } else {
                ended = batch.members;
            }
            next = closed == null ? takeNext() : null;
        }
        StoreException told = batch.doubtful && !batch.registers() ? unknown(failure) : failure;
        batch.ended(told);
        ended.forEach(pending -> pending.completeExceptionally(told));
        if (next != null) {
            send(next);
        }
    }

    /** Guarded by this: they stand first in the queue, in their order. */
    private void again(List<Pending> members, boolean alone) {
        for (int i = members.size() - 1; i >= 0; i--) {
            if (!members.get(i).isDone()) {
                members.get(i).alone |= alone;
                queue.addFirst(members.get(i));
            }
        }
    }

    private void retry(Batch batch) {
        synchronized (this) {
            if (inFlight != batch) {
                return;
            }
            if (batch.registers() && queue.isEmpty()) {
                inFlight = null;
                return;
            }
        }
        send(batch);
    }

    /**
     * Ends a batch, null as {@code applied} if it is given up; returns the next one to send. A batch that was given up
     * before has no next.
     */
    private synchronized @Nullable Batch finish(Batch batch, @Nullable Applied applied) {
        if (inFlight != batch) {
            return null;
        }
        inFlight = null;
        if (applied != null && batch.registers()) {
            client = ClientId.of(applied.outcomes().get(0).get(0).afterVersion());
            sequence = 0;
        } else if (applied != null && applied.result() == Applied.Result.CLIENT_UNKNOWN) {
            client = null;
            // Surely not applied: who was in doubt has been told by now.
            again(batch.members, false);
        }
        return closed == null ? takeNext() : null;
    }

    /**
     * Ends the wait of those who are out of time at {@code now} of {@link System#nanoTime()}. One that comes very late leaves
     * it to the next.
     */
    void sweep(long now) {
        hasStoodStill = now - lastSweep > STOOD_STILL_NANOS && !hasStoodStill;
        lastSweep = now;
        if (hasStoodStill) {
            return;
        }
        List<Pending> queuedTooLong = new ArrayList<>();
        Batch current;
        Throwable lastFailure;
        synchronized (this) {
            for (Iterator<Pending> all = queue.iterator(); all.hasNext(); ) {
                Pending pending = all.next();
                if (!pending.isLate(now)) {
                    break; // in order of arrival, so the others are not late either
                }
                all.remove();
                queuedTooLong.add(pending);
            }
            current = inFlight;
            lastFailure = current == null ? null : current.lastFailure;
        }
        queuedTooLong.forEach(pending -> pending.completeExceptionally(new StoreUnavailableException(
                "not applied: the log took nothing in within " + timeoutText + because(lastFailure), lastFailure)));
        if (current != null) {
            giveUpIfLate(current, now);
        }
    }

    private void giveUpIfLate(Batch batch, long now) {
        List<Pending> late;
        StoreException failure;
        boolean allLate;
        synchronized (this) {
            if (inFlight != batch) {
                return;
            }
            Throwable last = batch.lastFailure;
            if (batch.mayBeInTheLog()) {
                late = batch.members.stream()
                        .filter(pending -> pending.isLate(now))
                        .toList();
                failure = unknown(last);
                allLate = late.size() == batch.members.size();
            } else {
                late = batch.takeLate(now);
                failure =
                        new StoreUnavailableException("not applied within " + timeoutText + ": " + message(last), last);
                allLate = batch.members.isEmpty();
            }
        }
        if (allLate) {
            batch.ended(failure);
        }
        late.forEach(pending -> pending.completeExceptionally(failure));
        if (allLate) {
            Batch next = finish(batch, null);
            if (next != null) {
                send(next);
            }
        }
    }

    private OutcomeUnknownException unknown(@Nullable Throwable cause) {
        return new OutcomeUnknownException(
                "no answer from the log within " + timeoutText + "; the write may or may not have been applied"
                        + because(cause),
                cause);
    }

    private static String because(@Nullable Throwable cause) {
        return cause == null ? "" : " (" + message(cause) + ")";
    }

    private static String message(@Nullable Throwable failure) {
        return failure == null ? "no answer" : String.valueOf(failure.getMessage());
    }

    private static void fail(Batch batch, StoreException failure) {
        batch.ended(failure);
        batch.members.forEach(pending -> pending.completeExceptionally(failure));
    }

    @Override
    public void close() {
        closeBecause(new RequestRejectedException(RequestRejectedException.Reason.STORE_CLOSED, "the store is closed"));
    }

    /** All that wait and all that come end with this. */
    void closeBecause(StoreException reason) {
        Batch current;
        List<Pending> queued;
        synchronized (this) {
            if (closed != null) {
                return;
            }
            closed = reason;
            current = inFlight;
            inFlight = null;
            queued = List.copyOf(queue);
            queue.clear();
        }
        queued.forEach(pending -> pending.completeExceptionally(reason));
        if (current != null) {
            fail(
                    current,
                    new OutcomeUnknownException(
                            "the store ended while the write was under way, which may or may not have been applied: "
                                    + reason.getMessage(),
                            reason));
        }
    }
}
