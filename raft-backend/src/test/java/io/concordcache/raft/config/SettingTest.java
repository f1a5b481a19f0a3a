package io.concordcache.raft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.store.ReadLevel;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SettingTest {
    private static final Origin HERE = Origin.file("concord.yaml", 7);

    @Test
    void anErrorSaysKeyValuePlaceRangeAndForms() {
        RawValue raw = new RawValue("operation-timeout", "5 parsecs", HERE);
        assertThatThrownBy(() -> SettingTable.OPERATION_TIMEOUT.parse(raw))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("operation-timeout = '5 parsecs' (concord.yaml:7) is not a duration;"
                        + " allowed: 100ms to 10m; write 250ms, 30s, 5m, 2h, 1d or PT1M30S");
    }

    @Test
    void aSecretIsNeverShown() {
        Setting<Long> pin = Setting.of("pin", ValueType.count("number", 1, 10), 1L, "A number.")
                .asSecret();
        assertThat(pin.shown(new RawValue("pin", "7", HERE))).doesNotContain("7");
        assertThatThrownBy(() -> pin.parse(new RawValue("pin", "hunter2", HERE)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("concord.yaml:7")
                .hasMessageNotContaining("hunter2")
                .hasNoCause();
    }

    @Test
    void everySettingIsDocumentedAndItsDefaultIsInItsRange() {
        Stream.of(SettingTable.NODE, SettingTable.CACHE).flatMap(List::stream).forEach(setting -> {
            assertThat(setting.about()).as(setting.key()).isNotBlank();
            assertThat(setting.tooSmall().isEmpty())
                    .as(setting.key())
                    .isEqualTo(setting.tooLarge().isEmpty());
            if (setting.defaultValue() != null) {
                assertThat(setting.parse(new RawValue(setting.key(), setting.shownDefault(), HERE)))
                        .isEqualTo(setting.defaultValue());
            }
        });
    }

    @Test
    void theRecordChecksTheSameRanges() {
        CacheSettings.Near near = new CacheSettings.Near(true, 1, Duration.ofMillis(100));
        assertThatThrownBy(() -> new CacheSettings(
                        0, 1024, null, null, null, ReadLevel.LINEARIZABLE, near, Compression.OFF, 1024))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("max-entries = 0 is too small");
        assertThatThrownBy(() -> new CacheSettings.Near(true, 0, Duration.ofMillis(100)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("near-cache-max-entries = 0 is too small");
        assertThatThrownBy(() -> new CacheSettings.Near(true, 1, Duration.ofMillis(99)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("near-cache-max-staleness = 99ms is too small");
    }
}
