package io.concordcache.raft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.config.ConcordUri.Kind;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConcordUriTest {
    private static ConcordUri parse(String uri) {
        return ConcordUri.parse(URI.create(uri));
    }

    @ParameterizedTest
    @CsvSource({
        "concord:local, LOCAL, ''",
        "concord:local?, LOCAL, ''",
        "CONCORD:local, LOCAL, ''",
        "concord:file:/etc/concord.yaml, FILE, /etc/concord.yaml",
        "concord:file:///etc/concord.yaml, FILE, /etc/concord.yaml",
        "concord:file:conf/concord.yaml, FILE, conf/concord.yaml",
        "concord:file:my%20conf/50%25%3F%C3%BC.yaml, FILE, my conf/50%?ü.yaml",
        "file:/etc/concord.yaml, FILE, /etc/concord.yaml",
        "file:///etc/con%20cord.yaml, FILE, /etc/con cord.yaml",
        "jar:file:/app.jar!/concord.yaml, JAR, jar:file:/app.jar!/concord.yaml",
        "concord:classpath:concord.yaml, CLASSPATH, concord.yaml",
        "concord:classpath:/a/concord.yaml?durability=memory, CLASSPATH, a/concord.yaml"
    })
    void readsTheForms(String uri, Kind kind, String location) {
        ConcordUri parsed = parse(uri);
        assertThat(parsed.kind()).isEqualTo(kind);
        assertThat(parsed.location()).isEqualTo(location);
    }

    @Test
    void decodesTheQuery() {
        assertThat(parse("concord:local?directory=/a%20b%26c+d=e&caches.o%2A.max-entries=5&serialization.allow=")
                        .query())
                .containsExactly(
                        new RawValue("directory", "/a b&c+d=e", Origin.QUERY),
                        new RawValue("caches.o*.max-entries", "5", Origin.QUERY),
                        new RawValue("serialization.allow", "", Origin.QUERY));
    }

    @ParameterizedTest
    @CsvSource({
        "http://example.org/, write concord:local",
        "my-cache-manager, write concord:local",
        "concord:other, has an unknown form",
        "concord:/local, has an unknown form",
        "concord:local/orders, has an unknown form",
        "concord:localhost, has an unknown form",
        "'concord://h1:7400,h2:7400/space', names no servers",
        "'concord:embedded?id=n1', write concord:local",
        "concord:file:, names no file",
        "concord:file://host/concord.yaml, names a file on another host",
        "concord:classpath:/, names no resource",
        "concord:local#x, a part after #",
        "concord:local?durability, holds 'durability'",
        "concord:local?=disk, holds '=disk'",
        "concord:local?a=1&&b=2, holds ''",
        "concord:local?a=1&%61=2, gives 'a' more than once",
        "concord:local?a=%FF, is not UTF-8"
    })
    void refusesOtherForms(String uri, String message) {
        assertThatThrownBy(() -> parse(uri))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }
}
