package io.concordcache.annotations.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.annotations.MethodKey;
import jakarta.enterprise.inject.se.SeContainer;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.annotation.CacheInvocationParameter;
import javax.cache.annotation.CacheKeyInvocationContext;
import javax.cache.annotation.CacheMethodDetails;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.CacheValue;
import javax.cache.configuration.MutableConfiguration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the specification says of the annotations, in each container alike. */
abstract class AnnotationsContract {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final List<SeContainer> started = new ArrayList<>();
    private CacheManager manager;
    private Cache<Object, Object> shop;
    private Cache<Object, Object> other;

    abstract Container container();

    @BeforeEach
    void openCaches() {
        manager = Managers.fresh();
        shop = manager.createCache("shop", new MutableConfiguration<>());
        other = manager.createCache("other", new MutableConfiguration<>());
        for (String name : List.of("numbers", "results", "failures", "resolved", "resolved-failures")) {
            manager.createCache(name, new MutableConfiguration<>());
        }
        Managers.use(manager);
    }

    @AfterEach
    void close() {
        started.forEach(SeContainer::close);
        manager.close();
    }

    private <T> T start(Class<T> bean, Class<?>... others) {
        List<Class<?>> beans = new ArrayList<>(List.of(others));
        beans.add(bean);
        beans.add(Managers.class);
        SeContainer container = container().start(beans.toArray(new Class<?>[0]));
        started.add(container);
        return container.select(bean).get();
    }

    private static MethodKey key(Object... parameters) {
        return MethodKey.of(parameters);
    }

    // @CacheResult

    @Test
    void aResultIsCachedByKey() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThat(prices.price("tea")).isEqualTo("tea1");
        assertThat(prices.price("tea")).isEqualTo("tea1");
        assertThat(prices.price("milk")).isEqualTo("milk2");
        assertThat(prices.calls()).isEqualTo(2);
        assertThat(shop.get(key("tea"))).isEqualTo("tea1");
    }

    @Test
    void parametersOfTheKeyAreThoseMarked() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThat(prices.priceFor("tea", new Object())).isEqualTo("tea1");
        assertThat(prices.priceFor("tea", null)).isEqualTo("tea1");
        // Methods share the entries of a cache: the method is no part of the key.
        assertThat(prices.price("tea")).isEqualTo("tea1");
        assertThat(prices.elsewhere("tea")).isEqualTo("tea2");
        assertThat(other.get(key("tea"))).isEqualTo("tea2");
    }

    @Test
    void withoutParametersThereIsOneKey() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThat(prices.generatedNever()).isEqualTo(prices.generatedNever());
        assertThat(shop.containsKey(key())).isTrue();
    }

    @Test
    void nullIsNotCached() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThat(prices.nothing("tea")).isNull();
        assertThat(prices.nothing("tea")).isNull();
        assertThat(prices.calls()).isEqualTo(2);
        assertThat(shop.iterator().hasNext()).isFalse();
    }

    @Test
    void skipGetCallsAndCaches() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThat(prices.refreshed("tea")).isEqualTo("tea1");
        assertThat(prices.refreshed("tea")).isEqualTo("tea2");
        assertThat(prices.price("tea")).isEqualTo("tea2");
    }

    @Test
    void primitiveResultsAreCached() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThat(prices.number(10)).isEqualTo(11);
        assertThat(prices.number(10)).isEqualTo(11);
    }

    @Test
    void aCacheWithoutANameHasTheNameOfTheMethod() {
        Shop.Plain plain = start(Shop.Plain.class);
        assertThat(plain.twice("a", 1)).isEqualTo("aa1");
        assertThat(plain.twice("a", 1)).isEqualTo("aa1");
        assertThat(plain.calls()).isEqualTo(1);
        Cache<Object, Object> generated = manager.getCache(Shop.Plain.class.getName() + ".twice(java.lang.String,int)");
        assertThat(generated.get(key("a", 1))).isEqualTo("aa1");
    }

    @Test
    void methodsNeedNotBePublic() {
        Shop.Plain plain = start(Shop.Plain.class);
        assertThat(plain.packagePrivate("a")).isEqualTo("a1");
        assertThat(plain.packagePrivate("a")).isEqualTo("a1");
        assertThat(plain.guarded("a")).isEqualTo("a2");
        assertThat(plain.guarded("a")).isEqualTo("a2");
    }

    @Test
    void aClosedCacheIsLookedUpAgain() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThat(prices.price("tea")).isEqualTo("tea1");
        manager.destroyCache("shop");
        manager.createCache("shop", new MutableConfiguration<>());
        assertThat(prices.price("tea")).isEqualTo("tea2");
        assertThat(prices.price("tea")).isEqualTo("tea2");
    }

    // Exceptions of @CacheResult

    private static Throwable thrownBy(Call call) {
        try {
            call.call();
        } catch (Throwable e) {
            return e;
        }
        throw new AssertionError("nothing was thrown");
    }

    private interface Call {
        void call() throws Exception;
    }

    @Test
    void exceptionsAreCachedWhereThereIsACacheForThem() {
        Shop.Failing failing = start(Shop.Failing.class);
        assertThat(thrownBy(() -> failing.all("k", new IOException("first")))).hasMessage("first");
        assertThat(thrownBy(() -> failing.all("k", new IOException("second")))).hasMessage("first");
        assertThat(failing.calls()).isEqualTo(1);
        assertThat(manager.<Object, Object>getCache("failures").get(key("k"))).isInstanceOf(IOException.class);
        assertThat(manager.getCache("results").iterator().hasNext()).isFalse();
    }

    @Test
    void exceptionsAreNotCachedWithoutACache() {
        Shop.Failing failing = start(Shop.Failing.class);
        assertThat(thrownBy(() -> failing.uncached("k", new IOException("first"))))
                .hasMessage("first");
        assertThat(thrownBy(() -> failing.uncached("k", new IOException("second"))))
                .hasMessage("second");
    }

    @Test
    void onlyListedExceptionsAreCached() {
        Shop.Failing failing = start(Shop.Failing.class);
        assertThat(thrownBy(() -> failing.some("a", new FileNotFoundException("1"))))
                .hasMessage("1");
        assertThat(thrownBy(() -> failing.some("a", new IOException("2")))).hasMessage("1");
        assertThat(thrownBy(() -> failing.some("b", new IllegalStateException("3"))))
                .hasMessage("3");
        assertThat(thrownBy(() -> failing.some("b", new IllegalStateException("4"))))
                .hasMessage("4");
    }

    @Test
    void exceptionsThatAreExcludedAreNotCached() {
        Shop.Failing failing = start(Shop.Failing.class);
        assertThat(thrownBy(() -> failing.others("a", new FileNotFoundException("1"))))
                .hasMessage("1");
        assertThat(thrownBy(() -> failing.others("a", new IOException("2")))).hasMessage("2");
        assertThat(thrownBy(() -> failing.others("b", new IllegalStateException("3"))))
                .hasMessage("3");
        assertThat(thrownBy(() -> failing.others("b", new IllegalStateException("4"))))
                .hasMessage("3");
    }

    @Test
    void anExcludedExceptionIsNotCachedThoughItsSuperclassIsListed() {
        Shop.Failing failing = start(Shop.Failing.class);
        assertThat(thrownBy(() -> failing.both("a", new FileNotFoundException("1"))))
                .hasMessage("1");
        assertThat(thrownBy(() -> failing.both("a", new IOException("2")))).hasMessage("2");
        assertThat(thrownBy(() -> failing.both("a", new IOException("3")))).hasMessage("2");
        assertThat(thrownBy(() -> failing.both("b", new IllegalStateException("4"))))
                .hasMessage("4");
        assertThat(thrownBy(() -> failing.both("b", new IllegalStateException("5"))))
                .hasMessage("5");
    }

    @Test
    void skipGetLooksForNoExceptionButCachesIt() {
        Shop.Failing failing = start(Shop.Failing.class);
        assertThat(thrownBy(() -> failing.always("k", new IOException("1")))).hasMessage("1");
        assertThat(thrownBy(() -> failing.always("k", new IOException("2")))).hasMessage("2");
        assertThat(thrownBy(() -> failing.all("k", new IOException("3")))).hasMessage("2");
    }

    @Test
    void anExceptionThatCannotBeCachedReachesTheCaller() {
        Shop.Failing failing = start(Shop.Failing.class);
        Exception unserializable = new Exception("real") {
            @SuppressWarnings("unused")
            private final Object field = new Object();
        };
        Throwable thrown = thrownBy(() -> failing.all("k", unserializable));
        assertThat(thrown).isSameAs(unserializable);
        assertThat(thrown.getSuppressed())
                .singleElement()
                .satisfies(beside -> assertThat(beside).hasMessageContaining("Failing.all(", "failures"));
    }

    // @CachePut

    @Test
    void putStoresTheValueAfterTheCall() {
        Shop.Prices prices = start(Shop.Prices.class);
        prices.set("tea", "3.50");
        assertThat(prices.price("tea")).isEqualTo("3.50");
        assertThat(prices.calls()).isEqualTo(1);
    }

    @Test
    void putBeforeTheCallStaysWhenTheCallFails() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThat(thrownBy(() -> prices.setFirst("tea", "3.50"))).isInstanceOf(IOException.class);
        assertThat(shop.get(key("tea"))).isEqualTo("3.50");
    }

    @Test
    void anExceptionPreventsThePutUnlessItIsListed() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThat(thrownBy(() -> prices.setOrThrow("", "v", "a", new IOException("1"))))
                .hasMessage("1");
        assertThat(thrownBy(() -> prices.setFor("b", "v", new IllegalStateException("2"))))
                .hasMessage("2");
        assertThat(thrownBy(() -> prices.setNotFor("c", "v", new FileNotFoundException("3"))))
                .hasMessage("3");
        assertThat(shop.iterator().hasNext()).isFalse();
        assertThat(thrownBy(() -> prices.setFor("b", "v", new FileNotFoundException("4"))))
                .hasMessage("4");
        assertThat(thrownBy(() -> prices.setNotFor("c", "v", new IllegalStateException("5"))))
                .hasMessage("5");
        assertThat(shop.get(key("b"))).isEqualTo("v");
        assertThat(shop.get(key("c"))).isEqualTo("v");
    }

    @Test
    void nullIsNotPutAndTheMethodNotCalled() {
        Shop.Prices prices = start(Shop.Prices.class);
        assertThatThrownBy(() -> prices.set("tea", null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("Prices.set(", "@CacheValue is null");
        assertThat(prices.calls()).isZero();
    }

    // @CacheRemove, @CacheRemoveAll

    @Test
    void removeRemovesTheEntry() {
        Shop.Prices prices = start(Shop.Prices.class);
        prices.price("tea");
        prices.price("milk");
        prices.remove("tea");
        assertThat(shop.containsKey(key("tea"))).isFalse();
        assertThat(shop.containsKey(key("milk"))).isTrue();
    }

    @Test
    void removeBeforeTheCall() {
        Shop.Prices prices = start(Shop.Prices.class);
        prices.price("tea");
        assertThat(thrownBy(() -> prices.removeFirst("tea"))).isInstanceOf(IOException.class);
        assertThat(shop.containsKey(key("tea"))).isFalse();
    }

    @Test
    void anExceptionPreventsTheRemovalUnlessItIsListed() {
        Shop.Prices prices = start(Shop.Prices.class);
        prices.price("tea");
        assertThat(thrownBy(() -> prices.removeOrThrow("tea", new IOException("1"))))
                .hasMessage("1");
        assertThat(thrownBy(() -> prices.removeFor("tea", new FileNotFoundException("2"))))
                .hasMessage("2");
        assertThat(thrownBy(() -> prices.removeFor("tea", new NumberFormatException("3"))))
                .hasMessage("3");
        assertThat(shop.containsKey(key("tea"))).isTrue();
        assertThat(thrownBy(() -> prices.removeFor("tea", new IllegalStateException("4"))))
                .hasMessage("4");
        assertThat(shop.containsKey(key("tea"))).isFalse();
    }

    @Test
    void removeAllRemovesAll() {
        Shop.Prices prices = start(Shop.Prices.class);
        prices.price("tea");
        prices.price("milk");
        prices.elsewhere("tea");
        prices.removeAll();
        assertThat(shop.iterator().hasNext()).isFalse();
        assertThat(other.containsKey(key("tea"))).isTrue();
    }

    @Test
    void removeAllBeforeTheCallAndForExceptions() {
        Shop.Prices prices = start(Shop.Prices.class);
        prices.price("tea");
        assertThat(thrownBy(() -> prices.removeAllFor(new IllegalStateException("1"))))
                .hasMessage("1");
        assertThat(shop.containsKey(key("tea"))).isTrue();
        assertThat(thrownBy(() -> prices.removeAllFor(new IOException("2")))).hasMessage("2");
        assertThat(shop.containsKey(key("tea"))).isFalse();
        prices.price("tea");
        assertThat(thrownBy(prices::removeAllFirst)).isInstanceOf(IOException.class);
        assertThat(shop.containsKey(key("tea"))).isFalse();
    }

    // Classes

    @Test
    void anAnnotationOfTheClassIsForItsPublicMethodsWithoutTheirOwn() {
        Shop.WholeClass whole = start(Shop.WholeClass.class);
        assertThat(whole.first("a")).isEqualTo("a1");
        assertThat(whole.second("a")).isEqualTo("a1");
        whole.remove("a");
        assertThat(whole.second("a")).isEqualTo("a2");
        whole.reset();
        assertThat(whole.first("b")).isEqualTo("b1");
    }

    @Test
    void eachSubclassBringsItsDefaults() {
        Shop.Derived derived = start(Shop.Derived.class, Shop.OtherDerived.class);
        Shop.OtherDerived otherDerived =
                started.get(0).select(Shop.OtherDerived.class).get();
        assertThat(derived.inherited("a")).isEqualTo("a1");
        assertThat(derived.inherited("a")).isEqualTo("a1");
        assertThat(otherDerived.inherited("b")).isEqualTo("b1");
        assertThat(shop.containsKey(key("a"))).isTrue();
        assertThat(shop.containsKey(key("b"))).isFalse();
        assertThat(other.containsKey(key("b"))).isTrue();
    }

    // Generators, resolvers, contexts

    @Test
    void keyGeneratorsAreBeansOrPlainClasses() {
        Shop.BeanGenerator.CONTEXTS.clear();
        Shop.Custom custom = start(Shop.Custom.class, Shop.BeanGenerator.class);
        assertThat(custom.plainGenerator("a")).isEqualTo("a1");
        assertThat(custom.plainGenerator("b")).isEqualTo("a1");
        assertThat(custom.beanGenerator("c", 1)).isEqualTo("c2");
        assertThat(shop.containsKey(key("bean false"))).isTrue();

        CacheKeyInvocationContext<?> context = Shop.BeanGenerator.CONTEXTS.get(0);
        assertThat(context.getMethod().getName()).isEqualTo("beanGenerator");
        assertThat(context.getCacheName()).isEqualTo("shop");
        assertThat(context.getCacheAnnotation()).isInstanceOf(CacheResult.class);
        assertThat(context.getAnnotations()).contains(context.getCacheAnnotation());
        assertThat(context.getTarget()).isInstanceOf(Shop.Custom.class);
        assertThat(context.getAllParameters()).hasSize(2);
        assertThat(context.getAllParameters()[0].getValue()).isEqualTo("c");
        assertThat(context.getKeyParameters()).hasSize(1);
        CacheInvocationParameter number = context.getKeyParameters()[0];
        assertThat(number.getRawType()).isEqualTo(int.class);
        assertThat(number.getValue()).isEqualTo(1);
        assertThat(number.getParameterPosition()).isEqualTo(1);
        assertThat(number.getAnnotations()).hasSize(1);
        assertThat(context.getValueParameter()).isNull();
        assertThat(context.unwrap(CacheKeyInvocationContext.class)).isSameAs(context);
        assertThatThrownBy(() -> context.unwrap(String.class)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theContextOfAPutHasTheValue() {
        Shop.BeanGenerator.CONTEXTS.clear();
        Shop.Custom custom = start(Shop.Custom.class, Shop.BeanGenerator.class);
        custom.put("a", 1, "v");
        CacheKeyInvocationContext<?> context = Shop.BeanGenerator.CONTEXTS.get(0);
        assertThat(context.getCacheAnnotation()).isInstanceOf(CachePut.class);
        assertThat(context.getKeyParameters()).hasSize(2);
        assertThat(context.getValueParameter().getValue()).isEqualTo("v");
        assertThat(context.getValueParameter().getAnnotations()).singleElement().isInstanceOf(CacheValue.class);
    }

    @Test
    void resolverFactoriesAreBeansOrPlainClassesAndAskedOnce() {
        Shop.PlainResolvers.ASKED.clear();
        Shop.To.manager = manager;
        Shop.Custom custom = start(Shop.Custom.class, Shop.BeanResolvers.class);
        assertThat(custom.plainResolver("a")).isEqualTo("a1");
        assertThat(custom.plainResolver("a")).isEqualTo("a1");
        assertThat(Shop.PlainResolvers.ASKED).hasSize(2);
        CacheMethodDetails<?> details = Shop.PlainResolvers.ASKED.get(0);
        assertThat(details.getMethod().getName()).isEqualTo("plainResolver");
        assertThat(details.getCacheName()).isEqualTo(Shop.Custom.class.getName() + ".plainResolver(java.lang.String)");
        Shop.To.manager = null;
        assertThat(custom.beanResolver("b")).isEqualTo("b2");
        assertThat(manager.<Object, Object>getCache("resolved").get(key("b"))).isEqualTo("b2");
    }

    @Test
    void defaultsOfTheClassNameGeneratorAndResolver() {
        Shop.CustomByDefault custom = start(Shop.CustomByDefault.class, Shop.BeanResolvers.class);
        assertThat(custom.get(Thread.currentThread())).isEqualTo("got 1");
        assertThat(manager.<Object, Object>getCache("resolved").get(key("plain")))
                .isEqualTo("got 1");
        custom.removeAll();
        assertThat(custom.get(null)).isEqualTo("got 2");
    }

    @Test
    void whatReturnsNullIsNamed() {
        Shop.Custom custom = start(Shop.Custom.class);
        assertThatThrownBy(() -> custom.nullGenerator("a"))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("Custom.nullGenerator(", "generateCacheKey", "NullGenerator");
        assertThatThrownBy(() -> custom.nullResolver("a"))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("Custom.nullResolver(", "getCacheResolver", "NullResolvers");
    }

    @Test
    void aClassThatCannotBeMadeIsNamed() {
        Shop.Custom custom = start(Shop.Custom.class);
        assertThatThrownBy(() -> custom.beanGenerator("a", 1))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("BeanGenerator, which an annotation names");
    }

    // Asynchronous results

    @Test
    void aStageIsCachedByItsValue() throws Exception {
        Shop.Later later = start(Shop.Later.class);
        CompletionStage<String> first = later.stage("k");
        assertThat(shop.containsKey(key("k"))).isFalse();
        later.last().complete("v");
        assertThat(first.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo("v");
        assertThat(shop.get(key("k"))).isEqualTo("v");
        assertThat(later.completable("k").get(20, TimeUnit.SECONDS)).isEqualTo("v");
        assertThat(later.calls()).isEqualTo(1);
    }

    @Test
    void aFailedStageIsNotCached() {
        Shop.Later later = start(Shop.Later.class);
        CompletableFuture<String> first = later.completable("k");
        later.last().completeExceptionally(new IOException("failed"));
        assertThat(first).failsWithin(SOON).withThrowableThat().withMessageContaining("failed");
        assertThat(shop.iterator().hasNext()).isFalse();
        later.stage("k");
        assertThat(later.calls()).isEqualTo(2);
    }

    @Test
    void aStageOfNullIsNotCached() {
        Shop.Later later = start(Shop.Later.class);
        CompletableFuture<String> first = later.completable("k");
        later.last().complete(null);
        assertThat(first).succeedsWithin(SOON).isNull();
        assertThat(shop.iterator().hasNext()).isFalse();
        assertThat(later.none("k")).isNull();
    }

    @Test
    void aFutureIsCachedWhenItsCallerHasTheValue() throws Exception {
        Shop.Later later = start(Shop.Later.class);
        Future<String> first = later.future("k");
        later.last().complete("v");
        assertThat(first.get()).isEqualTo("v");
        assertThat(shop.get(key("k"))).isEqualTo("v");
        assertThat(later.future("k").get()).isEqualTo("v");
        assertThat(later.calls()).isEqualTo(1);
    }

    @Test
    void aFutureIsCachedThoughNobodyAsksForIt() {
        Shop.Later later = start(Shop.Later.class);
        later.future("k");
        assertThat(shop.containsKey(key("k"))).isFalse();
        later.last().complete("v");
        Awaitility.await().atMost(SOON).until(() -> "v".equals(shop.get(key("k"))));
    }

    @Test
    void aFailedFutureIsNotCached() {
        Shop.Later later = start(Shop.Later.class);
        Future<String> first = later.future("k");
        later.last().completeExceptionally(new UncheckedIOException(new IOException("failed")));
        assertThatThrownBy(first::get).hasMessageContaining("failed");
        assertThat(shop.iterator().hasNext()).isFalse();
    }

    @Test
    void anAsynchronousMethodHasReturnedWhenItsResultIsThere() {
        Shop.Later later = start(Shop.Later.class);
        shop.put(key("k"), "old");
        CompletionStage<String> removal = later.remove("k");
        assertThat(shop.containsKey(key("k"))).isTrue();
        later.last().complete("");
        assertThat(removal.toCompletableFuture()).succeedsWithin(SOON);
        assertThat(shop.containsKey(key("k"))).isFalse();

        later.put("a", "v");
        later.last().completeExceptionally(new IllegalStateException());
        assertThat(shop.containsKey(key("a"))).isFalse();
        later.put("a", "v");
        later.last().completeExceptionally(new FileNotFoundException());
        assertThat(shop.get(key("a"))).isEqualTo("v");
    }
}
