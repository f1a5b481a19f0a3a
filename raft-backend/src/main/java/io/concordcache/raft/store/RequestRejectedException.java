package io.concordcache.raft.store;

/** The request was refused and would be again. Nothing was applied. */
public final class RequestRejectedException extends StoreException {
    private static final long serialVersionUID = 1;

    /** Why a request is refused. */
    public enum Reason {
        KEY_TOO_LARGE,
        VALUE_TOO_LARGE,
        BATCH_TOO_LARGE,
        NO_SUCH_CACHE,
        /** There is no cluster, or no such member of it, or the change of members makes no sense. */
        NO_CLUSTER,
        STORE_CLOSED,
        /** The caller has not shown who it is, or a token that nobody knows. */
        UNAUTHENTICATED,
        /** The caller has not the role that this needs. */
        FORBIDDEN,
        /** There are as many as there may be. */
        TOO_MANY_CACHES,
        /** No member understands it: it is damaged, or of another version. */
        NOT_UNDERSTOOD
    }

    private final Reason reason;

    public RequestRejectedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** The refusal of a request for a cache that was destroyed or never was. */
    public static RequestRejectedException noSuchCache(long cacheId) {
        return new RequestRejectedException(
                Reason.NO_SUCH_CACHE,
                "the cache " + cacheId + " does not exist (any more); it may have been destroyed");
    }

    public Reason reason() {
        return reason;
    }
}
