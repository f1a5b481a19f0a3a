package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.wire.CommandCodec;
import io.concordcache.raft.wire.CorruptDataException;
import org.jspecify.annotations.Nullable;

/**
 * Whether an entry that another JVM sent may get into the log. One that is larger than an entry may be would make the leader
 * step down, and the next that is asked (Ratis 3.3.0, {@code RaftLogBase.appendImpl}); one that cannot be applied would stop
 * every replica, again at each start.
 */
final class Admission {
    private Admission() {}

    /**
     * Checks on the leader.
     *
     * @throws RequestRejectedException if it must not get into the log
     * @throws StoreUnavailableException if it may later
     */
    static void check(LogEntry entry, RatisStateMachine machine, RatisSettings settings) {
        long size = 0;
        for (Command command : entry.commands()) {
            size += CommandCodec.sizeBound(command);
            if (command instanceof Command.Part part) {
                check(part, machine);
            }
        }
        if (size > settings.maxLogEntryBytes()) {
            throw new RequestRejectedException(
                    Reason.BATCH_TOO_LARGE,
                    "an entry of about " + size + " bytes for the log; the limit of the members is "
                            + settings.maxLogEntryBytes()
                            + " (setting limits.log-entry): give members and clients the same");
        }
    }

    private static void check(Command.Part part, RatisStateMachine machine) {
        if (machine.state().bytesWith(part) > RatisSettings.MAX_COMMAND_BYTES) {
            throw new RequestRejectedException(
                    Reason.BATCH_TOO_LARGE,
                    "a command of more than the " + RatisSettings.MAX_COMMAND_BYTES + " bytes that are allowed");
        }
        if (part.isLast()) {
            var unused = completedBy(machine, part);
        }
    }

    /**
     * The command that a last part completes, null for none. What is none must not get into the log: it would stop each
     * replica.
     *
     * @throws RequestRejectedException if it is none that may come in parts
     * @throws StoreUnavailableException if that cannot be told yet
     */
    static @Nullable Command completedBy(RatisStateMachine machine, Command.Part last) {
        Command whole;
        try {
            whole = machine.state().completedBy(last);
        } catch (CorruptDataException e) {
            throw new RequestRejectedException(Reason.NOT_UNDERSTOOD, "the parts are no command: " + e.getMessage());
        } catch (IllegalStateException e) {
            throw new StoreUnavailableException("not applied: " + e.getMessage(), e);
        }
        if (whole instanceof Command.Part || whole instanceof Command.Register || whole instanceof Command.RenewLease) {
            throw new RequestRejectedException(Reason.NOT_UNDERSTOOD, "this command never comes in parts");
        }
        return whole;
    }
}
