package io.concordcache.raft.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.fuzz.Fuzz;
import io.concordcache.raft.marshal.ClassFilter;
import io.concordcache.raft.store.Member;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import net.jqwik.api.Example;

/** Whatever stands in a file, a URI or a property is a configuration or an error in one line. */
class ConfigFuzzTest {
    private static final String[] YAML = {
        ": ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a ",
        "!!str ",
        "!",
        "|\n",
        ">\n",
        "'",
        "\"",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "\t",
        "? ",
        "\n  ",
        "#",
        "~",
        "\\u",
        "\r\n",
        "caches",
        "default",
        "max-entries",
        "serialization.allow"
    };
    private static final String[] QUERY = {
        "concord:",
        "local",
        "file:",
        "classpath:",
        "//",
        "?",
        "&",
        "=",
        "#",
        "%",
        "%00",
        "%ff",
        "%0a",
        "caches.",
        "default",
        "durability",
        "max-entries",
        "[::1]:7800",
        ",",
        "*",
        "..",
        "-1",
        "ms",
        "99999999999999999999",
        "unlimited",
        "none"
    };

    private static List<byte[]> bytes(String... texts) {
        return Stream.of(texts)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Example
    void files() throws Exception {
        List<byte[]> valid = bytes(
                """
                # a comment
                durability: "disk"
                snapshot:
                  entries: 5
                  bytes: 1_000
                caches: {default: {max-entries: 7}, users.max-bytes: 1MB}
                serialization.allow:
                  - com.acme.Order
                  - com.acme.model.*
                """,
                "caches:\n  'orders.*': {max-entries: 3, max-bytes: 1MB}\n  \"a b\": {time-to-live: 5m}\n",
                "directory: |\n  /data\nlisten: >\n  a:1\n",
                "{}",
                "");
        new Fuzz<>("configuration files", valid, bytes -> ConfigFile.parse("concord.yaml", bytes))
                .refusing(ConfigurationException.class)
                .withWords(YAML)
                .allocating(2_000, 1_000_000)
                .then(values -> values.forEach(value -> assertThat(value.key()).isNotNull()))
                .run();
    }

    @Example
    void uris() throws Exception {
        List<byte[]> valid = bytes(
                "concord:local?durability=disk&directory=/data",
                "concord:file:conf/concord.yaml?cluster.name=a%20b",
                "concord:file:///etc/concord.yaml",
                "concord:classpath:/concord.yaml",
                "concord://a:7800,b:7801?operation-timeout=2s");
        new Fuzz<>("URIs", valid, bytes -> ConcordUri.parse(uri(text(bytes))))
                .refusing(ConfigurationException.class)
                .withWords(QUERY)
                .allocating(500, 200_000)
                .run();
    }

    /** What the JDK refuses does not come to us. */
    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new ConfigurationException("no URI", e);
        }
    }

    /** The same key and text as an environment variable, a property of the system, and a property. */
    @Example
    void settings() throws Exception {
        List<byte[]> valid = bytes(
                "cluster.name=c2",
                "operation-timeout=250ms",
                "operation-timeout=PT1M30S",
                "snapshot.bytes=64MB",
                "snapshot.entries=100000",
                "limits.key=1KB",
                "serialization.allow=com.acme.*,com.acme.Order,a.b.**",
                "caches.orders.*.max-entries=unlimited",
                "caches.default.time-to-live=none",
                "caches.default.read-level=session",
                "read-lease=off",
                "link-compression=off",
                "plaintext=allowed");
        new Fuzz<>("settings", valid, ConfigFuzzTest::load)
                .refusing(ConfigurationException.class)
                .withWords(QUERY)
                .allocating(2_000, 2_000_000)
                .then(settings -> assertThat(settings.describe()).isNotBlank())
                .run();
    }

    private static ConcordSettings load(byte[] bytes) {
        String text = text(bytes);
        int equals = text.indexOf('=');
        String key = equals < 0 ? text : text.substring(0, equals);
        String value = text.substring(equals + 1);
        if (key.startsWith("members") || key.startsWith("concord.members")) {
            throw new ConfigurationException("names of hosts are not looked up here");
        }
        Properties properties = new Properties();
        properties.setProperty(key, value);
        Map<String, String> none = Map.of();
        ClassLoader loader = ConfigFuzzTest.class.getClassLoader();
        if (!key.startsWith(SettingTable.CACHES)) {
            var unused = new SettingsLoader(Map.of(Setting.variable(key), value), none).load(null, loader, null);
        }
        var unused = new SettingsLoader(none, Map.of("concord." + key, value)).load(null, loader, null);
        return new SettingsLoader(none, none).load(null, loader, properties);
    }

    /** The text of each setting, whichever it is. */
    @Example
    void values() throws Exception {
        List<byte[]> some = bytes(
                "250ms",
                "PT1M30S",
                "64MB",
                "10000",
                "true",
                "com.acme.*,com.acme.Order",
                "a:7800,b=c:1,[::1]:5",
                "none",
                "unlimited",
                "session",
                "orders-eu",
                "/var/lib",
                "127.0.0.1:7400",
                "off");
        for (String key : SettingTable.keys(SettingTable.DEFAULT_CACHE)) {
            Setting<?> setting = SettingTable.find(key);
            RawValue given = new RawValue(key, "", Origin.QUERY);
            new Fuzz<>("values of " + key, List.of(), bytes -> setting(setting, key, given, text(bytes)))
                    .alsoOf(some)
                    .refusing(ConfigurationException.class)
                    .withWords(QUERY)
                    .allocating(500, 200_000)
                    .share(SettingTable.keys(SettingTable.DEFAULT_CACHE).size())
                    .run();
        }
    }

    private static boolean setting(Setting<?> setting, String key, RawValue given, String text) {
        try {
            setting.parse(new RawValue(key, text, given.origin()));
            return true;
        } catch (ConfigurationException e) {
            assertThat(e).hasMessageContaining(key);
            throw e;
        }
    }

    @Example
    void members() throws Exception {
        new Fuzz<>(
                        "members",
                        bytes("a:7800", "id=host.example:1", "[fe80::1]:65535"),
                        bytes -> Member.parse(text(bytes)))
                .refusing(IllegalArgumentException.class)
                .withWords(":", "=", "[", "]", "0", "99999")
                .then(member -> assertThat(Member.parse(member.toString())).isEqualTo(member))
                .run();
    }

    @Example
    void patternsOfClasses() throws Exception {
        new Fuzz<>(
                        "patterns of classes",
                        bytes("com.acme.Order", "com.acme.*", "com.acme.**", "**", "a.B$C"),
                        bytes -> ClassFilter.of(List.of(text(bytes))))
                .refusing(IllegalArgumentException.class)
                .withWords(".", "*", "**", "$", ".**")
                .then(filter -> assertThat(filter.allows(String.class)).isTrue())
                .run();
    }
}
