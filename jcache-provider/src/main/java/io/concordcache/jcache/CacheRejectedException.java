package io.concordcache.jcache;

import javax.cache.CacheException;

/** Refused, and would be again: too large, not serializable, or not allowed. Nothing was applied. */
public final class CacheRejectedException extends CacheException {
    private static final long serialVersionUID = 1;

    public CacheRejectedException(String message, Throwable cause) {
        super(message, cause);
    }
}
