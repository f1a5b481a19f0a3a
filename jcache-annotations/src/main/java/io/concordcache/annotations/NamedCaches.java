package io.concordcache.annotations;

import io.concordcache.annotations.AnnotationSettings.CreateCaches;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.annotation.CacheInvocationContext;
import javax.cache.annotation.CacheMethodDetails;
import javax.cache.annotation.CacheResolver;
import javax.cache.annotation.CacheResolverFactory;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.GeneratedCacheKey;
import javax.cache.configuration.MutableConfiguration;
import org.jspecify.annotations.Nullable;

/** The default resolvers: caches by their names from one manager, created if the settings allow it. Thread-safe. */
final class NamedCaches implements CacheResolverFactory {
    private static final System.Logger LOG = System.getLogger(NamedCaches.class.getName());

    private final Supplier<CacheManager> manager;
    private final CreateCaches create;

    NamedCaches(Supplier<CacheManager> manager, CreateCaches create) {
        this.manager = manager;
        this.create = create;
    }

    @Override
    public CacheResolver getCacheResolver(CacheMethodDetails<? extends Annotation> details) {
        CacheMethod<?> method = details instanceof CacheMethod<?> known
                ? known
                : CacheMethod.of(details.getMethod(), details.getMethod().getDeclaringClass());
        boolean generated = method != null && method.hasGeneratedName();
        // Methods that share a written name may cache results of several types.
        Class<?> valueType = generated && method != null ? method.valueType() : Object.class;
        return new Resolver(details.getMethod(), details.getCacheName(), generated, valueType);
    }

    @Override
    public CacheResolver getExceptionCacheResolver(CacheMethodDetails<CacheResult> details) {
        return new Resolver(
                details.getMethod(), details.getCacheAnnotation().exceptionCacheName(), false, Throwable.class);
    }

    /** One cache; found at the first call, and again if it has been closed. */
    private final class Resolver implements CacheResolver {
        private final Method method;
        private final String name;
        private final boolean generated;
        private final Class<?> valueType;
        private volatile @Nullable Cache<?, ?> found;

        Resolver(Method method, String name, boolean generated, Class<?> valueType) {
            this.method = method;
            this.name = name;
            this.generated = generated;
            this.valueType = valueType;
        }

        @Override
        @SuppressWarnings("unchecked") // the caller says which types
        public <K, V> Cache<K, V> resolveCache(CacheInvocationContext<? extends Annotation> context) {
            Cache<?, ?> cache = found;
            if (cache == null || cache.isClosed()) {
                cache = find();
                found = cache;
            }
            return (Cache<K, V>) cache;
        }

        private Cache<?, ?> find() {
            CacheManager caches = manager.get();
            Cache<?, ?> cache = caches.getCache(name);
            if (cache != null) {
                return cache;
            }
            if (create == CreateCaches.ALL || (generated && create == CreateCaches.GENERATED)) {
                return create(caches);
            }
            throw new CacheException(MethodNames.of(method) + ": there is no cache '" + name + "' in the cache manager "
                    + caches.getURI() + ". Create it there before the first call, name another, give the method a"
                    + " cacheResolverFactory, or set " + AnnotationSettings.PREFIX + "create-caches="
                    + (generated ? "generated" : "all"));
        }

        private Cache<?, ?> create(CacheManager caches) {
            try {
                Cache<?, ?> created = caches.createCache(
                        name,
                        new MutableConfiguration<GeneratedCacheKey, Object>()
                                .setTypes(GeneratedCacheKey.class, asObject(valueType)));
                LOG.log(
                        generated ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                        "{0}: there was no cache ''{1}'' in the cache manager {2}; created with defaults",
                        MethodNames.of(method),
                        name,
                        caches.getURI());
                return created;
            } catch (CacheException e) {
                // Another thread or process may have created it, as somebody else defines it.
                Cache<?, ?> meanwhile = caches.getCache(name);
                if (meanwhile != null) {
                    return meanwhile;
                }
                throw e;
            }
        }

        @SuppressWarnings("unchecked") // a configuration of objects that are all of one class
        private static Class<Object> asObject(Class<?> type) {
            return (Class<Object>) type;
        }
    }
}
