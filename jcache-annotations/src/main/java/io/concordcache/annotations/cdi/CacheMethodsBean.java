package io.concordcache.annotations.cdi;

import io.concordcache.annotations.AnnotationSettings;
import io.concordcache.annotations.CacheMethods;
import io.concordcache.annotations.Components;
import io.concordcache.annotations.MethodMeters;
import io.concordcache.annotations.MethodStatisticsMXBean;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.interceptor.InvocationContext;
import java.util.Map;
import java.util.Objects;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import org.jspecify.annotations.Nullable;

/**
 * The annotated methods of this application. Takes from the container, if there are beans of these types, {@link
 * CacheManager} (else {@code Caching.getCachingProvider().getCacheManager()}), {@link AnnotationSettings} (else system
 * properties) and {@link MethodMeters}; and the generators and resolver factories that annotations name, if they are beans
 * (else by their constructors without parameters).
 */
@ApplicationScoped
public class CacheMethodsBean {
    private final @Nullable CacheMethods methods;

    /** For the proxies of the container. */
    protected CacheMethodsBean() {
        methods = null;
    }

    /** For the container. */
    @Inject
    public CacheMethodsBean(
            @Any Instance<Object> beans,
            Instance<CacheManager> managers,
            Instance<AnnotationSettings> settings,
            Instance<MethodMeters> meters) {
        AnnotationSettings chosen = bean(settings, "AnnotationSettings");
        methods = new CacheMethods(
                new Beans(beans, managers),
                chosen == null ? AnnotationSettings.from(System.getProperties()) : chosen,
                bean(meters, "MethodMeters"));
    }

    private CacheMethods methods() {
        return Objects.requireNonNull(methods, "a proxy has been called without its bean");
    }

    /** Calls the method, or answers from its cache. Public, since a proxy may live in another class loader. */
    public @Nullable Object call(InvocationContext context) throws Exception {
        return methods().call(context.getMethod(), context.getTarget(), context.getParameters(), context::proceed);
    }

    /** The counters that are built in, by {@code package.Class.method(package.Type)}; empty if statistics are off. */
    public Map<String, MethodStatisticsMXBean> statistics() {
        return methods().statistics();
    }

    /** For the container. */
    @PreDestroy
    void close() {
        methods().close();
    }

    private static <T> @Nullable T bean(Instance<T> found, String type) {
        if (found.isAmbiguous()) {
            throw new CacheException("there are several beans of type " + type
                    + "; leave one with the qualifier @Default, or give the method a cacheResolverFactory");
        }
        return found.isUnsatisfied() ? null : found.get();
    }

    /** Objects of the container, and what it does not know by constructors. */
    private record Beans(Instance<Object> beans, Instance<CacheManager> managers) implements Components {
        @Override
        public <T> T get(Class<T> type) {
            Instance<T> found = beans.select(type);
            if (found.isAmbiguous()) {
                throw new CacheException("there are several beans of " + type.getName()
                        + ", which an annotation names; it must be clear which is meant");
            }
            return found.isUnsatisfied() ? construct(type) : found.get();
        }

        private static <T> T construct(Class<T> type) {
            try {
                return type.getConstructor().newInstance();
            } catch (ReflectiveOperationException e) {
                throw new CacheException(
                        type.getName()
                                + ", which an annotation names, is no bean and cannot be made: it needs to be public"
                                + " with a public constructor without parameters, or a bean",
                        e);
            }
        }

        @Override
        public CacheManager cacheManager() {
            CacheManager manager = bean(managers, "javax.cache.CacheManager");
            return manager == null ? Caching.getCachingProvider().getCacheManager() : manager;
        }
    }
}
