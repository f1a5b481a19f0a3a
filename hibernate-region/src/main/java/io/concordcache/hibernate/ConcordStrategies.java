package io.concordcache.hibernate;

import java.util.List;
import org.hibernate.boot.registry.selector.SimpleStrategyRegistrationImpl;
import org.hibernate.boot.registry.selector.StrategyRegistration;
import org.hibernate.boot.registry.selector.StrategyRegistrationProvider;
import org.hibernate.cache.spi.RegionFactory;

/** The short name {@code concord}; found by {@code ServiceLoader}. */
public final class ConcordStrategies implements StrategyRegistrationProvider {
    /** For {@code ServiceLoader}. */
    public ConcordStrategies() {}

    @Override
    public Iterable<StrategyRegistration<?>> getStrategyRegistrations() {
        return List.of(new SimpleStrategyRegistrationImpl<>(
                RegionFactory.class,
                ConcordRegionFactory.class,
                "concord",
                ConcordRegionFactory.class.getSimpleName(),
                ConcordRegionFactory.class.getName()));
    }
}
