package io.concordcache.raft.marshal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds classes by name, without initializing them: in the loader of the application, and for classes of
 * the JDK also where the JDK keeps them, since a loader may hide those.
 */
final class ClassResolver {
    private static final Map<String, Class<?>> PRIMITIVES = Stream.<Class<?>>of(
                    boolean.class,
                    byte.class,
                    short.class,
                    char.class,
                    int.class,
                    long.class,
                    float.class,
                    double.class,
                    void.class)
            .collect(Collectors.toUnmodifiableMap(Class::getName, Function.identity()));

    private final ClassLoader loader;
    private final Map<String, Class<?>> known = new ConcurrentHashMap<>();

    ClassResolver(ClassLoader loader) {
        this.loader = loader;
    }

    Class<?> resolve(String name) {
        Class<?> type = known.get(name);
        if (type == null) {
            type = PRIMITIVES.get(name);
        }
        if (type == null) {
            type = load(name);
            if (!type.isArray()) {
                // Arrays have no end of names; classes only as many as the class path has.
                known.putIfAbsent(name, type);
            }
        }
        return type;
    }

    private Class<?> load(String name) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError e) {
            try {
                return Class.forName(name, false, ClassLoader.getPlatformClassLoader());
            } catch (ClassNotFoundException | LinkageError again) {
                throw new MarshalException(
                        "class " + MarshalException.printable(name) + " of a cache key or value was not found by "
                                + loader + "; put it on the class path of every application that reads this cache, or"
                                + " give the cache manager the class loader that has it",
                        e);
            }
        }
    }
}
