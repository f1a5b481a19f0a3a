package io.concordcache.raft.store;

import org.jspecify.annotations.Nullable;

/** The request may or may not have been applied. Send it again only if that does no harm (idempotent or versioned). */
public final class OutcomeUnknownException extends StoreException {
    private static final long serialVersionUID = 1;

    public OutcomeUnknownException(String message) {
        super(message);
    }

    public OutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
