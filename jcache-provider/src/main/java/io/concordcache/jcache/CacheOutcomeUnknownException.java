package io.concordcache.jcache;

import javax.cache.CacheException;

/** The call may or may not have been applied. Make it again only if that does no harm. */
public final class CacheOutcomeUnknownException extends CacheException {
    private static final long serialVersionUID = 1;

    public CacheOutcomeUnknownException(String message, Throwable cause) {
        super(message, cause);
    }
}
