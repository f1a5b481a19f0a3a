package io.concordcache.annotations.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.annotations.ComputeOnce;
import io.concordcache.annotations.MethodKey;
import io.concordcache.jcache.ConcordCachingProvider;
import io.concordcache.raft.store.StoreHolder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.se.SeContainer;
import java.io.Serializable;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.annotation.CacheKey;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.GeneratedCacheKey;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over a provider that keeps bytes, and admits no class that is not declared. */
class ConcordTest {
    private final ConcordCachingProvider provider = new ConcordCachingProvider();
    private CacheManager manager;
    private SeContainer container;
    private Orders orders;

    public static class Order implements Serializable {
        final String id;
        final List<String> lines;

        Order(String id, List<String> lines) {
            this.id = id;
            this.lines = lines;
        }
    }

    record Line(String item, int count) {}

    @ApplicationScoped
    public static class Orders {
        final AtomicInteger calls = new AtomicInteger();

        public int calls() {
            return calls.get();
        }

        @CacheResult
        public Order order(String id) {
            calls.incrementAndGet();
            return new Order(id, List.of("tea", "milk"));
        }

        @CacheResult(cacheName = "lines")
        public Line line(String order, Set<Integer> numbers) {
            return new Line(order, calls.incrementAndGet());
        }

        @CacheRemove(cacheName = "lines")
        public void removeLine(@CacheKey String order, @CacheKey Set<Integer> numbers, Object why) {}

        @CacheResult
        public Thread unserializable(String id) {
            return Thread.currentThread();
        }

        @CacheResult
        @ComputeOnce(scope = ComputeOnce.Scope.CLUSTER)
        public String locked(String id) {
            return id + calls.incrementAndGet();
        }
    }

    @ApplicationScoped
    public static class Proxied {
        @Produces
        @ApplicationScoped
        CacheManager manager() {
            return Managers.current();
        }
    }

    @BeforeEach
    void start() {
        manager = provider.getCacheManager();
        manager.createCache(
                "lines",
                new MutableConfiguration<GeneratedCacheKey, Line>().setTypes(GeneratedCacheKey.class, Line.class));
        Managers.use(manager);
        container = Container.WELD.start(Orders.class, Managers.class);
        orders = container.select(Orders.class).get();
    }

    @AfterEach
    void close() {
        container.close();
        provider.close();
    }

    @Test
    void aCacheThatIsCreatedKnowsTheClassOfTheResults() {
        assertThat(orders.order("1").lines).containsExactly("tea", "milk");
        assertThat(orders.order("1").id).isEqualTo("1");
        assertThat(orders.calls()).isEqualTo(1);
        assertThat(manager.<Object, Order>getCache(Orders.class.getName() + ".order(java.lang.String)")
                        .get(MethodKey.of("1"))
                        .id)
                .isEqualTo("1");
    }

    /** The container answers with its proxy where the manager returns itself. */
    @Test
    void theStoreOfAManagerIsReachedThroughItsProxy() {
        try (SeContainer other = Container.WELD.start(Proxied.class)) {
            CacheManager proxy = other.select(CacheManager.class).get();
            assertThat(proxy).isNotInstanceOf(StoreHolder.class);
            assertThat(proxy.unwrap(StoreHolder.class).store().cache("lines")).isNotNull();
        }
    }

    @Test
    void aSetIsTheSameKeyInWhateverOrder() {
        Line first = orders.line("1", new java.util.LinkedHashSet<>(List.of(1, 2, 1000)));
        assertThat(orders.line("1", new java.util.LinkedHashSet<>(List.of(1000, 2, 1))))
                .isEqualTo(first);
        orders.removeLine("1", new java.util.TreeSet<>(Set.of(1, 2, 1000)), new Object());
        assertThat(orders.line("1", Set.of(1, 2, 1000))).isNotEqualTo(first);
    }

    @Test
    void aResultThatIsNotSerializableIsNamed() {
        assertThatThrownBy(() -> orders.unserializable("1"))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("Orders.unserializable(java.lang.String): its result, of class java.lang.Thread");
    }

    @Test
    void theLockOfTheClusterIsAnEntryOfConcord() {
        assertThat(orders.locked("a")).isEqualTo("a1");
        assertThat(orders.locked("a")).isEqualTo("a1");
        assertThat(manager.getCache(Orders.class.getName() + ".locked(java.lang.String).locks-30000"))
                .isNotNull();
    }

    /** As where there is one provider on the class path, and no bean. */
    @Test
    void withoutABeanThereIsTheDefaultManager() {
        System.setProperty(Caching.JAVAX_CACHE_CACHING_PROVIDER, ConcordCachingProvider.class.getName());
        try (SeContainer plain = Container.WELD.start(Orders.class)) {
            assertThat(plain.select(Orders.class).get().order("2").id).isEqualTo("2");
            CacheManager standard = Caching.getCachingProvider().getCacheManager();
            assertThat(standard.getCache(Orders.class.getName() + ".order(java.lang.String)"))
                    .isNotNull();
            standard.getCachingProvider().close();
        } finally {
            System.clearProperty(Caching.JAVAX_CACHE_CACHING_PROVIDER);
        }
    }
}
