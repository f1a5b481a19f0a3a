package io.concordcache.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.tls.Authority;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.tls.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Applications that are clients with roles. */
@Timeout(120)
class AccessTest {
    private static final Authority AUTHORITY = new Authority("authority");

    @TempDir
    private Path directory;

    private Member member;
    private RatisStore server;

    @BeforeEach
    void startServer() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            member = new Member("one", "127.0.0.1", free.getLocalPort());
        }
        Path access = directory.resolve("access");
        Files.write(
                access,
                List.of(
                        "certificate admin read,write,admin *",
                        "certificate app read,write *",
                        "certificate audit read x"));
        server = RatisStore.start(RatisSettings.memory()
                .with(new ClusterSettings(member, List.of(member), false))
                .with(Security.of(AUTHORITY.write(directory.resolve("one"), AUTHORITY.issue("one", "127.0.0.1")))
                        .withAccess(access)));
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private CacheManager manager(String who) throws IOException {
        TlsSettings tls = AUTHORITY.write(directory.resolve(who), AUTHORITY.issue(who));
        return new ConcordCachingProvider()
                .getCacheManager(
                        URI.create("concord://" + member.address() + "?tls.enabled=true&tls.certificate="
                                + tls.certificate() + "&tls.key=" + tls.key() + "&tls.trust=" + tls.trust()),
                        null);
    }

    @Test
    void whoMayNotCreateACacheUsesTheOneThatIsThere() throws Exception {
        MutableConfiguration<String, String> strings =
                new MutableConfiguration<String, String>().setTypes(String.class, String.class);
        try (CacheManager app = manager("app");
                CacheManager admin = manager("admin");
                CacheManager audit = manager("audit")) {
            assertThatThrownBy(() -> app.createCache("orders", strings))
                    .isInstanceOf(CacheRejectedException.class)
                    .hasMessageContaining("CN=app has not the role 'admin' for the cache 'orders'");
            admin.createCache("orders", strings).put("1", "tea");
            Cache<String, String> orders = app.createCache("orders", strings);
            assertThat(orders.get("1")).isEqualTo("tea");
            assertThatThrownBy(() -> {
                        try (CacheManager again = manager("app")) {
                            again.createCache("orders", new MutableConfiguration<>());
                        }
                    })
                    .isInstanceOf(CacheException.class);
            Cache<String, String> foreign = audit.getCache("orders", String.class, String.class);
            assertThatThrownBy(() -> foreign.get("1"))
                    .isInstanceOf(CacheRejectedException.class)
                    .hasMessageContaining("CN=audit has not the role 'read' for the cache 'orders'");
            assertThatThrownBy(() -> foreign.iterator().hasNext()).isInstanceOf(CacheRejectedException.class);
            assertThatThrownBy(() -> app.destroyCache("orders"))
                    .isInstanceOf(CacheRejectedException.class)
                    .hasMessageContaining("'admin'");
        }
    }
}
