package io.concordcache.raft.marshal;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which classes may appear in keys and values. Deny by default, after JEP 290: bytes come from other
 * processes, and a class that runs code when it is read is a way in. The same filter is asked when an
 * object is written, so what no member could read is refused before it is stored.
 *
 * <p>Admitted are
 *
 * <ul>
 *   <li>harmless classes of the JDK: strings, numbers, {@code java.time}, enums, the collections, common
 *       exceptions;
 *   <li>the declared key and value types, with their superclasses, the types of their fields and the type
 *       arguments of those, in turn; for a sealed type its permitted subclasses; and any subtype of a
 *       declared type that is the application's own;
 *   <li>what the patterns name: {@code com.acme.Order} is exactly this class, {@code com.acme.*} are the
 *       classes of a package, {@code com.acme.**} those of a package and of all below it, {@code **} is
 *       every class and switches the protection off.
 * </ul>
 *
 * Arrays count as their elements. Dynamic proxies are always refused. A class of the JDK is not admitted by
 * being the type of a field.
 *
 * <p>Immutable, for any thread.
 */
public final class ClassFilter {
    /** The setting whose value, a list of patterns, a refusal refers to. */
    public static final String SETTING = "concord.serialization.allow";

    private enum Verdict {
        DENIED,
        ALLOWED,
        /** A subtype of a declared type: it brings the types of its own fields, within one object graph. */
        ALLOWED_WITH_FIELDS
    }

    private final Set<Class<?>> declared;
    private final Set<Class<?>> reachable;
    private final ClassPatterns patterns;

    private final ClassValue<Verdict> verdicts = new ClassValue<>() {
        @Override
        protected Verdict computeValue(Class<?> type) {
            return judge(type);
        }
    };

    private final ClassValue<Set<Class<?>>> fields = new ClassValue<>() {
        @Override
        protected Set<Class<?>> computeValue(Class<?> type) {
            return FieldTypes.reachableFrom(type);
        }
    };

    private ClassFilter(Set<Class<?>> declared, ClassPatterns patterns) {
        this.declared = declared;
        this.patterns = patterns;
        Set<Class<?>> all = new HashSet<>();
        for (Class<?> type : declared) {
            for (Class<?> each = type; each != null; each = each.getSuperclass()) {
                all.add(each);
            }
            all.addAll(FieldTypes.reachableFrom(type));
        }
        this.reachable = all;
    }

    /**
     * Admits the harmless classes of the JDK and what the given types imply.
     *
     * @param types the declared key and value types; {@code Object} and interfaces of the JDK add nothing
     */
    public static ClassFilter forTypes(Class<?>... types) {
        return of(List.of(), types);
    }

    /**
     * Admits also the classes that the patterns name.
     *
     * @throws IllegalArgumentException if a pattern has none of the three forms; the message names it
     */
    public static ClassFilter of(Collection<String> patterns, Class<?>... types) {
        Set<Class<?>> declared = new HashSet<>();
        Arrays.stream(types).map(ClassFilter::element).forEach(declared::add);
        return new ClassFilter(Set.copyOf(declared), new ClassPatterns(patterns));
    }

    /** Whether an object of this class is admitted wherever it appears. Its fields are judged by themselves. */
    public boolean allows(Class<?> type) {
        return verdicts.get(element(type)) != Verdict.DENIED;
    }

    /** One walk over one object graph. */
    Pass pass() {
        return new Pass();
    }

    /** For one thread. Classes must come in the order of the stream: an object's before those of its fields. */
    final class Pass {
        private @Nullable Set<Class<?>> brought;

        /** @throws MarshalException if the class is refused */
        void check(Class<?> type) {
            Class<?> element = element(type);
            switch (verdicts.get(element)) {
                case ALLOWED -> {}
                case ALLOWED_WITH_FIELDS -> bring(fields.get(element));
                case DENIED -> {
                    if (brought == null || !brought.contains(element)) {
                        throw refused(element);
                    }
                }
            }
        }

        private void bring(Set<Class<?>> types) {
            if (brought == null) {
                brought = new HashSet<>();
            }
            brought.addAll(types);
        }
    }

    static MarshalException refused(Class<?> type) {
        String name = MarshalException.printable(type.getName());
        if (Proxy.isProxyClass(type)) {
            return new MarshalException("dynamic proxies (here " + name + " of "
                    + Arrays.toString(type.getInterfaces())
                    + ") are not allowed in cache keys and values; store the data they stand for");
        }
        return new MarshalException("class " + name + " is not allowed in cache keys and values; if it is plain data,"
                + " add it to the setting " + SETTING + " (for example " + SETTING + "=" + name + ")");
    }

    private Verdict judge(Class<?> type) {
        if (Proxy.isProxyClass(type)) {
            return Verdict.DENIED;
        }
        if (JdkClasses.isHarmless(type) || reachable.contains(type) || patterns.matches(type)) {
            return Verdict.ALLOWED;
        }
        boolean subtype = declared.stream().anyMatch(each -> !JdkClasses.isJdk(each) && each.isAssignableFrom(type));
        return subtype ? Verdict.ALLOWED_WITH_FIELDS : Verdict.DENIED;
    }

    private static Class<?> element(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        return element;
    }
}
