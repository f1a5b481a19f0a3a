package io.concordcache.annotations.cdi;

import jakarta.annotation.Priority;
import jakarta.inject.Inject;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Around each call of an annotated method. Its priority is {@code LIBRARY_BEFORE}, 1000: inside of the platform's
 * interceptors, such as those of transactions (200) and security, and outside of the application's and of fault tolerance.
 */
@CacheIntercepted
@Interceptor
@Priority(Interceptor.Priority.LIBRARY_BEFORE)
public class CacheInterceptor implements Serializable {
    private static final long serialVersionUID = 1;

    private final CacheMethodsBean methods;

    /** For the container. */
    @Inject
    public CacheInterceptor(CacheMethodsBean methods) {
        this.methods = methods;
    }

    /** For the container. */
    @AroundInvoke
    public @Nullable Object call(InvocationContext context) throws Exception {
        return methods.call(context);
    }
}
