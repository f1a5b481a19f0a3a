package io.concordcache.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Beside {@code @CacheResult}: of the calls that miss the same key at the same time, one runs the method and the others wait
 * for its result. Without it each of them runs the method, as the specification says.
 *
 * <p>Those that wait get what the cache then has, or the exception of the one that ran. None waits longer than the deadline:
 * then it runs the method itself.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface ComputeOnce {
    /** Whom a call waits for. */
    Scope scope() default Scope.JVM;

    /**
     * Milliseconds, above 0. Longer than the method ever takes: when it has passed, those that wait run the method too, and
     * with {@link Scope#CLUSTER} the lock of a process that has died is free again.
     */
    long deadlineMillis() default 30_000;

    /** Whom a call waits for. */
    enum Scope {
        /** The threads of this process (of this container, to be exact). */
        JVM,
        /**
         * Every process with this cache. One call in each process contends for a lock, an entry of the key in the cache
         * {@code NAME.locks-DEADLINE}, by {@code putIfAbsent}; it ends by {@code remove} or by its expiry after the deadline.
         * Any provider can do that; between processes it is as exclusive as the provider's {@code putIfAbsent} is. Those that
         * wait ask every 5 to 50 ms. Not for asynchronous methods.
         */
        CLUSTER
    }
}
