package io.concordcache.hibernate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Expiry;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.hibernate.cache.CacheException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegionSettingsTest {
    private static RegionSettings of(String key, Object value) {
        return RegionSettings.of(Map.of(RegionSettings.PREFIX + key, value));
    }

    @Test
    void nothingNeedsToBeSet() {
        RegionSettings settings = RegionSettings.of(Map.of("hibernate.show_sql", "true"));
        assertThat(settings.uri()).isEqualTo(URI.create("concord:local"));
        assertThat(settings.onUnavailable()).isEqualTo(FailurePolicy.FAIL);
        assertThat(settings.lockTimeout()).isEqualTo(Duration.ofSeconds(60));
        CacheDefinition definition = settings.definition("c", "q", "n", RegionSettings.Kind.ENTITY);
        assertThat(definition.maxEntries()).isEqualTo(10_000);
        assertThat(definition.expiry().onCreation()).isEqualTo(Expiry.ETERNAL);
    }

    @Test
    void theMoreParticularValueCounts() {
        RegionSettings settings = RegionSettings.of(Map.of(
                RegionSettings.PREFIX + "max-entries", "1",
                RegionSettings.PREFIX + "entity.max-entries", "2",
                RegionSettings.PREFIX + "com.acme.Order.max-entries", "3",
                RegionSettings.PREFIX + "shop.com.acme.Order.max-entries", "unlimited",
                RegionSettings.PREFIX + "com.acme.Order.time-to-live", "30m"));
        assertThat(entries(settings, "x", "y", RegionSettings.Kind.QUERY)).isEqualTo(1);
        assertThat(entries(settings, "x", "y", RegionSettings.Kind.ENTITY)).isEqualTo(2);
        assertThat(entries(settings, "x.com.acme.Order", "com.acme.Order", RegionSettings.Kind.ENTITY))
                .isEqualTo(3);
        assertThat(entries(settings, "shop.com.acme.Order", "com.acme.Order", RegionSettings.Kind.ENTITY))
                .isEqualTo(CacheDefinition.UNBOUNDED);
        assertThat(settings.timeToLive("x", "com.acme.Order", RegionSettings.Kind.ENTITY))
                .isEqualTo(Duration.ofMinutes(30));
    }

    private static long entries(RegionSettings settings, String qualified, String name, RegionSettings.Kind kind) {
        return settings.definition("c", qualified, name, kind).maxEntries();
    }

    @Test
    void timestampsNeverEndAndAreNeverEvicted() {
        RegionSettings settings = RegionSettings.of(
                Map.of(RegionSettings.PREFIX + "time-to-live", "1s", RegionSettings.PREFIX + "max-entries", "5"));
        CacheDefinition definition = settings.definition("c", "t", "t", RegionSettings.Kind.TIMESTAMPS);
        assertThat(definition.isBounded()).isFalse();
        assertThat(definition.expiry().onCreation()).isEqualTo(Expiry.ETERNAL);
    }

    @ParameterizedTest
    @CsvSource({
        "lock-timeout, 1ms, 1s to 1h",
        "lock-timeout, soon, 1s to 1h",
        "on-unavailable, hope, fail or outbox or degrade",
        "missing-region, maybe, create or create-warn or fail",
        "transactional, xa, read-write or reject",
        "entity.max-entries, 0, a number from 1",
        "a.b.max-entries, many, a number from 1",
        "near-cache-max-entries, -1, a number from 0",
        "a.b.time-to-live, later, a time such as 30m",
        "uri, 'a b', a URI such as concord:local"
    })
    void whatIsWrongIsNamed(String key, String value, String takes) {
        assertThatThrownBy(() -> of(key, value))
                .isInstanceOf(CacheException.class)
                .hasMessage(RegionSettings.PREFIX + key + " is '" + value + "'; it takes " + takes);
    }

    @Test
    void whatIsUnknownIsRefused() {
        assertThatThrownBy(() -> of("urri", "concord:local"))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("unknown setting hibernate.cache.concord.urri")
                .hasMessageContaining("known are uri, store");
        assertThatThrownBy(() -> of("store", "x"))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("CacheStore");
    }
}
