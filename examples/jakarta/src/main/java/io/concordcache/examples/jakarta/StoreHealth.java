package io.concordcache.examples.jakarta;

import io.concordcache.raft.store.Health;
import io.concordcache.raft.store.StoreHolder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import javax.cache.CacheManager;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Whether the store can serve, as MicroProfile Health shows it. */
@Readiness
@ApplicationScoped
public class StoreHealth implements HealthCheck {
    @Inject
    CacheManager manager;

    @Override
    public HealthCheckResponse call() {
        Health is = Health.of(manager.unwrap(StoreHolder.class).store());
        return HealthCheckResponse.named("concord")
                .status(is.healthy())
                .withData("leader", String.valueOf(is.leader()))
                .withData("lag", is.lag())
                .build();
    }
}
