package io.concordcache.raft.marshal;

import java.lang.reflect.RecordComponent;
import java.math.MathContext;
import java.net.URI;
import java.time.MonthDay;
import java.time.OffsetTime;
import java.util.Arrays;
import java.util.Currency;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Classes of which one decoded instance may be shared by many readers. */
final class ImmutableTypes {
    private static final Set<Class<?>> FURTHER = Set.of(
            String.class,
            Boolean.class,
            MonthDay.class,
            OffsetTime.class,
            Locale.class,
            Currency.class,
            URI.class,
            MathContext.class);

    private static final ClassValue<Boolean> KNOWN = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return isImmutable(type, new HashSet<>());
        }
    };

    /**
     * Whether instances of exactly this class never change: strings, boxed types, numbers, {@code java.time},
     * enums, and records of nothing else.
     */
    static boolean contains(Class<?> type) {
        return KNOWN.get(type);
    }

    private static boolean isImmutable(Class<?> type, Set<Class<?>> within) {
        if (type.isRecord()) {
            return !within.add(type)
                    || Arrays.stream(type.getRecordComponents())
                            .map(RecordComponent::getType)
                            .allMatch(component -> isImmutable(component, within));
        }
        BuiltIn<?> builtIn = BuiltIn.of(type);
        return type.isPrimitive()
                || Enum.class.isAssignableFrom(type)
                || FURTHER.contains(type)
                || (builtIn != null && builtIn.isImmutable());
    }

    private ImmutableTypes() {}
}
