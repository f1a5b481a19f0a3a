package io.concordcache.raft.core;

import org.jspecify.annotations.Nullable;

/**
 * What came of a write, the same on every replica.
 *
 * @param beforeVersion version of the live entry before, 0 for none
 * @param beforeValue the value before if the write asked for it and there was one
 * @param afterVersion version of the entry after, 0 for none; the id of the cache for {@link Command.CreateCache}, of
 *     the session for {@link Command.Register}, the token for {@link Command.LockKey}
 */
public record Outcome(
        Status status, long beforeVersion, @Nullable Bytes beforeValue, long afterVersion) {
    static final Outcome NO_CACHE = new Outcome(Status.NO_CACHE, 0, null, 0);

    /** Whether the write happened, and if not why. */
    public enum Status {
        /** The condition held and the mutation was applied. */
        HELD,
        /** The condition did not hold; nothing changed. */
        FAILED,
        /** Somebody else holds the lock of the key; nothing changed, try again. */
        LOCKED,
        /** There is no such cache, or no more; nothing changed. */
        NO_CACHE
    }

    public boolean held() {
        return status == Status.HELD;
    }

    /** Whether there was a live entry before. */
    public boolean existed() {
        return beforeVersion != 0;
    }
}
