package io.concordcache.annotations.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.annotations.MethodMeter;
import io.concordcache.annotations.MethodMeters;
import io.concordcache.annotations.MethodStatisticsMXBean;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.se.SeContainer;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.cache.CacheManager;
import javax.cache.annotation.CacheMethodDetails;
import javax.cache.configuration.FactoryBuilder;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    private CacheManager manager;

    @BeforeEach
    void openManager() {
        manager = Managers.fresh();
        Managers.use(manager);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static MethodStatisticsMXBean of(SeContainer container, String method) {
        return container
                .select(CacheMethodsBean.class)
                .get()
                .statistics()
                .get(Shop.Prices.class.getName() + "." + method);
    }

    @Test
    void callsAreCountedByMethod() throws Exception {
        try (SeContainer container =
                Container.WELD.start(Shop.Prices.class, Managers.class, Managers.CreatingAll.class)) {
            Shop.Prices prices = container.select(Shop.Prices.class).get();
            prices.price("tea");
            prices.price("tea");
            prices.price("milk");
            prices.nothing("water");
            prices.set("tea", "1");
            prices.remove("tea");
            prices.removeAll();

            MethodStatisticsMXBean price = of(container, "price(java.lang.String)");
            assertThat(price.getCacheName()).isEqualTo("shop");
            assertThat(price.getHits()).isEqualTo(1);
            assertThat(price.getMisses()).isEqualTo(2);
            assertThat(price.getPuts()).isEqualTo(2);
            assertThat(of(container, "nothing(java.lang.String)").getNullResults())
                    .isEqualTo(1);
            assertThat(of(container, "set(java.lang.String,java.lang.String)").getPuts())
                    .isEqualTo(1);
            assertThat(of(container, "remove(java.lang.String)").getRemovals()).isEqualTo(1);
            assertThat(of(container, "removeAll()").getRemovals()).isEqualTo(1);

            ObjectName name = new ObjectName("io.concordcache.annotations:type=CacheMethod,name="
                    + ObjectName.quote(Shop.Prices.class.getName() + ".price(java.lang.String)"));
            assertThat(ManagementFactory.getPlatformMBeanServer().getAttribute(name, "Hits"))
                    .isEqualTo(1L);
        }
        assertThat(ManagementFactory.getPlatformMBeanServer()
                        .queryNames(new ObjectName("io.concordcache.annotations:*"), null))
                .isEmpty();
    }

    public static class FailingLoader implements CacheLoader<Object, Object>, Serializable {
        @Override
        public Object load(Object key) {
            throw new CacheLoaderException("always");
        }

        @Override
        public Map<Object, Object> loadAll(Iterable<?> keys) {
            throw new CacheLoaderException("always");
        }
    }

    @Test
    void failuresOfTheCacheAreCounted() {
        try (SeContainer container =
                Container.WELD.start(Shop.Prices.class, Managers.class, Managers.CreatingAll.class)) {
            manager.createCache(
                    "numbers",
                    new MutableConfiguration<Object, Object>()
                            .setReadThrough(true)
                            .setCacheLoaderFactory(FactoryBuilder.factoryOf(FailingLoader.class)));
            Shop.Prices prices = container.select(Shop.Prices.class).get();
            assertThatThrownBy(() -> prices.number(1)).isInstanceOf(CacheLoaderException.class);
            assertThat(of(container, "number(int)").getErrors()).isEqualTo(1);
        }
    }

    @Test
    void nothingIsCountedUnlessAsked() throws Exception {
        manager.createCache("shop", new MutableConfiguration<>());
        try (SeContainer container = Container.WELD.start(Shop.Prices.class, Managers.class)) {
            container.select(Shop.Prices.class).get().price("tea");
            assertThat(container.select(CacheMethodsBean.class).get().statistics())
                    .isEmpty();
            assertThat(ManagementFactory.getPlatformMBeanServer()
                            .queryNames(new ObjectName("io.concordcache.annotations:*"), null))
                    .isEmpty();
        }
    }

    @ApplicationScoped
    public static class Meters implements MethodMeters {
        static final List<String> TOLD = new CopyOnWriteArrayList<>();

        @Override
        public MethodMeter meterOf(CacheMethodDetails<?> method) {
            String name = method.getMethod().getName();
            return new MethodMeter() {
                @Override
                public void hit() {
                    TOLD.add(name + " hit");
                }

                @Override
                public void miss() {
                    TOLD.add(name + " miss");
                }

                @Override
                public void put() {
                    TOLD.add(name + " put");
                }
            };
        }
    }

    @Test
    void aBeanCanCountInstead() {
        Meters.TOLD.clear();
        manager.createCache("shop", new MutableConfiguration<>());
        try (SeContainer container = Container.WELD.start(Shop.Prices.class, Managers.class, Meters.class)) {
            Shop.Prices prices = container.select(Shop.Prices.class).get();
            prices.price("tea");
            prices.price("tea");
        }
        assertThat(Meters.TOLD).containsExactly("price miss", "price put", "price hit");
    }
}
