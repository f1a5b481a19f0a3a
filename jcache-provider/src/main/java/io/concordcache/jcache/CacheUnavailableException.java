package io.concordcache.jcache;

import javax.cache.CacheException;

/** Not applied: the store cannot serve at the moment. The call may be made again later. */
public final class CacheUnavailableException extends CacheException {
    private static final long serialVersionUID = 1;

    public CacheUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
