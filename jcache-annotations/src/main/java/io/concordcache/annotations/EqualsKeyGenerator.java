package io.concordcache.annotations;

import java.io.Serializable;
import java.lang.annotation.Annotation;
import java.util.Arrays;
import javax.cache.CacheException;
import javax.cache.annotation.CacheInvocationParameter;
import javax.cache.annotation.CacheKeyGenerator;
import javax.cache.annotation.CacheKeyInvocationContext;
import javax.cache.annotation.GeneratedCacheKey;
import org.jspecify.annotations.Nullable;

/**
 * Keys of any serializable parameters, compared by {@code Arrays.deepEquals}: to be named by {@code cacheKeyGenerator} where
 * parameters have an {@code equals} of their own and no stable text. Only for providers that compare keys by {@code equals}:
 * those that compare bytes, Concord among them, may not find such a key again. Thread-safe.
 */
public final class EqualsKeyGenerator implements CacheKeyGenerator {
    /** Has no state. */
    public EqualsKeyGenerator() {}

    /** @throws CacheException if a parameter is not serializable; the message says which */
    @Override
    public GeneratedCacheKey generateCacheKey(CacheKeyInvocationContext<? extends Annotation> context) {
        CacheInvocationParameter[] parameters = context.getKeyParameters();
        @Nullable Object[] values = new Object[parameters.length];
        for (int i = 0; i < values.length; i++) {
            Object value = parameters[i].getValue();
            if (value != null && !(value instanceof Serializable)) {
                throw new CacheException(MethodNames.of(context.getMethod()) + ": parameter "
                        + (parameters[i].getParameterPosition() + 1) + " cannot be part of a cache key: "
                        + value.getClass().getTypeName() + " does not implement java.io.Serializable");
            }
            values[i] = value;
        }
        return new EqualsKey(values);
    }

    private static final class EqualsKey implements GeneratedCacheKey {
        private static final long serialVersionUID = 1;

        private final @Nullable Object[] values;
        private final int hash;

        EqualsKey(@Nullable Object[] values) {
            this.values = values;
            this.hash = Arrays.deepHashCode(values);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof EqualsKey key && hash == key.hash && Arrays.deepEquals(values, key.values);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public String toString() {
            return Arrays.deepToString(values);
        }
    }
}
