package io.concordcache.annotations;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Collectors;

/** How a method is written in messages, and as the default name of its cache. */
final class MethodNames {
    private MethodNames() {}

    /** As the specification says: {@code package.Class.method(package.Type,package.Type)}. */
    static String of(Method method) {
        return of(
                method.getDeclaringClass().getName(),
                method.getName(),
                Arrays.stream(method.getParameterTypes())
                        .map(Class::getTypeName)
                        .collect(Collectors.joining(",")));
    }

    static String of(String owner, String name, String parameterTypes) {
        return owner + "." + name + "(" + parameterTypes + ")";
    }
}
