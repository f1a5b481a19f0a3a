package io.concordcache.annotations.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.annotations.ComputeOnce;
import io.concordcache.annotations.EqualsKeyGenerator;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.se.SeContainer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.annotation.CacheDefaults;
import javax.cache.annotation.CacheKey;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheRemoveAll;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.CacheValue;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong is refused when the container starts, or at the call, and says so. */
class BadInputTest {
    private final List<SeContainer> started = new ArrayList<>();
    private CacheManager manager;

    @BeforeEach
    void openManager() {
        manager = Managers.fresh();
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
        SeContainer container = Container.WELD.start(beans.toArray(new Class<?>[0]));
        started.add(container);
        return container.select(bean).get();
    }

    // At deployment

    @ApplicationScoped
    public static class Two {
        @CacheResult
        @CacheRemove
        public String method(String key) {
            return key;
        }
    }

    @ApplicationScoped
    public static class Private {
        @CacheResult
        private String method(String key) {
            return key;
        }

        public String caller(String key) {
            return method(key);
        }
    }

    @ApplicationScoped
    public static class Static {
        @CacheRemoveAll
        public static void method() {}
    }

    @ApplicationScoped
    public static class ReturnsNothing {
        @CacheResult
        public void method(String key) {}
    }

    @ApplicationScoped
    public static class ListsWithoutCache {
        @CacheResult(cachedExceptions = IOException.class)
        public String method(String key) {
            return key;
        }
    }

    @ApplicationScoped
    public static class NoValue {
        @CachePut
        public void method(String key, String value) {}
    }

    @ApplicationScoped
    public static class TwoValues {
        @CachePut
        public void method(@CacheValue String key, @CacheValue String value) {}
    }

    @ApplicationScoped
    public static class ValueOfResult {
        @CacheResult
        public String method(String key, @CacheValue String value) {
            return key;
        }
    }

    @ApplicationScoped
    public static class KeyAndValue {
        @CachePut
        public void method(@CacheKey @CacheValue String both) {}
    }

    @ApplicationScoped
    public static class KeyOfRemoveAll {
        @CacheRemoveAll
        public void method(@CacheKey String key) {}
    }

    @ApplicationScoped
    public static class KeyOfNothing {
        public void method(@CacheKey String key) {}
    }

    @ApplicationScoped
    public static class ListsBefore {
        @CacheRemove(afterInvocation = false, evictFor = IOException.class)
        public void method(String key) {}
    }

    @ApplicationScoped
    public static class PutListsBefore {
        @CachePut(afterInvocation = false, noCacheFor = IOException.class)
        public void method(String key, @CacheValue String value) {}
    }

    @ApplicationScoped
    public static class UnstableKey {
        @CacheResult
        public String method(InputStream stream) {
            return "";
        }
    }

    public static class Customer implements Serializable {
        private final String name;

        Customer(String name) {
            this.name = name;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Customer customer && name.equals(customer.name);
        }

        @Override
        public int hashCode() {
            return Objects.hash(name);
        }
    }

    @ApplicationScoped
    public static class UnstableCustomer {
        @CacheResult
        public String method(String key, Customer customer) {
            return "";
        }
    }

    @ApplicationScoped
    public static class StrangeFuture {
        @CacheResult
        public FutureTask<String> method(String key) {
            return null;
        }
    }

    @ApplicationScoped
    public static class AsynchronousExceptions {
        @CacheResult(exceptionCacheName = "failures")
        public CompletionStage<String> method(String key) {
            return null;
        }
    }

    @ApplicationScoped
    public static class OnceOfRemove {
        @CacheRemove
        @ComputeOnce
        public void method(String key) {}
    }

    @ApplicationScoped
    public static class OnceAlone {
        @ComputeOnce
        public String method(String key) {
            return key;
        }
    }

    @ApplicationScoped
    public static class OnceWithoutGet {
        @CacheResult(skipGet = true)
        @ComputeOnce
        public String method(String key) {
            return key;
        }
    }

    @ApplicationScoped
    public static class OnceWithoutDeadline {
        @CacheResult
        @ComputeOnce(deadlineMillis = 0)
        public String method(String key) {
            return key;
        }
    }

    @ApplicationScoped
    public static class OnceOfFuture {
        @CacheResult
        @ComputeOnce
        public Future<String> method(String key) {
            return null;
        }
    }

    @ApplicationScoped
    public static class OnceOfStageInTheCluster {
        @CacheResult
        @ComputeOnce(scope = ComputeOnce.Scope.CLUSTER)
        public CompletionStage<String> method(String key) {
            return null;
        }
    }

    @ApplicationScoped
    @CacheResult
    @CacheRemove
    public static class TwoOfClass {
        public String method(String key) {
            return key;
        }
    }

    @ApplicationScoped
    @CachePut
    public static class OfClassForNoMethod {
        public String method(String key) {
            return key;
        }
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(Two.class, "has @CacheResult and @CacheRemove"),
                Arguments.of(Private.class, "is private"),
                Arguments.of(Static.class, "is static"),
                Arguments.of(ReturnsNothing.class, "returns nothing that @CacheResult could cache"),
                Arguments.of(ListsWithoutCache.class, "without an exceptionCacheName"),
                Arguments.of(NoValue.class, "@CachePut needs one parameter marked @CacheValue"),
                Arguments.of(TwoValues.class, "this has 2"),
                Arguments.of(ValueOfResult.class, "parameter 2 is marked @CacheValue, which belongs to @CachePut"),
                Arguments.of(KeyAndValue.class, "parameter 1 is marked @CacheKey and @CacheValue"),
                Arguments.of(KeyOfRemoveAll.class, "@CacheRemoveAll has no key"),
                Arguments.of(KeyOfNothing.class, "has @CacheKey at a parameter, but no cache annotation"),
                Arguments.of(ListsBefore.class, "@CacheRemove with afterInvocation=false"),
                Arguments.of(PutListsBefore.class, "@CachePut with afterInvocation=false"),
                Arguments.of(UnstableKey.class, "objects of java.io.InputStream have no stable form"),
                Arguments.of(UnstableCustomer.class, "parameter 2 cannot be part of a cache key"),
                Arguments.of(StrangeFuture.class, "cannot be made of a cached value"),
                Arguments.of(AsynchronousExceptions.class, "failures of asynchronous results are never cached"),
                Arguments.of(OnceOfRemove.class, "has @ComputeOnce beside @CacheRemove"),
                Arguments.of(OnceAlone.class, "has @ComputeOnce, but no @CacheResult"),
                Arguments.of(OnceWithoutGet.class, "has @ComputeOnce beside skipGet"),
                Arguments.of(OnceWithoutDeadline.class, "must be above 0"),
                Arguments.of(OnceOfFuture.class, "cannot wait for a Future"),
                Arguments.of(OnceOfStageInTheCluster.class, "would block the caller"),
                Arguments.of(TwoOfClass.class, "the class has @CacheResult and @CacheRemove"),
                Arguments.of(OfClassForNoMethod.class, "@CachePut of the class is about no method"));
    }

    /** The message, and those of its causes: containers wrap it as they like. */
    private static String messages(Throwable thrown) {
        StringBuilder messages = new StringBuilder();
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            messages.append(each).append('\n');
            for (Throwable beside : each.getSuppressed()) {
                messages.append(messages(beside));
            }
        }
        return messages.toString();
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aWrongCombinationIsADeploymentProblem(Class<?> bean, String rule) {
        for (Container container : Container.values()) {
            assertThatThrownBy(() -> started.add(container.start(bean, Managers.class)))
                    .as("%s", container)
                    .satisfies(thrown -> {
                        assertThat(messages(thrown)).contains(rule).contains(bean.getName());
                        if (rule.indexOf("of the class") < 0 && rule.indexOf("the class has") < 0) {
                            assertThat(messages(thrown)).contains(bean.getName() + ".method(");
                        }
                    });
        }
    }

    /** What is no bean is nobody's business: no container calls it. */
    @ParameterizedTest
    @EnumSource
    void aClassThatIsNoBeanIsNotChecked(Container container) {
        started.add(container.start(Managers.class, Shop.Plain.class, Abstract.class));
        assertThat(started).hasSize(1);
    }

    public abstract static class Abstract {
        @CacheResult
        public void method(String key) {}
    }

    public interface Api {
        @CacheResult
        String method(String key);
    }

    @ApplicationScoped
    public static class Implementation implements Api {
        @Override
        public String method(String key) {
            return key;
        }
    }

    @ApplicationScoped
    public static class Repeating implements Api {
        @Override
        @CacheResult
        public String method(String key) {
            return key;
        }
    }

    @Test
    void anAnnotationOfAnInterfaceIsWarnedOf() {
        assertThat(ReflectedClass.ignored(Implementation.class))
                .singleElement()
                .satisfies(warning -> assertThat(warning)
                        .contains(Api.class.getName() + ".method(java.lang.String): @CacheResult of an interface")
                        .contains(Implementation.class.getName()));
        assertThat(ReflectedClass.ignored(Repeating.class)).isEmpty();
    }

    // At the call

    @ApplicationScoped
    @CacheDefaults(cacheName = "unknown")
    public static class Unknown {
        @CacheResult
        public String get(String key) {
            return key;
        }

        @CacheRemove
        public void remove(String key) {}

        @CacheResult(cacheName = "shop", exceptionCacheName = "unknown-failures")
        public String failing(String key) {
            throw new IllegalStateException();
        }
    }

    @Test
    void anUnknownCacheIsNamed() {
        manager.createCache("shop", new MutableConfiguration<>());
        Unknown unknown = start(Unknown.class);
        assertThatThrownBy(() -> unknown.get("k"))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining(
                        Unknown.class.getName() + ".get(java.lang.String): there is no cache 'unknown'",
                        "cacheResolverFactory",
                        "jcache.annotations.create-caches=all");
        assertThatThrownBy(() -> unknown.remove("k")).hasMessageContaining("there is no cache 'unknown'");
        assertThatThrownBy(() -> unknown.failing("k")).hasMessageContaining("there is no cache 'unknown-failures'");
        manager.createCache("unknown", new MutableConfiguration<>());
        assertThat(unknown.get("k")).isEqualTo("k");
    }

    @Test
    void anUnknownCacheIsCreatedIfTheSettingsSaySo() {
        Unknown unknown = start(Unknown.class, Managers.CreatingAll.class);
        unknown.remove("k");
        assertThat(unknown.get("k")).isEqualTo("k");
        assertThat(manager.getCache("unknown").iterator().hasNext()).isTrue();
    }

    @ApplicationScoped
    public static class Unserializable {
        public static class Result {}

        @CacheResult
        public Object get(String key) {
            return new Result();
        }

        @CacheResult
        public Object stage(String key) {
            return new java.util.concurrent.CompletableFuture<String>();
        }
    }

    @Test
    void aResultThatIsNotSerializableIsNamed() {
        Unserializable unserializable = start(Unserializable.class);
        assertThatThrownBy(() -> unserializable.get("k"))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining(
                        Unserializable.class.getName() + ".get(java.lang.String): its result, of class "
                                + Unserializable.Result.class.getTypeName(),
                        "java.io.Serializable");
        assertThatThrownBy(() -> unserializable.stage("k")).hasMessageContaining("declare CompletionStage");
    }

    @ApplicationScoped
    public static class Anything {
        @CacheResult
        public String get(String text, Object any) {
            return text;
        }

        @CacheResult(cacheKeyGenerator = EqualsKeyGenerator.class)
        public String of(Customer customer, Object any) {
            return customer.name + System.nanoTime();
        }
    }

    @Test
    void aParameterWithoutAStableFormIsNamedAtTheCall() {
        Anything anything = start(Anything.class);
        assertThat(anything.get("a", List.of("b"))).isEqualTo("a");
        assertThatThrownBy(() -> anything.get("a", new Customer("b")))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining(
                        Anything.class.getName() + ".get(java.lang.String,java.lang.Object): parameter 2",
                        Customer.class.getTypeName() + " have no stable form",
                        "EqualsKeyGenerator");
    }

    @Test
    void theOtherGeneratorTakesWhateverHasEquals() {
        Anything anything = start(Anything.class);
        assertThat(anything.of(new Customer("a"), null)).isEqualTo(anything.of(new Customer("a"), null));
        assertThat(anything.of(new Customer("a"), null)).isNotEqualTo(anything.of(new Customer("b"), null));
        assertThat(anything.of(new Customer("a"), new int[] {1}))
                .isEqualTo(anything.of(new Customer("a"), new int[] {1}));
        assertThatThrownBy(() -> anything.of(new Customer("a"), new Object()))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("parameter 2", "does not implement java.io.Serializable");
    }
}
