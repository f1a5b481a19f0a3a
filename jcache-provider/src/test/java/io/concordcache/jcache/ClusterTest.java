package io.concordcache.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.store.ReadLevel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.cache.Cache;
import javax.cache.CacheManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Cache managers that are members of one cluster; one that is left alone comes last. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path directory;

    private static final ConcordCachingProvider PROVIDER = new ConcordCachingProvider();
    private static List<CacheManager> managers;
    private static String servers;

    @BeforeAll
    static void start() throws IOException {
        List<Integer> ports = freePorts();
        String members =
                "m1=127.0.0.1:" + ports.get(0) + ",m2=127.0.0.1:" + ports.get(1) + ",m3=127.0.0.1:" + ports.get(2);
        servers = "127.0.0.1:" + ports.get(0) + ",127.0.0.1:" + ports.get(1) + ",127.0.0.1:" + ports.get(2);
        List<CompletableFuture<CacheManager>> starts = IntStream.rangeClosed(1, 3)
                .mapToObj(i -> {
                    URI uri = URI.create("concord:local?members=" + members + "&member=m" + i
                            + "&operation-timeout=1s&durability=disk&directory=" + directory.resolve("m" + i));
                    return CompletableFuture.supplyAsync(
                            () -> PROVIDER.getCacheManager(uri, null), task -> new Thread(task).start());
                })
                .toList();
        managers = starts.stream()
                .map(start ->
                        start.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join())
                .toList();
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    private static List<Integer> freePorts() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return sockets.stream().map(ServerSocket::getLocalPort).toList();
    }

    private static Cache<String, Integer> create(int member, String name) {
        return managers.get(member)
                .createCache(
                        name,
                        ConcordConfiguration.builder(String.class, Integer.class)
                                .build());
    }

    @Test
    @Order(1)
    void aCacheExistsOnAllMembers() {
        Cache<String, Integer> first = create(0, "everywhere");
        first.put("a", 1);
        for (CacheManager manager : managers) {
            Cache<String, Integer> there = manager.getCache("everywhere", String.class, Integer.class);
            assertThat(there.get("a")).isEqualTo(1);
            there.put("a", there.get("a") + 1);
            there.put("a", there.get("a") - 1);
        }
    }

    @Test
    @Order(2)
    void aCacheThatAnotherMemberDestroyedIsClosedAndCanBeCreatedAgain() {
        Cache<String, Integer> here = create(0, "short-lived");
        here.put("a", 1);
        managers.get(1).destroyCache("short-lived");
        assertThatThrownBy(() -> here.put("b", 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has been destroyed");
        await().atMost(PATIENCE).until(here::isClosed);
        assertThat(managers.get(0).<String, Integer>getCache("short-lived")).isNull();
        assertThat(create(0, "short-lived").get("a")).isNull();
    }

    @Test
    @Order(3)
    void aCacheThatWasDestroyedUnnoticedCanBeCreatedAgain() {
        Cache<String, Integer> unused = create(0, "unnoticed");
        managers.get(1).destroyCache("unnoticed");
        Cache<String, Integer> again = create(0, "unnoticed");
        assertThat(unused.isClosed()).isTrue();
        again.put("a", 1);
        assertThat(again.get("a")).isEqualTo(1);
    }

    @Test
    @Order(4)
    void aClientAnswersReadsOfASessionItselfAndSeesWhatItWrote() {
        Cache<String, Integer> there = create(0, "near");
        CacheManager client = PROVIDER.getCacheManager(
                URI.create("concord://" + servers + "?caches.default.read-level=session"), null);
        Cache<String, Integer> cache = client.getCache("near", String.class, Integer.class);
        ConcordCache<?, ?> concord = cache.unwrap(ConcordCache.class);
        cache.put("a", 0);
        await().atMost(PATIENCE).until(() -> {
            assertThat(cache.get("a")).isZero();
            return concord.nearCacheStatistics().copyHits() > 10;
        });
        for (int i = 1; i < 100; i++) {
            cache.put("a", i);
            assertThat(cache.get("a")).isEqualTo(i);
            assertThat(cache.get("a")).isEqualTo(i);
        }
        there.put("a", -1);
        await().atMost(PATIENCE).until(() -> cache.get("a") == -1);
        there.remove("a");
        await().atMost(PATIENCE).until(() -> !cache.containsKey("a"));
        client.close();
    }

    @Test
    @Order(5)
    void withoutMajorityTheLevelOfReadsDecides() {
        Cache<String, Integer> cache = create(0, "levels");
        cache.put("a", 1);
        managers.get(1).close();
        managers.get(2).close();
        ConcordCache<String, Integer> concord = (ConcordCache<String, Integer>) cache;
        assertThat(concord.get("a", ReadLevel.SESSION)).isEqualTo(1);
        assertThat(concord.get("a", ReadLevel.EVENTUAL)).isEqualTo(1);
        assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheUnavailableException.class);
        assertThatThrownBy(() -> cache.put("a", 2)).isInstanceOf(CacheUnavailableException.class);
    }
}
