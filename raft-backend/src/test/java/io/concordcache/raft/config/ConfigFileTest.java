package io.concordcache.raft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
    private static List<RawValue> parse(String yaml) {
        return ConfigFile.parse("concord.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static RawValue value(String key, String text, int line) {
        return new RawValue(key, text, Origin.file("concord.yaml", line));
    }

    @Test
    void nestedAndDottedKeysMeanTheSame() {
        assertThat(parse("""
                                # a comment
                                durability: "disk"
                                snapshot:
                                  entries: 5
                                  bytes: 1_000
                                snapshot.interval: 1m
                                caches: {default: {max-entries: 7}, users.max-bytes: 1MB}
                                caches.pkg.Class.method(java.lang.String,int).max-entries: 8
                                serialization.allow:
                                  - com.acme.Order
                                  - com.acme.model.*
                                """))
                .containsExactly(
                        value("durability", "disk", 2),
                        value("snapshot.entries", "5", 4),
                        value("snapshot.bytes", "1_000", 5),
                        value("snapshot.interval", "1m", 6),
                        value("caches.default.max-entries", "7", 7),
                        value("caches.users.max-bytes", "1MB", 7),
                        value("caches.pkg.Class.method(java.lang.String,int).max-entries", "8", 8),
                        value("serialization.allow", "com.acme.Order,com.acme.model.*", 9));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\n\n", "# only a comment\n", "---\n", "~", "{}", "\uFEFF", "caches:\n", "snapshot: {}"})
    void emptyMeansNothingSet(String yaml) {
        assertThat(parse(yaml)).isEmpty();
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments("serialization.allow: [a, b", "concord.yaml:1:27: this is not YAML"),
                arguments("durability: disk\n\tlisten: none", "concord.yaml:2:1: this is not YAML"),
                arguments("- durability", "concord.yaml:1:1: the file must hold settings"),
                arguments("durability", "concord.yaml:1:1: the file must hold settings"),
                arguments("durability: disk\n---\ndurability: fsync", "concord.yaml:2:1: a second document"),
                arguments(
                        "durability: disk\ndurability: fsync",
                        "concord.yaml:2:1: the key 'durability' stands also in line 1"),
                arguments("caches:\ncaches:", "concord.yaml:2:1: the key 'caches' stands also in line 1"),
                arguments(
                        "snapshot.entries: 5\nsnapshot:\n  entries: 6",
                        "concord.yaml:3:3: snapshot.entries is given also at concord.yaml:1"),
                arguments("a: &x 1", "concord.yaml:1:4: anchors and aliases are not allowed ('x')"),
                arguments("a: *x", "concord.yaml:1:4: anchors and aliases"),
                arguments("&x a: 1", "concord.yaml:1:1: anchors and aliases"),
                arguments("&x {a: 1}", "concord.yaml:1:1: anchors and aliases"),
                arguments("a: !!javax.script.ScriptEngineManager []", "concord.yaml:1:4: tags are not allowed"),
                arguments("a: !!str 5", "concord.yaml:1:4: tags are not allowed"),
                arguments("[a]: 5", "concord.yaml:1:1: a key must be plain text"),
                arguments("directory:", "concord.yaml:1:1: directory has no value"),
                arguments("directory: ~", "concord.yaml:1:1: directory has no value"),
                arguments("durability: [disk]", "concord.yaml:1:1: durability takes one value, but here is a list"),
                arguments("durability: {}", "concord.yaml:1:1: durability takes a value, but here is a section"),
                arguments("serialization.allow: [[a]]", "an item of the list serialization.allow must be plain text"),
                arguments("durabilty:", "unknown setting 'durabilty' (concord.yaml:1); did you mean 'durability'?"),
                arguments("durabilty: []", "unknown setting 'durabilty' (concord.yaml:1); did you mean 'durability'?"),
                arguments("snapshots: {}", "unknown setting 'snapshots' (concord.yaml:1)"),
                arguments("caches.users.max-entrys:", "did you mean 'caches.users.max-entries'?"),
                arguments("x: " + "{a: ".repeat(40) + "1" + "}".repeat(40), "nested too deeply"),
                arguments("a: \u0000", "concord.yaml"));
    }

    @ParameterizedTest
    @MethodSource
    @DisplayName("Rows 42 and 43: tags, anchors, typing errors and what else is no configuration")
    void wrong(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesOtherEncodings() {
        assertThatThrownBy(() -> ConfigFile.parse("concord.yaml", "a: ü".getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("concord.yaml is not UTF-8");
    }

    @Test
    @DisplayName("Row 42: a file too large to be a configuration")
    void refusesWhatIsTooLargeToBeAConfiguration() {
        assertThatThrownBy(() -> ConfigFile.parse("concord.yaml", new byte[(1 << 20) + 1]))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("larger than 1MB");
    }

    @Test
    @DisplayName("Row 42: nesting without end")
    void survivesDeepNesting() {
        assertThatThrownBy(() -> parse("x: " + "[".repeat(500_000))).isInstanceOf(ConfigurationException.class);
        assertThatThrownBy(() -> parse("{a: ".repeat(100_000))).isInstanceOf(ConfigurationException.class);
    }

    @Property(tries = 500)
    void anyTextIsReadOrRefused(@ForAll String text) {
        try {
            parse(text);
        } catch (ConfigurationException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
