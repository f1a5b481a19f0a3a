package io.concordcache.annotations.cdi;

import io.concordcache.annotations.MethodKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.annotation.CacheDefaults;
import javax.cache.annotation.CacheInvocationContext;
import javax.cache.annotation.CacheKey;
import javax.cache.annotation.CacheKeyGenerator;
import javax.cache.annotation.CacheKeyInvocationContext;
import javax.cache.annotation.CacheMethodDetails;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheRemoveAll;
import javax.cache.annotation.CacheResolver;
import javax.cache.annotation.CacheResolverFactory;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.CacheValue;
import javax.cache.annotation.GeneratedCacheKey;

/** Beans with about everything that the annotations can say. */
final class Shop {
    private Shop() {}

    @ApplicationScoped
    @CacheDefaults(cacheName = "shop")
    public static class Prices {
        final AtomicInteger calls = new AtomicInteger();

        public int calls() {
            return calls.get();
        }

        @CacheResult
        public String price(String item) {
            return item + calls.incrementAndGet();
        }

        @CacheResult
        public String priceFor(@CacheKey String item, Object customer) {
            return item + calls.incrementAndGet();
        }

        @CacheResult(cacheName = "other")
        public String elsewhere(String item) {
            return item + calls.incrementAndGet();
        }

        @CacheResult
        public String nothing(String item) {
            calls.incrementAndGet();
            return null;
        }

        @CacheResult(skipGet = true)
        public String refreshed(String item) {
            return item + calls.incrementAndGet();
        }

        @CachePut
        public void set(String item, @CacheValue String price) {
            calls.incrementAndGet();
        }

        @CachePut(afterInvocation = false)
        public void setFirst(String item, @CacheValue String price) throws IOException {
            throw new IOException("after the put");
        }

        @CachePut
        public void setOrThrow(String item, @CacheValue String price, @CacheKey String key, Exception thrown)
                throws Exception {
            throw thrown;
        }

        @CachePut(cacheFor = IOException.class)
        public void setFor(@CacheKey String item, @CacheValue String price, Exception thrown) throws Exception {
            throw thrown;
        }

        @CachePut(noCacheFor = IOException.class)
        public void setNotFor(@CacheKey String item, @CacheValue String price, Exception thrown) throws Exception {
            throw thrown;
        }

        @CacheRemove
        public void remove(String item) {}

        @CacheRemove(afterInvocation = false)
        public void removeFirst(String item) throws IOException {
            throw new IOException("after the removal");
        }

        @CacheRemove
        public void removeOrThrow(@CacheKey String item, Exception thrown) throws Exception {
            throw thrown;
        }

        @CacheRemove(
                evictFor = {IOException.class, IllegalStateException.class},
                noEvictFor = java.io.FileNotFoundException.class)
        public void removeFor(@CacheKey String item, Exception thrown) throws Exception {
            throw thrown;
        }

        @CacheRemoveAll
        public void removeAll() {}

        @CacheRemoveAll(afterInvocation = false)
        public void removeAllFirst() throws IOException {
            throw new IOException("after the removal");
        }

        @CacheRemoveAll(evictFor = IOException.class)
        public void removeAllFor(Exception thrown) throws Exception {
            throw thrown;
        }

        @CacheResult(cacheName = "numbers")
        public int number(int base) {
            return base + calls.incrementAndGet();
        }

        @CacheResult
        public String generatedNever() {
            return "no parameter " + calls.incrementAndGet();
        }
    }

    /** Without any name. */
    @ApplicationScoped
    public static class Plain {
        final AtomicInteger calls = new AtomicInteger();

        public int calls() {
            return calls.get();
        }

        @CacheResult
        public String twice(String text, int number) {
            calls.incrementAndGet();
            return text + text + number;
        }

        @CacheResult
        String packagePrivate(String text) {
            return text + calls.incrementAndGet();
        }

        @CacheResult
        protected String guarded(String text) {
            return text + calls.incrementAndGet();
        }
    }

    @ApplicationScoped
    public static class Failing {
        final AtomicInteger calls = new AtomicInteger();

        public int calls() {
            return calls.get();
        }

        @CacheResult(cacheName = "results", exceptionCacheName = "failures")
        public String all(@CacheKey String key, Exception thrown) throws Exception {
            calls.incrementAndGet();
            throw thrown;
        }

        @CacheResult(cacheName = "results", exceptionCacheName = "failures", cachedExceptions = IOException.class)
        public String some(@CacheKey String key, Exception thrown) throws Exception {
            calls.incrementAndGet();
            throw thrown;
        }

        @CacheResult(cacheName = "results", exceptionCacheName = "failures", nonCachedExceptions = IOException.class)
        public String others(@CacheKey String key, Exception thrown) throws Exception {
            calls.incrementAndGet();
            throw thrown;
        }

        @CacheResult(
                cacheName = "results",
                exceptionCacheName = "failures",
                cachedExceptions = IOException.class,
                nonCachedExceptions = java.io.FileNotFoundException.class)
        public String both(@CacheKey String key, Exception thrown) throws Exception {
            calls.incrementAndGet();
            throw thrown;
        }

        @CacheResult(cacheName = "results", exceptionCacheName = "failures", skipGet = true)
        public String always(@CacheKey String key, Exception thrown) throws Exception {
            calls.incrementAndGet();
            throw thrown;
        }

        @CacheResult(cacheName = "results")
        public String uncached(@CacheKey String key, Exception thrown) throws Exception {
            calls.incrementAndGet();
            throw thrown;
        }
    }

    /** An annotation for all methods. */
    @ApplicationScoped
    @CacheResult(cacheName = "shop")
    public static class WholeClass {
        final AtomicInteger calls = new AtomicInteger();

        public String first(String text) {
            return text + calls.incrementAndGet();
        }

        public String second(String text) {
            return text + calls.incrementAndGet();
        }

        @CacheRemove(cacheName = "shop")
        public void remove(String text) {}

        public void reset() {
            calls.set(0);
        }
    }

    public static class Base {
        final AtomicInteger calls = new AtomicInteger();

        @CacheResult
        public String inherited(String text) {
            return text + calls.incrementAndGet();
        }
    }

    @ApplicationScoped
    @CacheDefaults(cacheName = "shop")
    public static class Derived extends Base {}

    @ApplicationScoped
    @CacheDefaults(cacheName = "other")
    public static class OtherDerived extends Base {}

    // What annotations name by class

    public static class PlainGenerator implements CacheKeyGenerator {
        @Override
        public GeneratedCacheKey generateCacheKey(CacheKeyInvocationContext<? extends Annotation> context) {
            return MethodKey.of("plain");
        }
    }

    @ApplicationScoped
    public static class BeanGenerator implements CacheKeyGenerator {
        static final List<CacheKeyInvocationContext<?>> CONTEXTS = new CopyOnWriteArrayList<>();

        private final CacheManager injected;

        protected BeanGenerator() {
            injected = null;
        }

        @jakarta.inject.Inject
        public BeanGenerator(CacheManager injected) {
            this.injected = injected;
        }

        @Override
        public GeneratedCacheKey generateCacheKey(CacheKeyInvocationContext<? extends Annotation> context) {
            CONTEXTS.add(context);
            return MethodKey.of("bean " + injected.isClosed());
        }
    }

    public static class NullGenerator implements CacheKeyGenerator {
        @Override
        public GeneratedCacheKey generateCacheKey(CacheKeyInvocationContext<? extends Annotation> context) {
            return null;
        }
    }

    public static class PlainResolvers implements CacheResolverFactory {
        static final List<CacheMethodDetails<?>> ASKED = new CopyOnWriteArrayList<>();

        @Override
        public CacheResolver getCacheResolver(CacheMethodDetails<? extends Annotation> details) {
            ASKED.add(details);
            return new To("resolved");
        }

        @Override
        public CacheResolver getExceptionCacheResolver(CacheMethodDetails<CacheResult> details) {
            ASKED.add(details);
            return new To("resolved-failures");
        }
    }

    record To(String name) implements CacheResolver {
        static CacheManager manager;

        @Override
        public <K, V> Cache<K, V> resolveCache(CacheInvocationContext<? extends Annotation> context) {
            return manager.getCache(name);
        }
    }

    @ApplicationScoped
    public static class BeanResolvers implements CacheResolverFactory {
        @jakarta.inject.Inject
        CacheManager manager;

        @Override
        public CacheResolver getCacheResolver(CacheMethodDetails<? extends Annotation> details) {
            To.manager = manager;
            return new To("resolved");
        }

        @Override
        public CacheResolver getExceptionCacheResolver(CacheMethodDetails<CacheResult> details) {
            return new To("resolved-failures");
        }
    }

    public static class NullResolvers implements CacheResolverFactory {
        @Override
        public CacheResolver getCacheResolver(CacheMethodDetails<? extends Annotation> details) {
            return null;
        }

        @Override
        public CacheResolver getExceptionCacheResolver(CacheMethodDetails<CacheResult> details) {
            return null;
        }
    }

    @ApplicationScoped
    public static class Custom {
        final AtomicInteger calls = new AtomicInteger();

        @CacheResult(cacheName = "shop", cacheKeyGenerator = PlainGenerator.class)
        public String plainGenerator(String text) {
            return text + calls.incrementAndGet();
        }

        @CacheResult(cacheName = "shop", cacheKeyGenerator = BeanGenerator.class)
        public String beanGenerator(String text, @CacheKey int number) {
            return text + calls.incrementAndGet();
        }

        @CachePut(cacheName = "shop", cacheKeyGenerator = BeanGenerator.class)
        public void put(String text, int number, @CacheValue String value) {}

        @CacheResult(cacheName = "shop", cacheKeyGenerator = NullGenerator.class)
        public String nullGenerator(String text) {
            return text;
        }

        @CacheResult(cacheResolverFactory = PlainResolvers.class, exceptionCacheName = "unused")
        public String plainResolver(String text) {
            return text + calls.incrementAndGet();
        }

        @CacheResult(cacheResolverFactory = BeanResolvers.class)
        public String beanResolver(String text) {
            return text + calls.incrementAndGet();
        }

        @CacheResult(cacheResolverFactory = NullResolvers.class)
        public String nullResolver(String text) {
            return text;
        }
    }

    @ApplicationScoped
    @CacheDefaults(
            cacheName = "shop",
            cacheKeyGenerator = PlainGenerator.class,
            cacheResolverFactory = BeanResolvers.class)
    public static class CustomByDefault {
        final AtomicInteger calls = new AtomicInteger();

        @CacheResult
        public String get(Thread anything) {
            return "got " + calls.incrementAndGet();
        }

        @CacheRemoveAll
        public void removeAll() {}
    }

    @ApplicationScoped
    public static class Later {
        final AtomicInteger calls = new AtomicInteger();
        final List<CompletableFuture<String>> pending = new ArrayList<>();

        public int calls() {
            return calls.get();
        }

        /** The one returned last. */
        public CompletableFuture<String> last() {
            return pending.get(pending.size() - 1);
        }

        private CompletableFuture<String> begin() {
            calls.incrementAndGet();
            CompletableFuture<String> begun = new CompletableFuture<>();
            pending.add(begun);
            return begun;
        }

        @CacheResult(cacheName = "shop")
        public CompletionStage<String> stage(String key) {
            return begin();
        }

        @CacheResult(cacheName = "shop")
        public CompletableFuture<String> completable(String key) {
            return begin();
        }

        @CacheResult(cacheName = "shop")
        public Future<String> future(String key) {
            return new Hidden<>(begin());
        }

        @CacheResult(cacheName = "shop")
        public CompletionStage<String> none(String key) {
            return null;
        }

        @CacheRemove(cacheName = "shop")
        public CompletionStage<String> remove(String key) {
            return begin();
        }

        @CachePut(cacheName = "shop", cacheFor = IOException.class)
        public CompletionStage<String> put(String key, @CacheValue String value) {
            return begin();
        }
    }

    /** A future that is no stage, as those of executors. */
    record Hidden<T>(CompletableFuture<T> future) implements Future<T> {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return future.cancel(mayInterruptIfRunning);
        }

        @Override
        public boolean isCancelled() {
            return future.isCancelled();
        }

        @Override
        public boolean isDone() {
            return future.isDone();
        }

        @Override
        public T get() throws InterruptedException, java.util.concurrent.ExecutionException {
            return future.get();
        }

        @Override
        public T get(long timeout, java.util.concurrent.TimeUnit unit)
                throws InterruptedException, java.util.concurrent.ExecutionException,
                        java.util.concurrent.TimeoutException {
            return future.get(timeout, unit);
        }
    }
}
