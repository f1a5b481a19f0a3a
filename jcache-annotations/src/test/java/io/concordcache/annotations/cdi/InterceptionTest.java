package io.concordcache.annotations.cdi;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.SessionScoped;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.InterceptionType;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InterceptorBinding;
import jakarta.interceptor.InvocationContext;
import java.io.Serializable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.cache.CacheManager;
import javax.cache.annotation.CacheResult;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands around a call, and how often. */
class InterceptionTest {
    private CacheManager manager;

    @BeforeEach
    void openManager() {
        manager = Managers.fresh();
        manager.createCache("shop", new MutableConfiguration<>());
        Managers.use(manager);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @InterceptorBinding
    @Retention(RetentionPolicy.RUNTIME)
    public @interface Outer {}

    @InterceptorBinding
    @Retention(RetentionPolicy.RUNTIME)
    public @interface Inner {}

    static final List<String> SEEN = new CopyOnWriteArrayList<>();

    @Outer
    @Interceptor
    @Priority(Interceptor.Priority.PLATFORM_BEFORE + 200)
    public static class OuterInterceptor {
        @AroundInvoke
        public Object call(InvocationContext context) throws Exception {
            SEEN.add("outer");
            return context.proceed();
        }
    }

    @Inner
    @Interceptor
    @Priority(Interceptor.Priority.APPLICATION)
    public static class InnerInterceptor {
        @AroundInvoke
        public Object call(InvocationContext context) throws Exception {
            SEEN.add("inner");
            return context.proceed();
        }
    }

    public interface Source<T> {
        T get(T key);
    }

    /** The compiler adds a bridge {@code Object get(Object)}, with the annotations of the method. */
    @ApplicationScoped
    public static class Bridged implements Source<String> {
        @Override
        @Outer
        @Inner
        @CacheResult(cacheName = "shop", skipGet = true)
        public String get(String key) {
            SEEN.add("method");
            return key;
        }

        @Outer
        @Inner
        @CacheResult(cacheName = "shop")
        public String cached(String key) {
            SEEN.add("method");
            return key;
        }
    }

    /** Of a scope whose beans are passivated: interceptors must be serializable then. */
    @SessionScoped
    public static class OfSession implements Serializable {
        private static final long serialVersionUID = 1;

        @CacheResult(cacheName = "shop")
        public String get(String key) {
            return key;
        }
    }

    @ParameterizedTest
    @EnumSource
    void itStandsInsideThePlatformAndOutsideTheApplicationOnce(Container container) {
        SEEN.clear();
        try (SeContainer started = container.start(
                Bridged.class, Managers.class, OuterInterceptor.class, InnerInterceptor.class, OfSession.class)) {
            BeanManager beans = started.getBeanManager();
            assertThat(beans.resolveInterceptors(InterceptionType.AROUND_INVOKE, CacheIntercepted.Literal.INSTANCE))
                    .hasSize(1);
            Bridged bridged = started.select(Bridged.class).get();
            Source<String> source = bridged;
            assertThat(source.get("a")).isEqualTo("a");
            assertThat(SEEN).containsExactly("outer", "inner", "method");
            assertThat(bridged.cached("b")).isEqualTo("b");
            SEEN.clear();
            assertThat(bridged.cached("b")).isEqualTo("b");
            assertThat(SEEN).containsExactly("outer");
        }
    }
}
