package io.concordcache.annotations;

import org.jspecify.annotations.Nullable;

/** The rest of an intercepted call. */
@FunctionalInterface
public interface Invocation {
    /** Runs the method, and returns or throws what it does. */
    @Nullable
    Object proceed() throws Exception;
}
