package io.concordcache.annotations;

import java.lang.annotation.Annotation;
import javax.cache.CacheException;
import javax.cache.annotation.CacheInvocationParameter;
import javax.cache.annotation.CacheKeyGenerator;
import javax.cache.annotation.CacheKeyInvocationContext;
import javax.cache.annotation.GeneratedCacheKey;

/** The default: a {@link MethodKey} of the key parameters. Thread-safe. */
public final class MethodKeyGenerator implements CacheKeyGenerator {
    /** Has no state. */
    public MethodKeyGenerator() {}

    /** @throws CacheException if a parameter is of a type without a stable form; the message says which */
    @Override
    public GeneratedCacheKey generateCacheKey(CacheKeyInvocationContext<? extends Annotation> context) {
        CacheInvocationParameter[] parameters = context.getKeyParameters();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parameters.length; i++) {
            if (i > 0) {
                text.append(',');
            }
            try {
                KeyText.append(text, parameters[i].getValue());
            } catch (KeyText.UnstableException e) {
                throw refusal(MethodNames.of(context.getMethod()), parameters[i].getParameterPosition(), e);
            }
        }
        return new MethodKey(text.toString());
    }

    static CacheException refusal(String method, int position, KeyText.UnstableException reason) {
        return new CacheException(
                method + ": parameter " + (position + 1) + " cannot be part of a cache key: " + reason.getMessage()
                        + ". " + MethodRules.KEY_ADVICE,
                reason);
    }
}
