package io.concordcache.raft.store;

import org.jspecify.annotations.Nullable;

/** The request was not applied: no leader, no quorum, or the store is closing. It may be sent again later. */
public final class StoreUnavailableException extends StoreException {
    private static final long serialVersionUID = 1;

    public StoreUnavailableException(String message) {
        super(message);
    }

    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
