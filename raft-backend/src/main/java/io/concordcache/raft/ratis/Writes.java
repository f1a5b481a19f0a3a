package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.Observers;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.wire.CommandCodec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The way of commands to the log, on members and clients alike: checked against the limits, cut into parts, joined. */
final class Writes {
    /** Room for what an entry holds beside its commands. */
    private static final int ENTRY_ROOM = 1 << 10;

    /** How much longer than its timeout a call waits for the answer that says it timed out. */
    private static final long GRACE_MILLIS = 400;

    /** What is refused before it is sent. */
    record Limits(int maxKeyBytes, int maxValueBytes, int maxLogEntryBytes) {
        /** What fits into one log entry. */
        int maxCommandBytes() {
            return maxLogEntryBytes - ENTRY_ROOM;
        }
    }

    private final GroupCommit commit;
    private final Limits limits;
    private final Duration operationTimeout;
    private final Observers observers;

    Writes(GroupCommit commit, Limits limits, Duration operationTimeout, Observers observers) {
        this.observers = observers;
        this.commit = commit;
        this.limits = limits;
        this.operationTimeout = operationTimeout;
    }

    CompletableFuture<List<Outcome>> submit(Command command) {
        return observers.writing(() -> send(command));
    }

    private CompletableFuture<List<Outcome>> send(Command command) {
        try {
            long size = checkedSize(command);
            return size <= maxCommandBytes() ? commit.submit(command, size) : submitInParts(command);
        } catch (RequestRejectedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** What fits into one log entry. */
    int maxCommandBytes() {
        return limits.maxCommandBytes();
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
        } else if (command instanceof Command.SoftLock lock) {
            lock.slots().forEach(slot -> checkKey(slot.key()));
        } else if (command instanceof Command.SoftUnlock unlock) {
            unlock.fills().forEach(fill -> checkValue(fill.value()));
        } else if (command instanceof Command.PutFromLoad put) {
            checkKey(put.slot().key());
            checkValue(put.value());
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
        checkKey(write.key());
        if (write.then() instanceof Mutation.Put put) {
            checkValue(put.value());
        }
    }

    private void checkKey(Bytes key) {
        if (key.length() > limits.maxKeyBytes()) {
            throw new RequestRejectedException(
                    Reason.KEY_TOO_LARGE,
                    "a key of " + key.length() + " bytes; the limit is " + limits.maxKeyBytes()
                            + " (setting limits.key)");
        }
    }

    private void checkValue(Bytes value) {
        if (value.length() > limits.maxValueBytes()) {
            throw new RequestRejectedException(
                    Reason.VALUE_TOO_LARGE,
                    "a value of " + value.length() + " bytes; the limit is " + limits.maxValueBytes()
                            + " (setting limits.value)");
        }
    }

    Outcome execute(Command command) {
        return answer(submit(command)).get(0);
    }

    List<Outcome> executeAll(Command.Batch batch) {
        return answer(submit(batch));
    }

    private List<Outcome> answer(CompletableFuture<List<Outcome>> future) {
        try {
            return future.get(operationTimeout.toMillis() + GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException failure) {
                throw again(failure);
            }
            throw new OutcomeUnknownException("the store failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new OutcomeUnknownException(
                    "no answer within " + operationTimeout.toMillis()
                            + " ms; the write may or may not have been applied",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknownException("interrupted; the write may or may not have been applied", e);
        }
    }

    /** The same failure with the stack of this caller. */
    static StoreException again(StoreException failure) {
        if (failure instanceof StoreUnavailableException) {
            return new StoreUnavailableException(String.valueOf(failure.getMessage()), failure);
        }
        if (failure instanceof OutcomeUnknownException) {
            return new OutcomeUnknownException(String.valueOf(failure.getMessage()), failure);
        }
        return failure;
    }
}
