package io.concordcache.raft.store;

import org.jspecify.annotations.Nullable;

/** A failure of the store, by what the caller may do about it. */
public abstract sealed class StoreException extends RuntimeException
        permits StoreUnavailableException, OutcomeUnknownException, RequestRejectedException {
    private static final long serialVersionUID = 1;

    StoreException(String message) {
        super(message);
    }

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
