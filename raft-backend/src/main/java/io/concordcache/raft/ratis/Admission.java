package io.concordcache.raft.ratis;

import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.wire.CommandCodec;
import io.concordcache.raft.wire.CorruptDataException;

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
    static void check(LogEntry entry, CacheState state, RatisSettings settings) {
        long size = 0;
        for (Command command : entry.commands()) {
            size += CommandCodec.sizeBound(command);
            if (command instanceof Command.Part part) {
                check(part, state);
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

    private static void check(Command.Part part, CacheState state) {
        CacheState.Standing standing;
        try {
            standing = state.standing(part, RatisSettings.MAX_COMMAND_BYTES);
        } catch (CorruptDataException e) {
            throw new RequestRejectedException(Reason.BATCH_TOO_LARGE, "the parts make no command: " + e.getMessage());
        }
        switch (standing) {
            case FITS -> {}
            case EARLY -> throw new StoreUnavailableException("not applied: the parts before this one are not yet");
            case TOO_LARGE ->
                throw new RequestRejectedException(
                        Reason.BATCH_TOO_LARGE,
                        "a command of more than the " + RatisSettings.MAX_COMMAND_BYTES + " bytes that are allowed");
        }
    }
}
