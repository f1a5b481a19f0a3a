package io.concordcache.annotations;

import java.lang.annotation.Annotation;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import javax.cache.annotation.CacheDefaults;
import javax.cache.annotation.CacheKey;
import javax.cache.annotation.CacheKeyGenerator;
import javax.cache.annotation.CacheMethodDetails;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheRemoveAll;
import javax.cache.annotation.CacheResolverFactory;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.CacheValue;
import org.jspecify.annotations.Nullable;

/**
 * What the annotations of one method say, in the class whose object is called: resolved once. Immutable.
 *
 * <p>The class counts, since a subclass may bring {@code @CacheDefaults}, or an annotation for all its methods, of its own.
 */
final class CacheMethod<A extends Annotation> implements CacheMethodDetails<A> {
    private final Method method;
    private final A annotation;
    private final Kind kind;
    private final Set<Annotation> annotations;
    private final List<Set<Annotation>> parameterAnnotations;
    private final Class<?>[] parameterTypes;
    private final int[] keyPositions;
    private final int valuePosition;
    private final Attributes attributes;
    private final String cacheName;
    private final boolean generatedName;
    private final Class<? extends CacheKeyGenerator> keyGenerator;
    private final Class<? extends CacheResolverFactory> resolverFactory;
    private final boolean asynchronous;
    private final @Nullable ComputeOnce once;

    /** What the four annotations have in common, and what only some have. */
    private record Attributes(
            String cacheName,
            Class<? extends CacheKeyGenerator> keyGenerator,
            Class<? extends CacheResolverFactory> resolverFactory,
            boolean afterInvocation,
            boolean skipGet,
            String exceptionCacheName,
            ExceptionFilter filter) {}

    private CacheMethod(Method method, A annotation, Kind kind, @Nullable CacheDefaults defaults) {
        this.method = method;
        this.annotation = annotation;
        this.kind = kind;
        this.annotations = immutable(method.getAnnotations());
        this.parameterTypes = method.getParameterTypes();
        this.parameterAnnotations = new ArrayList<>();
        List<Integer> marked = new ArrayList<>();
        List<Integer> unmarked = new ArrayList<>();
        int value = -1;
        Annotation[][] ofParameters = method.getParameterAnnotations();
        for (int i = 0; i < parameterTypes.length; i++) {
            parameterAnnotations.add(immutable(ofParameters[i]));
            if (has(ofParameters[i], CacheValue.class)) {
                value = i;
            } else {
                (has(ofParameters[i], CacheKey.class) ? marked : unmarked).add(i);
            }
        }
        this.keyPositions = (marked.isEmpty() ? unmarked : marked)
                .stream().mapToInt(Integer::intValue).toArray();
        this.valuePosition = value;
        this.attributes = attributes(annotation);
        String named = attributes.cacheName.isEmpty() && defaults != null ? defaults.cacheName() : attributes.cacheName;
        this.generatedName = named.isEmpty();
        this.cacheName = generatedName ? MethodNames.of(method) : named;
        this.keyGenerator = attributes.keyGenerator == CacheKeyGenerator.class && defaults != null
                ? defaults.cacheKeyGenerator()
                : attributes.keyGenerator;
        this.resolverFactory = attributes.resolverFactory == CacheResolverFactory.class && defaults != null
                ? defaults.cacheResolverFactory()
                : attributes.resolverFactory;
        this.asynchronous = Future.class.isAssignableFrom(method.getReturnType())
                || CompletionStage.class.isAssignableFrom(method.getReturnType());
        this.once = method.getAnnotation(ComputeOnce.class);
    }

    /**
     * Resolves a method as called on an object of a class.
     *
     * @return null if neither method nor class have a cache annotation
     */
    static @Nullable CacheMethod<?> of(Method method, Class<?> type) {
        CacheDefaults defaults = ofClass(type, CacheDefaults.class);
        for (Kind kind : Kind.values()) {
            Annotation own = method.getAnnotation(kind.annotation());
            if (own != null) {
                return new CacheMethod<>(method, own, kind, defaults);
            }
        }
        for (Kind kind : Kind.values()) {
            Annotation inherited = ofClass(type, kind.annotation());
            if (inherited != null) {
                return new CacheMethod<>(method, inherited, kind, defaults);
            }
        }
        return null;
    }

    /** Of the class itself, which may be a proxy's, or the nearest superclass: these annotations are not inherited. */
    private static <T extends Annotation> @Nullable T ofClass(Class<?> type, Class<T> annotation) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            T found = each.getAnnotation(annotation);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static Attributes attributes(Annotation annotation) {
        if (annotation instanceof CacheResult result) {
            return new Attributes(
                    result.cacheName(),
                    result.cacheKeyGenerator(),
                    result.cacheResolverFactory(),
                    true,
                    result.skipGet(),
                    result.exceptionCacheName(),
                    new ExceptionFilter(
                            List.of(result.cachedExceptions()), List.of(result.nonCachedExceptions()), true));
        } else if (annotation instanceof CachePut put) {
            return new Attributes(
                    put.cacheName(),
                    put.cacheKeyGenerator(),
                    put.cacheResolverFactory(),
                    put.afterInvocation(),
                    false,
                    "",
                    new ExceptionFilter(List.of(put.cacheFor()), List.of(put.noCacheFor()), false));
        } else if (annotation instanceof CacheRemove remove) {
            return new Attributes(
                    remove.cacheName(),
                    remove.cacheKeyGenerator(),
                    remove.cacheResolverFactory(),
                    remove.afterInvocation(),
                    false,
                    "",
                    new ExceptionFilter(List.of(remove.evictFor()), List.of(remove.noEvictFor()), false));
        }
        CacheRemoveAll all = (CacheRemoveAll) annotation;
        return new Attributes(
                all.cacheName(),
                CacheKeyGenerator.class,
                all.cacheResolverFactory(),
                all.afterInvocation(),
                false,
                "",
                new ExceptionFilter(List.of(all.evictFor()), List.of(all.noEvictFor()), false));
    }

    private static boolean has(Annotation[] annotations, Class<? extends Annotation> type) {
        for (Annotation each : annotations) {
            if (each.annotationType() == type) {
                return true;
            }
        }
        return false;
    }

    private static Set<Annotation> immutable(Annotation[] annotations) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(annotations)));
    }

    @Override
    public Method getMethod() {
        return method;
    }

    @Override
    public Set<Annotation> getAnnotations() {
        return annotations;
    }

    @Override
    public A getCacheAnnotation() {
        return annotation;
    }

    @Override
    public String getCacheName() {
        return cacheName;
    }

    Kind kind() {
        return kind;
    }

    int parameterCount() {
        return parameterTypes.length;
    }

    Class<?> parameterType(int position) {
        return parameterTypes[position];
    }

    Set<Annotation> parameterAnnotations(int position) {
        return parameterAnnotations.get(position);
    }

    /** Not a copy. */
    int[] keyPositions() {
        return keyPositions;
    }

    /** Of the parameter with {@code @CacheValue}, -1 if there is none. */
    int valuePosition() {
        return valuePosition;
    }

    boolean hasGeneratedName() {
        return generatedName;
    }

    /** The interface itself stands for the default. */
    Class<? extends CacheKeyGenerator> keyGenerator() {
        return keyGenerator;
    }

    /** The interface itself stands for the default. */
    Class<? extends CacheResolverFactory> resolverFactory() {
        return resolverFactory;
    }

    boolean afterInvocation() {
        return attributes.afterInvocation;
    }

    boolean skipGet() {
        return attributes.skipGet;
    }

    boolean cachesExceptions() {
        return !attributes.exceptionCacheName.isEmpty();
    }

    String exceptionCacheName() {
        return attributes.exceptionCacheName;
    }

    ExceptionFilter filter() {
        return attributes.filter;
    }

    /** Whether it is declared to return a future or a stage. */
    boolean isAsynchronous() {
        return asynchronous;
    }

    @Nullable
    ComputeOnce once() {
        return once;
    }

    /** The class of what is cached, as far as the declaration tells. */
    Class<?> valueType() {
        Type type =
                valuePosition >= 0 ? method.getGenericParameterTypes()[valuePosition] : method.getGenericReturnType();
        if (valuePosition < 0 && asynchronous) {
            type = type instanceof ParameterizedType future ? future.getActualTypeArguments()[0] : Object.class;
        }
        if (type instanceof ParameterizedType generic) {
            type = generic.getRawType();
        }
        return type instanceof Class<?> plain && plain != void.class ? boxed(plain) : Object.class;
    }

    private static Class<?> boxed(Class<?> type) {
        return MethodType.methodType(type).wrap().returnType();
    }

    @Override
    public String toString() {
        return MethodNames.of(method);
    }
}
