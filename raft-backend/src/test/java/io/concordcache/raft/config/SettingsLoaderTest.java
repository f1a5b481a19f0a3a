package io.concordcache.raft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RemoteSettings;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.tls.Secret;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.tls.TlsSettings;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsLoaderTest {
    private static final CacheSettings.Near NEAR = new CacheSettings.Near(true, 10_000, Duration.ofSeconds(1));

    private static final ClassLoader LOADER = SettingsLoaderTest.class.getClassLoader();

    @TempDir
    Path directory;

    private final Map<String, String> environment = new TreeMap<>();
    private final Map<String, String> system = new TreeMap<>();
    private final Properties properties = new Properties();

    private ConcordSettings load(String uri) {
        return new SettingsLoader(environment, system).load(URI.create(uri), LOADER, properties);
    }

    private String file(String yaml) throws IOException {
        Path file = Files.writeString(directory.resolve("concord.yaml"), yaml);
        return "concord:" + file.toUri();
    }

    @Test
    void nothingConfiguredGivesTheDefaults() {
        ConcordSettings settings = load("concord:local");
        assertThat(settings).isEqualTo(ConcordSettings.defaults());
        assertThat(settings.node()).isEqualTo(RatisSettings.memory());
        assertThat(settings.cacheSettings("any"))
                .isEqualTo(new CacheSettings(
                        10_000, 64 << 20, null, null, null, ReadLevel.LINEARIZABLE, NEAR, Compression.OFF, 1024));
        assertThat(settings.serializationAllow()).isEmpty();
        assertThat(settings.effective()).allMatch(each -> each.origin().equals(Origin.DEFAULT));
    }

    @Test
    void aMissingUriAndMissingPropertiesMeanTheDefaults() {
        assertThat(new SettingsLoader(environment, system).load(null, LOADER, null))
                .isEqualTo(ConcordSettings.defaults());
    }

    @Test
    void propertiesOfTheStandardsAreLeftAlone() {
        properties.setProperty("javax.cache.test.1", "value1");
        assertThat(load("concord:local")).isEqualTo(ConcordSettings.defaults());
    }

    @Test
    void eachSourceOverridesTheOneBefore() throws IOException {
        String uri = file("operation-timeout: 1s");
        assertTimeout(uri, 1, Origin.Source.FILE);
        uri += "?operation-timeout=2s";
        assertTimeout(uri, 2, Origin.Source.URI);
        environment.put("CONCORD_OPERATION_TIMEOUT", "3s");
        assertTimeout(uri, 3, Origin.Source.ENVIRONMENT);
        system.put("concord.operation-timeout", "4s");
        assertTimeout(uri, 4, Origin.Source.SYSTEM_PROPERTY);
        properties.setProperty("operation-timeout", "6s");
        assertTimeout(uri, 6, Origin.Source.PROPERTIES);
    }

    private void assertTimeout(String uri, int seconds, Origin.Source source) {
        ConcordSettings settings = load(uri);
        assertThat(settings.node().operationTimeout()).isEqualTo(Duration.ofSeconds(seconds));
        assertThat(settings.origin("operation-timeout")).map(Origin::source).contains(source);
    }

    @Test
    void everySettingCanComeFromEverySource() {
        Map<String, String> values = new TreeMap<>(Map.of(
                "cluster.name", "c2",
                "durability", "fsync",
                "directory", "/data",
                "listen", "127.0.0.1:7400",
                "operation-timeout", "7s",
                "snapshot.entries", "8",
                "snapshot.bytes", "1MB",
                "snapshot.interval", "9s"));
        values.putAll(Map.of(
                "members", "a:7801,b:7802,c:7803",
                "members.dns", "none",
                "members.count", "5",
                "member", "b:7802",
                "join", "true",
                "servers", "none",
                "read-lease", "off",
                "link-compression", "lz4",
                "caches.default.read-level", "session",
                "caches.default.compression", "zstd"));
        values.putAll(Map.of(
                "caches.default.near-cache", "off",
                "caches.default.near-cache-max-entries", "13",
                "caches.default.near-cache-max-staleness", "14s"));
        values.putAll(Map.of(
                "limits.key", "1KB",
                "limits.value", "2KB",
                "limits.log-entry", "128KB",
                "serialization.allow", "com.acme.*,com.acme.Order",
                "caches.default.max-entries", "11",
                "caches.default.max-bytes", "unlimited",
                "caches.default.time-to-live", "12s",
                "caches.default.statistics", "true",
                "caches.default.management", "false"));
        values.put("caches.default.compression-threshold", "4KB");
        values.putAll(Map.of(
                "access.file", "/a",
                "token.file", "none", // for clients
                "token.value", "none",
                "limits.connections", "30",
                "limits.connections-per-address", "20",
                "limits.caches", "10"));
        values.putAll(Map.of(
                "plaintext", "allowed",
                "tls.enabled", "true",
                "tls.certificate", "/c",
                "tls.key", "/k",
                "tls.keystore", "none",
                "tls.keystore-password-file", "/p",
                "tls.keystore-password", "none", // of all sources another value is refused
                "tls.trust", "/t",
                "tls.client-certificate", "optional"));
        assertThat(values.keySet()).containsExactlyInAnyOrderElementsOf(SettingTable.keys("default"));

        values.forEach(properties::setProperty);
        ConcordSettings expected = load("concord:local");
        assertThat(expected.effective()).extracting(EffectiveSetting::shown).containsAll(values.values());
        properties.clear();
        values.forEach((key, value) -> properties.setProperty("concord." + key, value));
        assertSame(expected, load("concord:local"));
        properties.clear();
        values.forEach((key, value) -> system.put("concord." + key, value));
        assertSame(expected, load("concord:local"));
        system.clear();
        values.forEach((key, value) -> environment.put(Setting.variable(key), value));
        assertSame(expected, load("concord:local"));
        environment.clear();
        StringBuilder query = new StringBuilder("concord:local?");
        values.forEach(
                (key, value) -> query.append(key).append('=').append(value).append('&'));
        assertSame(expected, load(query.substring(0, query.length() - 1)));
    }

    private static void assertSame(ConcordSettings expected, ConcordSettings actual) {
        assertThat(actual.node()).isEqualTo(expected.node());
        assertThat(actual.caches()).isEqualTo(expected.caches());
        assertThat(actual.serializationAllow()).isEqualTo(expected.serializationAllow());
    }

    @Test
    void theMoreParticularLayerWinsWhereverItWasSet() throws IOException {
        environment.put("CONCORD_CACHES_DEFAULT_MAX_ENTRIES", "1");
        system.put("concord.caches.default.statistics", "true");
        ConcordSettings settings = load(file("""
                caches:
                  default: {time-to-live: 5m}
                  "*": {max-entries: 2}
                  "orders.*": {max-entries: 3, max-bytes: 1MB}
                  "*.archive": {max-entries: 4}
                  orders.eu: {max-entries: 5, time-to-live: none, statistics: false}
                """));
        assertThat(settings.caches())
                .extracting(CacheLayer::pattern)
                .containsExactly("orders.eu", "*.archive", "orders.*", "*", "default");
        assertThat(settings.cacheSettings("orders.eu"))
                .isEqualTo(new CacheSettings(
                        5, 1 << 20, null, false, null, ReadLevel.LINEARIZABLE, NEAR, Compression.OFF, 1024));
        assertThat(settings.cacheSettings("orders.us"))
                .isEqualTo(new CacheSettings(
                        3,
                        1 << 20,
                        Duration.ofMinutes(5),
                        true,
                        null,
                        ReadLevel.LINEARIZABLE,
                        NEAR,
                        Compression.OFF,
                        1024));
        assertThat(settings.cacheSettings("orders.archive").maxEntries()).isEqualTo(4);
        assertThat(settings.cacheSettings("users").maxEntries()).isEqualTo(2);
        assertThat(settings.cacheSettings("default").maxEntries()).isEqualTo(2);
    }

    @Test
    void theNearCacheIsSetByCacheToo() throws IOException {
        ConcordSettings settings = load(file("""
                caches:
                  default: {near-cache-max-entries: 500}
                  orders.eu: {near-cache: off}
                  carts: {near-cache: on, near-cache-max-staleness: 250ms}
                """));
        assertThat(settings.cacheSettings("orders.eu").near().entries()).isZero();
        assertThat(settings.cacheSettings("carts").near())
                .isEqualTo(new CacheSettings.Near(true, 500, Duration.ofMillis(250)));
    }

    @Test
    void patternsMatchLiterallyButForTheStar() {
        assertMatches("a*b*c", true, "abc", "aXbYc", "abbcbc");
        assertMatches("a*b*c", false, "ab", "abcd", "xabc", "");
        assertMatches("m(java.lang.String,*)", true, "m(java.lang.String,int)");
        assertMatches("a.c", false, "abc");
        assertMatches("a?[x]", false, "abx");
        assertMatches("*".repeat(50) + "b", false, "a".repeat(250));
    }

    private static void assertMatches(String pattern, boolean expected, String... names) {
        CacheLayer layer = new CacheLayer(pattern, null, null, null, null, null, null, null, null, null, null, null);
        assertThat(names).allMatch(name -> layer.matches(name) == expected);
    }

    @Test
    void describesEachValueWithItsOrigin() throws IOException {
        environment.put("CONCORD_LIMITS_KEY", "1024");
        system.put("concord.snapshot.interval", "PT60S");
        properties.setProperty("concord.snapshot.entries", "5");
        String uri = file("operation-timeout: 5000ms\ncaches:\n  users:\n    max-entries: unlimited\n");
        String path = Path.of(URI.create(uri.substring("concord:".length()))).toString();
        assertThat(load(uri + "?cluster.name=orders").describe().lines())
                .contains(
                        "cluster.name = orders  (URI)",
                        "durability = memory  (default)",
                        "directory = none  (default)",
                        "operation-timeout = 5s  (" + path + ":1)",
                        "limits.key = 1KB  (environment CONCORD_LIMITS_KEY)",
                        "snapshot.interval = 1m  (system property concord.snapshot.interval)",
                        "snapshot.entries = 5  (properties concord.snapshot.entries)",
                        "serialization.allow = (empty)  (default)",
                        "caches.default.max-entries = 10000  (default)",
                        "caches.default.statistics = not set  (default)",
                        "caches.users.max-entries = unlimited  (" + path + ":4)")
                .hasSize(47);
    }

    @Test
    void aLaterSourceCanTakeBack() throws IOException {
        String uri = file("durability: disk\ndirectory: /data\nlisten: localhost:7400\nserialization.allow: [a.B]");
        ConcordSettings settings = load(uri + "?durability=memory&directory=none&listen=none&serialization.allow=");
        RatisSettings node = (RatisSettings) settings.node();
        assertThat(node.directory()).isNull();
        assertThat(node.listen()).isNull();
        assertThat(settings.serializationAllow()).isEmpty();
    }

    @Test
    void readsTheClassPathByTheGivenLoader() throws IOException {
        Files.writeString(directory.resolve("concord.yaml"), "cluster.name: here\noperation-timeout: 1\n");
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, null)) {
            SettingsLoader settings = new SettingsLoader(environment, system);
            assertThatThrownBy(() -> settings.load(URI.create("concord:classpath:concord.yaml"), loader, null))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("(classpath:concord.yaml:2) has no unit");
            Files.writeString(directory.resolve("concord.yaml"), "cluster.name: here\n");
            assertThat(settings.load(URI.create("concord:classpath:/concord.yaml"), loader, null)
                            .node()
                            .clusterName())
                    .isEqualTo("here");
            assertThat(settings.load(null, loader, null)).isEqualTo(ConcordSettings.defaults());
            assertThatThrownBy(() -> settings.load(URI.create("concord:classpath:other.yaml"), loader, null))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("'other.yaml' is not on the class path");
        }
    }

    @Test
    void saysWhatIsWrongWithTheFile() throws IOException {
        assertThatThrownBy(() -> load("concord:" + directory.toUri()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("is a directory");
        assertThatThrownBy(() -> load("concord:file:conf/none.yaml"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("'conf/none.yaml'")
                .hasMessageContaining("does not exist");
        assertThatThrownBy(() -> load("concord:file:a%00b"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("'a\\u0000b' is no legal path");
        assertThat(load(file(""))).isEqualTo(ConcordSettings.defaults());
    }

    static Stream<Arguments> contradictions() {
        return Stream.of(
                arguments("durability=disk", "durability is disk, but no directory is given"),
                arguments("durability=fsync", "(durability: URI; directory: default)"),
                arguments("directory=/data", "choose durability disk or fsync to keep the entries there"),
                arguments("limits.key=40KB&limits.log-entry=64KB", "more than half of limits.log-entry"),
                arguments(
                        "limits.log-entry=4MB", "limits.log-entry = '4MB' (URI) is too large; allowed: 64KB to 4095KB"),
                arguments("limits.value=2GB", "is too large"),
                arguments("operation-timeout=99ms", "is too small; allowed: 100ms to 10m"),
                arguments("caches.default.max-entries=0", "is too small"),
                arguments("caches.a%0Ab.max-entries=1", "holds the character \\n at position 1"),
                arguments("cluster.name=a%20b", "is not such a name"),
                arguments("durability=memroy", "allowed: memory, disk or fsync"),
                arguments("caches.default.statistics=yes", "allowed: true or false"),
                arguments("directory=", "is empty"));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void refusesWhatDoesNotFit(String query, String message) {
        assertThatThrownBy(() -> load("concord:local?" + query))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void checksAlsoWhatIsOverridden() {
        system.put("concord.durability", "memory");
        assertThatThrownBy(() -> load("concord:local?durability=memroy"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("durability = 'memroy' (URI)");
    }

    @Test
    @DisplayName("Row 43: a typing error in a key, from each source")
    void namesTheNearestKeyInTheSpellingOfTheSource() throws IOException {
        assertUnknown(file("# one\n\noperation-timout: 5s"), "concord.yaml:3); did you mean 'operation-timeout'?");
        assertUnknown("concord:local?durabilty=disk", "unknown setting 'durabilty' (URI); did you mean 'durability'?");
        assertUnknown("concord:local?concord.durability=disk", "did you mean 'durability'?");
        assertUnknown("concord:local?caches.users.max-entrys=5", "did you mean 'caches.users.max-entries'?");
        assertUnknown("concord:local?caches.max-entries=5", "did you mean 'caches.default.max-entries'?");
        assertUnknown("concord:local?caches..max-entries=5", "did you mean 'caches.default.max-entries'?");
        assertUnknown("concord:local?banana=5", "known are cluster.name, durability");

        environment.put("CONCORD_DURABILTY", "disk");
        assertUnknown("concord:local", "(environment CONCORD_DURABILTY); did you mean 'CONCORD_DURABILITY'?");
        environment.clear();
        environment.put("CONCORD_CACHES_USERS_MAX_ENTRIES", "5");
        assertUnknown("concord:local", "a variable cannot name a cache");
        environment.clear();

        system.put("concord.durabilty", "disk");
        assertUnknown("concord:local", "did you mean 'concord.durability'?");
        system.clear();

        properties.setProperty("durabilty", "disk");
        assertUnknown(
                "concord:local", "unknown setting 'durabilty' (properties durabilty); did you mean 'durability'?");
        properties.clear();
        properties.setProperty("concord.durabilty", "disk");
        assertUnknown("concord:local", "did you mean 'concord.durability'?");
    }

    private void assertUnknown(String uri, String message) {
        assertThatThrownBy(() -> load(uri))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("unknown setting")
                .hasMessageContaining(message);
    }

    @Test
    void leavesTheVariablesAndPropertiesOfOthersAlone() {
        environment.putAll(Map.of(
                "PATH", "/bin",
                "CONCORDE", "1",
                "concord_durability", "x",
                "CONCORD_SERVICE_HOST", "10.0.0.1",
                "CONCORD_SERVICE_PORT", "7400",
                "CONCORD_SERVICE_PORT_RAFT", "7400",
                "CONCORD_PORT", "tcp://10.0.0.1:7400",
                "CONCORD_PORT_7400_TCP_ADDR", "10.0.0.1",
                "CONCORD_ADMIN_SERVICE_HOST", "10.0.0.2"));
        system.putAll(Map.of("java.version", "17", "concorde", "1"));
        assertThat(load("concord:local")).isEqualTo(ConcordSettings.defaults());
        environment.put("CONCORD_PORT", "7400");
        assertUnknown("concord:local", "CONCORD_PORT");
    }

    @Test
    void refusesTwoSpellingsOfOneProperty() {
        properties.setProperty("durability", "memory");
        properties.setProperty("concord.durability", "memory");
        assertThatThrownBy(() -> load("concord:local"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("properties concord.durability and as properties durability; keep one");
    }

    @Test
    void refusesPropertiesThatAreNotText() {
        properties.put("snapshot.entries", 5);
        assertThatThrownBy(() -> load("concord:local"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("'snapshot.entries', whose name or value is not a String");
    }

    @Test
    void readsTheDefaultsOfPropertiesToo() {
        Properties defaults = new Properties();
        defaults.setProperty("cluster.name", "below");
        assertThat(new SettingsLoader(environment, system)
                        .load(null, LOADER, new Properties(defaults))
                        .node()
                        .clusterName())
                .isEqualTo("below");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "TRUE", "false"})
    void readsSwitches(String text) {
        assertThat(load("concord:local?caches.a.statistics=" + text)
                        .cacheSettings("a")
                        .statistics())
                .isEqualTo(Boolean.valueOf(text));
    }

    // Clusters

    private static final String THREE = "members=m1=127.0.0.1:7801,m2=127.0.0.1:7802,m3=127.0.0.1:7803";

    @Test
    void aMemberKnowsTheOthersAndItself() {
        RatisSettings node =
                (RatisSettings) load("concord:local?" + THREE + "&member=m2&durability=disk&directory=/data")
                        .node();
        assertThat(Objects.requireNonNull(node.cluster()).self()).isEqualTo(Member.parse("m2=127.0.0.1:7802"));
        assertThat(node.cluster().members()).hasSize(3);
        assertThat(node.cluster().joining()).isFalse();
    }

    @Test
    void theOnlyMemberOfThisMachineIsThisOne() {
        RatisSettings node = (RatisSettings)
                load("concord:local?members=192.0.2.1:7800,127.0.0.1:7800,192.0.2.3:7800&durability=disk&directory=/d")
                        .node();
        assertThat(Objects.requireNonNull(node.cluster()).self()).isEqualTo(Member.parse("127.0.0.1:7800"));
    }

    @Test
    void serversMakeAClient() {
        assertThat(load("concord://a:7800,b:7801?cluster.name=x&operation-timeout=2s")
                        .node())
                .isEqualTo(new RemoteSettings(
                        "x",
                        List.of(Member.parse("a:7800"), Member.parse("b:7801")),
                        null,
                        null,
                        Duration.ofSeconds(2),
                        64 << 10,
                        16 << 20,
                        3 << 20));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "concord:local?" + THREE + " | more than one of the members has an address of this machine",
                "concord:local?" + THREE + "&member=m4 | name one of them",
                "concord:local?" + THREE + "&member=m1 | durability is memory, but a member of a cluster",
                "concord:local?members=a:1,b:2&member=a:1&durability=disk&directory=/d | an odd number of members",
                "concord:local?members=a:1,b:2,a:1&member=b:2&durability=disk&directory=/d | twice",
                "concord:local?members=a,b:2 | which names no member",
                "concord:local?member=a:1 | no members are",
                "concord:local?members=a:1&members.dns=x:1 | exclude each other",
                "concord://a:7800?directory=/d | directory is for members",
                "concord://a:7800?members=a:7800 | members is for members",
                "concord://a:7800/x | names no servers",
                "concord:// | ",
                "concord://a | which names no member",
            })
    @DisplayName("Row 45: lists of members that are even, repeat one or lack this one")
    void refusesClustersThatMakeNoSense(String uri, String message) {
        assertThatThrownBy(() -> load(uri))
                .isInstanceOfAny(ConfigurationException.class, IllegalArgumentException.class)
                .hasMessageContaining(message == null ? "" : message);
    }

    @Test
    void tlsComesFromPemFiles() {
        RatisSettings node = (RatisSettings)
                load("concord:local?tls.enabled=true&tls.certificate=/c&tls.key=/k&tls.trust=/t&plaintext=allowed")
                        .node();
        assertThat(node.security())
                .isEqualTo(new Security(
                        TlsSettings.pem(Path.of("/c"), Path.of("/k"), Path.of("/t")),
                        true,
                        null,
                        Security.Limits.DEFAULT));
        RemoteSettings client = (RemoteSettings)
                load("concord://a:7800?tls.enabled=true&tls.trust=/t").node();
        assertThat(Objects.requireNonNull(client.tls()).hasCertificate()).isFalse();
    }

    @Test
    void aPasswordComesFromTheEnvironmentAndIsNeverShown() {
        environment.put("CONCORD_TLS_KEYSTORE_PASSWORD", "hush");
        ConcordSettings settings = load("concord:local?tls.enabled=true&tls.keystore=/s&tls.trust=/t");
        RatisSettings node = (RatisSettings) settings.node();
        assertThat(Objects.requireNonNull(node.security().tls()).keystorePassword())
                .isEqualTo(new Secret("hush"));
        assertThat(settings.describe() + settings + node).doesNotContain("hush");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tls.keystore-password=hush | stands where it could be seen",
                "tls.enabled=true&tls.keystore=/s&tls.trust=/t&tls.keystore-password=hush | CONCORD_TLS_KEYSTORE_PASSWORD",
                "tls.certificate=/c&tls.key=/k | tls.enabled is false",
                "tls.enabled=true&tls.certificate=/c&tls.key=/k | tls.trust does not say",
                "tls.enabled=true&tls.trust=/t | a member needs a certificate",
                "tls.enabled=true&tls.certificate=/c&tls.trust=/t | belong together",
                "tls.enabled=true&tls.certificate=/c&tls.key=/k&tls.keystore=/s&tls.trust=/t | keep one",
                "access.file=/a | nobody could show who it is",
                "token.file=/a | is for clients",
            })
    void refusesTlsThatIsIncompleteAndPasswordsThatCouldBeSeen(String query, String message) {
        assertThatThrownBy(() -> load("concord:local?" + query))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain("hush");
    }

    @Test
    void whatClientsMayAndTheLimitsComeFromTheSettings() {
        RatisSettings node =
                (RatisSettings) load("concord:local?tls.enabled=true&tls.certificate=/c&tls.key=/k&tls.trust=/t"
                                + "&access.file=/a&limits.connections=20&limits.connections-per-address=10&limits.caches=30")
                        .node();
        assertThat(node.security().accessFile()).isEqualTo(Path.of("/a"));
        assertThat(node.security().limits()).isEqualTo(new Security.Limits(20, 10, 30));
    }

    @Test
    void aTokenComesFromTheEnvironmentAndIsNeverShown() {
        environment.put("CONCORD_TOKEN_VALUE", "hush-hush-hush-hush");
        ConcordSettings settings = load("concord://a:7800?tls.enabled=true&tls.trust=/t");
        RemoteSettings client = (RemoteSettings) settings.node();
        assertThat(client.token()).isEqualTo(new Secret("hush-hush-hush-hush"));
        assertThat(settings.describe() + settings + client).doesNotContain("hush");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tls.enabled=true&tls.trust=/t&token.value=hush-hush-hush-hush | CONCORD_TOKEN_VALUE",
                "token.file=/no/such/file | could be read on its way",
                "tls.enabled=true&tls.trust=/t&token.file=/no/such/file | /no/such/file",
                "access.file=/a | access.file is for members",
                "limits.caches=5 | limits.caches is for members",
            })
    void refusesTokensThatCouldBeSeen(String query, String message) {
        assertThatThrownBy(() -> load("concord://a:7800?" + query))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain("hush");
    }
}
