package io.concordcache.raft.ratis;

import java.io.IOException;

/** The two sides of a connection do not agree on TLS, or do not trust each other: another try would end the same way. */
final class RefusedLinkException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedLinkException(String message) {
        super(message);
    }

    RefusedLinkException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether this is why something failed. */
    static boolean isCauseOf(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof RefusedLinkException) {
                return true;
            }
        }
        return false;
    }
}
