package io.concordcache.annotations;

import java.util.Objects;
import javax.cache.annotation.GeneratedCacheKey;

/**
 * The key that is generated unless a method names another {@code CacheKeyGenerator}: the parameters of the key as one text,
 * such as {@code "anna",42L}.
 *
 * <p>Two keys are equal if and only if their parameters are, as {@code Arrays.deepEquals} would compare them. The text is the
 * same in every JVM and for every provider, whether it compares keys by {@code equals} or by their bytes. It names neither
 * method nor cache: methods with the same parameters and the same cache share entries, as the specification demands.
 *
 * @param text the parameters, in Java's notation where it has one
 */
public record MethodKey(String text) implements GeneratedCacheKey {
    private static final long serialVersionUID = 1;

    /** Checks that there is a text. */
    public MethodKey {
        Objects.requireNonNull(text, "the text of a key is null");
    }

    /**
     * The key of a call with these parameters, for those who look into an annotated method's cache by themselves.
     *
     * @param parameters those that belong to the key, in their order; each may be null
     * @throws IllegalArgumentException if one is of a type without a stable form
     */
    public static MethodKey of(Object... parameters) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parameters.length; i++) {
            if (i > 0) {
                text.append(',');
            }
            KeyText.append(text, parameters[i]);
        }
        return new MethodKey(text.toString());
    }

    @Override
    public String toString() {
        return text;
    }
}
