package io.concordcache.examples.spring;

import io.concordcache.metrics.ConcordMetrics;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StoreHolder;
import javax.cache.CacheManager;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Shows the store to Spring Boot's Actuator. */
@Configuration
class Monitoring {
    @Bean
    HealthIndicator concord(CacheManager manager) {
        CacheStore store = manager.unwrap(StoreHolder.class).store();
        return () -> {
            var is = io.concordcache.raft.store.Health.of(store);
            return (is.healthy() ? Health.up() : Health.down())
                    .withDetail("leader", String.valueOf(is.leader()))
                    .withDetail("lag", is.lag())
                    .withDetail("lastError", String.valueOf(is.lastError()))
                    .build();
        };
    }

    @Bean
    ConcordMetrics concordMetrics(CacheManager manager) {
        return new ConcordMetrics(manager.unwrap(StoreHolder.class).store());
    }
}
