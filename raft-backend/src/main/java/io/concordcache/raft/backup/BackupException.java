package io.concordcache.raft.backup;

import org.jspecify.annotations.Nullable;

/** A backup was not written, or not restored; the message says which file, why, and what to do. */
public final class BackupException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BackupException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
