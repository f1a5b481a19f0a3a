package io.concordcache.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.jcache.ConcordCachingProvider;
import io.concordcache.raft.store.StoreHolder;
import io.opentelemetry.api.GlobalOpenTelemetry;
import javax.cache.CacheManager;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a store finds by itself. */
@Timeout(120)
class GlobalTracingTest {
    private final Recorded recorded = Recorded.all();
    private final ConcordCachingProvider provider = new ConcordCachingProvider();

    @AfterEach
    void end() {
        provider.close();
        recorded.close();
        GlobalOpenTelemetry.resetForTest();
    }

    @Test
    void aStoreTellsTheOpenTelemetryOfTheProcess() {
        GlobalOpenTelemetry.set(recorded.openTelemetry());
        CacheManager manager = provider.getCacheManager();
        manager.createCache("orders", new MutableConfiguration<String, String>())
                .put("a", "1");
        assertThat(recorded.one("cache.put").getAttributes().get(ConcordTracing.COLLECTION))
                .isEqualTo("orders");
    }

    /** Asked too early, the API would settle for one that does nothing, and refuse what the application sets later. */
    @Test
    void aStoreSetsNoneByLookingForOne() {
        CacheManager manager = provider.getCacheManager();
        assertThat(manager.unwrap(StoreHolder.class).store().tracing()).isNull();
        GlobalOpenTelemetry.set(recorded.openTelemetry());
        assertThat(GlobalOpenTelemetry.isSet()).isTrue();
    }
}
