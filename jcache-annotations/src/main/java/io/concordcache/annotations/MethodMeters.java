package io.concordcache.annotations;

import javax.cache.annotation.CacheMethodDetails;

/** Makes the meter of each method; a CDI bean of this type takes the place of the counters that are built in. */
@FunctionalInterface
public interface MethodMeters {
    /** Called once for each method, at its first call. */
    MethodMeter meterOf(CacheMethodDetails<?> method);
}
