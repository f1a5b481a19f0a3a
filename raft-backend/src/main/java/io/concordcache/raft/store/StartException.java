package io.concordcache.raft.store;

/**
 * A store could not be started: a directory in use, unreadable or full, an address that is taken, a corrupt log or
 * snapshot, other settings than those it is open with. The message says which and what to do; the JVM lives on and nothing
 * on disk was changed.
 */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StartException(String message) {
        super(message);
    }

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
