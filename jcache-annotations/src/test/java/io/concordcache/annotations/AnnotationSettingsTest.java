package io.concordcache.annotations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.annotations.AnnotationSettings.CreateCaches;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class AnnotationSettingsTest {
    private static AnnotationSettings from(Map<String, String> texts) {
        Properties properties = new Properties();
        properties.putAll(texts);
        return AnnotationSettings.from(properties);
    }

    @Test
    void defaults() {
        assertThat(from(Map.of("other", "x"))).isEqualTo(AnnotationSettings.DEFAULTS);
    }

    @Test
    void allCanBeSet() {
        assertThat(from(Map.of("jcache.annotations.create-caches", "all", "jcache.annotations.statistics", "true")))
                .isEqualTo(new AnnotationSettings(CreateCaches.ALL, true));
        assertThat(from(Map.of("jcache.annotations.create-caches", "none")).createCaches())
                .isEqualTo(CreateCaches.NONE);
    }

    @Test
    void unknownNamesAndValuesAreRefused() {
        assertThatThrownBy(() -> from(Map.of("jcache.annotations.create", "all")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown setting jcache.annotations.create;")
                .hasMessageContaining("jcache.annotations.create-caches");
        assertThatThrownBy(() -> from(Map.of("jcache.annotations.create-caches", "some")))
                .hasMessageContaining("'some'; it can be none, generated, all");
        assertThatThrownBy(() -> from(Map.of("jcache.annotations.statistics", "yes")))
                .hasMessageContaining("'yes'; it can be true or false");
    }
}
