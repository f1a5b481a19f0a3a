package io.concordcache.annotations;

/** Told what becomes of the calls of one method. For any thread; must be quick and must not throw. */
public interface MethodMeter {
    /** Counts nothing. */
    MethodMeter NONE = new MethodMeter() {};

    /** A result, or an exception, came from the cache. */
    default void hit() {}

    /** A result was not in the cache, or was not looked for ({@code skipGet}). */
    default void miss() {}

    /** Something was put into a cache: a result, a value, an exception. */
    default void put() {}

    /** An entry, or all, were removed. */
    default void removal() {}

    /** The method returned null, which no cache of JSR-107 can hold. */
    default void nullResult() {}

    /** A cache failed; the call may have failed with it. */
    default void error() {}
}
