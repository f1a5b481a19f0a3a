package io.concordcache.jcache.operation;

import io.concordcache.jcache.CacheOutcomeUnknownException;
import io.concordcache.jcache.CacheRejectedException;
import io.concordcache.jcache.CacheUnavailableException;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreException;

/** The one place where failures of the store become those of JCache. */
public final class Failures {
    private Failures() {}

    /** The exception to throw in its place: a {@code CacheException}, or {@code IllegalStateException} after the end. */
    public static RuntimeException translate(StoreException failure, String cacheName) {
        String message = "cache '" + cacheName + "': " + failure.getMessage();
        if (failure instanceof RequestRejectedException rejected) {
            return switch (rejected.reason()) {
                case NO_SUCH_CACHE -> destroyed(cacheName, failure);
                case STORE_CLOSED -> new IllegalStateException(message, failure);
                case KEY_TOO_LARGE,
                        VALUE_TOO_LARGE,
                        BATCH_TOO_LARGE,
                        NO_CLUSTER,
                        UNAUTHENTICATED,
                        FORBIDDEN,
                        TOO_MANY_CACHES,
                        NOT_UNDERSTOOD -> new CacheRejectedException(message, failure);
            };
        }
        return failure instanceof OutcomeUnknownException
                ? new CacheOutcomeUnknownException(message, failure)
                : new CacheUnavailableException(message, failure);
    }

    private static IllegalStateException destroyed(String cacheName, Throwable cause) {
        return new IllegalStateException("the cache '" + cacheName + "' has been destroyed", cause);
    }
}
