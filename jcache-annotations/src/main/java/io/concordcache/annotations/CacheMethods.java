package io.concordcache.annotations;

import java.io.NotSerializableException;
import java.io.Serializable;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.annotation.CacheKeyGenerator;
import javax.cache.annotation.CacheResolver;
import javax.cache.annotation.CacheResolverFactory;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.GeneratedCacheKey;
import org.jspecify.annotations.Nullable;

/**
 * All annotated methods of an application, and what happens around their calls (JSR-107 chapter 11). Thread-safe; a call
 * blocks as long as its cache does, and its method.
 */
public final class CacheMethods implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(CacheMethods.class.getName());

    private final Components components;
    private final MethodMeters meters;
    private final @Nullable MethodCounters counters;
    private final NamedCaches namedCaches;
    private final Completions completions = new Completions();
    private final Flights flights = new Flights();
    private final Map<Class<?>, Map<Method, Prepared<?>>> prepared = new ConcurrentHashMap<>();

    /**
     * @param components where generators, resolvers and the cache manager come from
     * @param meters null for the counters that are built in, if the settings want statistics
     */
    public CacheMethods(Components components, AnnotationSettings settings, @Nullable MethodMeters meters) {
        this.components = components;
        this.namedCaches = new NamedCaches(components::cacheManager, settings.createCaches());
        this.counters = meters == null && settings.statistics() ? new MethodCounters() : null;
        this.meters = meters != null ? meters : counters != null ? counters : method -> MethodMeter.NONE;
    }

    /** The counters that are built in, by {@code package.Class.method(package.Type)}; empty if statistics are off. */
    public Map<String, MethodStatisticsMXBean> statistics() {
        return counters == null ? Map.of() : counters.byMethod();
    }

    /** Ends what was begun for statistics and futures; cache managers are not closed. */
    @Override
    public void close() {
        completions.close();
        if (counters != null) {
            counters.close();
        }
    }

    /**
     * Calls a method, or answers from its cache.
     *
     * @param method as declared
     * @param target the object; its class may be a subclass that a container made
     * @param arguments not changed
     * @return what the method returns, or would have returned
     * @throws CacheException if the key cannot be made, the cache is not there, or fails; and what the method throws, or has
     *     thrown when its exception was cached
     */
    public @Nullable Object call(Method method, Object target, @Nullable Object[] arguments, Invocation invocation)
            throws Exception {
        return prepared(method, target.getClass()).call(target, arguments, invocation);
    }

    private Prepared<?> prepared(Method method, Class<?> type) {
        Map<Method, Prepared<?>> ofType = prepared.get(type);
        Prepared<?> found = ofType == null ? null : ofType.get(method);
        return found == null ? prepare(method, type) : found;
    }

    private Prepared<?> prepare(Method method, Class<?> type) {
        CacheMethod<?> resolved = CacheMethod.of(method, type);
        if (resolved == null) {
            throw new CacheException(MethodNames.of(method) + " has no cache annotation, nor has " + type.getName());
        }
        Prepared<?> made = new Prepared<>(resolved);
        Prepared<?> other = prepared.computeIfAbsent(type, each -> new ConcurrentHashMap<>())
                .putIfAbsent(method, made);
        return other == null ? made : other;
    }

    /** A method with all that its annotations name. */
    private final class Prepared<A extends Annotation> {
        private final CacheMethod<A> method;
        private final AtomicBoolean saidNull = new AtomicBoolean();
        private volatile @Nullable Parts parts;

        Prepared(CacheMethod<A> method) {
            this.method = method;
        }

        private record Parts(
                @Nullable CacheKeyGenerator generator,
                CacheResolver resolver,
                @Nullable CacheResolver exceptionResolver,
                MethodMeter meter) {}

        /** Not in the constructor: what a container makes may call annotated methods itself. */
        private Parts parts() {
            Parts made = parts;
            return made == null ? makeParts() : made;
        }

        private synchronized Parts makeParts() {
            Parts made = parts;
            if (made == null) {
                CacheResolverFactory factory = method.resolverFactory() == CacheResolverFactory.class
                        ? namedCaches
                        : components.get(method.resolverFactory());
                made = new Parts(
                        method.keyGenerator() == CacheKeyGenerator.class ? null : components.get(method.keyGenerator()),
                        present(factory.getCacheResolver(method), factory, "getCacheResolver"),
                        method.cachesExceptions()
                                ? present(
                                        factory.getExceptionCacheResolver(ofResult()),
                                        factory,
                                        "getExceptionCacheResolver")
                                : null,
                        meters.meterOf(method));
                parts = made;
            }
            return made;
        }

        @SuppressWarnings("unchecked") // only @CacheResult has a cache of exceptions
        private CacheMethod<CacheResult> ofResult() {
            return (CacheMethod<CacheResult>) method;
        }

        private <T> T present(@Nullable T answer, Object asked, String operation) {
            if (answer == null) {
                throw new CacheException(
                        method + ": " + operation + " of " + asked.getClass().getName() + " has returned null");
            }
            return answer;
        }

        @Nullable
        Object call(Object target, @Nullable Object[] arguments, Invocation invocation) throws Exception {
            Parts with = parts();
            Call<A> call = new Call<>(method, target, arguments);
            return switch (method.kind()) {
                case RESULT -> result(with, call, invocation);
                case PUT -> put(with, call, invocation);
                case REMOVE -> remove(with, call, invocation);
                case REMOVE_ALL -> removeAll(with, call, invocation);
            };
        }

        private GeneratedCacheKey key(Parts with, Call<A> call) {
            CacheKeyGenerator generator = with.generator;
            return generator == null
                    ? defaultKey(call)
                    : present(generator.generateCacheKey(call), generator, "generateCacheKey");
        }

        /** As {@link MethodKeyGenerator}, without making the objects that it would be handed. */
        private GeneratedCacheKey defaultKey(Call<A> call) {
            StringBuilder text = new StringBuilder();
            int[] positions = method.keyPositions();
            for (int i = 0; i < positions.length; i++) {
                if (i > 0) {
                    text.append(',');
                }
                try {
                    KeyText.append(text, call.argument(positions[i]));
                } catch (KeyText.UnstableException e) {
                    throw MethodKeyGenerator.refusal(method.toString(), positions[i], e);
                }
            }
            return new MethodKey(text.toString());
        }

        private <V> Cache<GeneratedCacheKey, V> cache(CacheResolver resolver, Call<A> call) {
            Cache<GeneratedCacheKey, V> cache = resolver.resolveCache(call);
            return present(cache, resolver, "resolveCache");
        }

        // @CacheResult

        private @Nullable Object result(Parts with, Call<A> call, Invocation invocation) throws Exception {
            GeneratedCacheKey key = key(with, call);
            Cache<GeneratedCacheKey, Object> cache = cache(with.resolver, call);
            Cache<GeneratedCacheKey, Throwable> exceptions =
                    with.exceptionResolver == null ? null : cache(with.exceptionResolver, call);
            if (!method.skipGet()) {
                Object cached = cached(with, cache, key);
                if (cached != null) {
                    with.meter.hit();
                    return method.isAsynchronous() ? CompletableFuture.completedFuture(cached) : cached;
                }
                Throwable exception = exceptions == null ? null : cached(with, exceptions, key);
                if (exception != null) {
                    with.meter.hit();
                    throw Flights.asException(exception);
                }
            }
            with.meter.miss();
            ComputeOnce once = method.once();
            if (once == null) {
                return compute(with, cache, exceptions, key, invocation);
            }
            Flights.Search search = new Flights.Search() {
                @Override
                public @Nullable Object look() throws Exception {
                    Object cached = cached(with, cache, key);
                    Throwable exception = cached != null || exceptions == null ? null : cached(with, exceptions, key);
                    if (exception != null) {
                        throw Flights.asException(exception);
                    }
                    return cached;
                }

                @Override
                public @Nullable Object compute() throws Exception {
                    return Prepared.this.compute(with, cache, exceptions, key, invocation);
                }
            };
            return method.isAsynchronous()
                    ? flights.runStage(cache, key, once, search)
                    : flights.run(cache, key, once, search);
        }

        private <V> @Nullable V cached(Parts with, Cache<GeneratedCacheKey, V> cache, GeneratedCacheKey key) {
            try {
                return cache.get(key);
            } catch (RuntimeException e) {
                with.meter.error();
                throw e;
            }
        }

        private @Nullable Object compute(
                Parts with,
                Cache<GeneratedCacheKey, Object> cache,
                @Nullable Cache<GeneratedCacheKey, Throwable> exceptions,
                GeneratedCacheKey key,
                Invocation invocation)
                throws Exception {
            Object result;
            try {
                result = invocation.proceed();
            } catch (Throwable e) {
                if (exceptions != null && method.filter().accepts(e)) {
                    keepException(with, exceptions, key, e);
                }
                throw e;
            }
            if (result != null && method.isAsynchronous()) {
                return completions.then(result, method.getMethod().getReturnType(), (value, failure) -> {
                    if (failure == null) {
                        keepResult(with, cache, key, value);
                    }
                });
            }
            keepResult(with, cache, key, result);
            return result;
        }

        private void keepResult(
                Parts with, Cache<GeneratedCacheKey, Object> cache, GeneratedCacheKey key, @Nullable Object result) {
            if (result == null) {
                with.meter.nullResult();
                if (saidNull.compareAndSet(false, true)) {
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            "{0} has returned null, which a cache of JSR-107 cannot hold: it runs at each such call",
                            method);
                }
                return;
            }
            if (result instanceof Future || result instanceof CompletionStage) {
                throw new CacheException(
                        method + " has returned a " + result.getClass().getName()
                                + ", which cannot be cached; declare CompletionStage, CompletableFuture or Future, and the value"
                                + " is cached when it is there");
            }
            putValue(with, cache, key, result, "its result");
        }

        private void putValue(
                Parts with, Cache<GeneratedCacheKey, Object> cache, GeneratedCacheKey key, Object value, String what) {
            try {
                cache.put(key, value);
            } catch (RuntimeException e) {
                with.meter.error();
                if (isOfTheValue(e, value)) {
                    throw new CacheException(
                            method + ": " + what + ", of class "
                                    + value.getClass().getTypeName()
                                    + ", cannot be put into the cache '" + cache.getName() + "': " + e.getMessage()
                                    + (value instanceof Serializable
                                            ? ""
                                            : ". Let the class implement java.io.Serializable"),
                            e);
                }
                throw e;
            }
            with.meter.put();
        }

        /** Whether the value is to blame, and not the store. */
        private static boolean isOfTheValue(RuntimeException failure, Object value) {
            if (failure instanceof ClassCastException || !(value instanceof Serializable)) {
                return true;
            }
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof NotSerializableException) {
                    return true;
                }
            }
            return false;
        }

        /** The caller gets the method's exception in any case. */
        private void keepException(
                Parts with, Cache<GeneratedCacheKey, Throwable> cache, GeneratedCacheKey key, Throwable exception) {
            try {
                cache.put(key, exception);
                with.meter.put();
            } catch (RuntimeException e) {
                with.meter.error();
                exception.addSuppressed(new CacheException(
                        method + ": its " + exception.getClass().getName() + " could not be put into the cache '"
                                + cache.getName() + "'",
                        e));
                LOG.log(
                        System.Logger.Level.WARNING,
                        method + ": its " + exception.getClass().getName() + " could not be put into the cache '"
                                + cache.getName() + "'",
                        e);
            }
        }

        // @CachePut, @CacheRemove, @CacheRemoveAll

        private @Nullable Object put(Parts with, Call<A> call, Invocation invocation) throws Exception {
            Object value = call.argument(method.valuePosition());
            if (value == null) {
                throw new NullPointerException(method + ": the parameter marked @CacheValue is null, which a cache of"
                        + " JSR-107 cannot hold; the method was not called");
            }
            GeneratedCacheKey key = key(with, call);
            Cache<GeneratedCacheKey, Object> cache = cache(with.resolver, call);
            return around(invocation, () -> putValue(with, cache, key, value, "its @CacheValue"));
        }

        private @Nullable Object remove(Parts with, Call<A> call, Invocation invocation) throws Exception {
            GeneratedCacheKey key = key(with, call);
            Cache<GeneratedCacheKey, Object> cache = cache(with.resolver, call);
            return around(invocation, () -> counted(with, () -> cache.remove(key)));
        }

        private @Nullable Object removeAll(Parts with, Call<A> call, Invocation invocation) throws Exception {
            Cache<GeneratedCacheKey, Object> cache = cache(with.resolver, call);
            return around(invocation, () -> counted(with, cache::removeAll));
        }

        private void counted(Parts with, Runnable removal) {
            try {
                removal.run();
            } catch (RuntimeException e) {
                with.meter.error();
                throw e;
            }
            with.meter.removal();
        }

        /** The action before the call, or after it if it returns, or throws what the annotation lists. */
        private @Nullable Object around(Invocation invocation, Runnable action) throws Exception {
            if (!method.afterInvocation()) {
                action.run();
                return invocation.proceed();
            }
            Object result;
            try {
                result = invocation.proceed();
            } catch (Throwable e) {
                afterFailure(e, action);
                throw e;
            }
            if (result != null && method.isAsynchronous()) {
                return completions.then(result, method.getMethod().getReturnType(), (value, failure) -> {
                    if (failure == null) {
                        action.run();
                    } else {
                        afterFailure(failure, action);
                    }
                });
            }
            action.run();
            return result;
        }

        /** The caller gets the method's exception in any case, with that of the cache beside it. */
        private void afterFailure(Throwable failure, Runnable action) {
            if (method.filter().accepts(failure)) {
                try {
                    action.run();
                } catch (RuntimeException e) {
                    failure.addSuppressed(e);
                }
            }
        }
    }
}
