package io.concordcache.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.jcache.ConcordCache;
import io.concordcache.jcache.ConcordCachingProvider;
import io.concordcache.raft.store.ClusterAdmin;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.StoreHolder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.cache.CacheManager;
import javax.cache.configuration.MutableConfiguration;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Traces over three members and a client, each with an OpenTelemetry of its own, as processes have. */
@Timeout(600)
class ClusterTracingIT {
    @TempDir
    static Path directory;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final ConcordCachingProvider PROVIDER = new ConcordCachingProvider();
    /** Three members, and "client". */
    private static final Map<String, Process> PROCESSES = new TreeMap<>();

    private record Process(CacheManager manager, ConcordCache<String, String> cache, Recorded recorded) {}

    @BeforeAll
    static void start() throws IOException {
        List<Integer> ports = freePorts();
        String members =
                "m1=127.0.0.1:" + ports.get(0) + ",m2=127.0.0.1:" + ports.get(1) + ",m3=127.0.0.1:" + ports.get(2);
        Map<String, CompletableFuture<CacheManager>> starting = new TreeMap<>();
        for (String id : List.of("m1", "m2", "m3")) {
            // Without leases, so that each linearizable read has to ask
            String uri = "concord:local?members=" + members + "&member=" + id
                    + "&read-lease=off&operation-timeout=20s&durability=disk&directory=" + directory.resolve(id);
            starting.put(
                    id,
                    CompletableFuture.supplyAsync(
                            () -> PROVIDER.getCacheManager(URI.create(uri), null), task -> new Thread(task).start()));
        }
        starting.forEach((id, manager) -> PROCESSES.put(
                id, process(manager.orTimeout(120, TimeUnit.SECONDS).join())));
        PROCESSES.put(
                "client",
                process(PROVIDER.getCacheManager(
                        URI.create("concord://127.0.0.1:" + ports.get(0) + ",127.0.0.1:" + ports.get(1) + ",127.0.0.1:"
                                + ports.get(2)),
                        null)));
    }

    private static String leader() {
        String leader =
                PROCESSES.get("m1").manager.unwrap(ClusterAdmin.class).status().leader();
        assertThat(leader).isNotNull();
        return leader;
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

    @SuppressWarnings("unchecked")
    private static Process process(CacheManager manager) {
        Recorded recorded = Recorded.all();
        manager.unwrap(StoreHolder.class).store().trace(recorded.tracing());
        ConcordCache<String, String> cache = manager.createCache(
                        "orders", new MutableConfiguration<String, String>().setTypes(String.class, String.class))
                .unwrap(ConcordCache.class);
        return new Process(manager, cache, recorded);
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
        PROCESSES.values().forEach(process -> process.recorded.close());
    }

    /** Again if the lead changed meanwhile, or the machine was so slow that something was asked for twice. */
    private static void eventually(ThrowingRunnable attempt) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            PROCESSES.values().forEach(process -> process.recorded.forget());
            attempt.run();
        });
    }

    private static Process follower() {
        String leader = leader();
        return PROCESSES.entrySet().stream()
                .filter(process ->
                        !process.getKey().equals(leader) && !process.getKey().equals("client"))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    private static void assertChild(SpanData child, SpanData parent) {
        assertThat(child.getTraceId()).isEqualTo(parent.getTraceId());
        assertThat(child.getParentSpanId()).isEqualTo(parent.getSpanId());
    }

    /** What the leader put into the log belongs to the call of the other process. */
    private static void assertAppendedFor(Process caller) {
        SpanData put = caller.recorded.one("cache.put");
        SpanData commit = caller.recorded.one("concord.commit");
        SpanData request = caller.recorded.one("concord.append");
        SpanData appended = PROCESSES.get(leader()).recorded.one("concord.append");
        assertChild(commit, put);
        assertChild(request, commit);
        assertChild(appended, request);
        assertThat(request.getKind()).isEqualTo(SpanKind.CLIENT);
        assertThat(request.getAttributes().get(ConcordTracing.SERVER_ADDRESS)).isEqualTo("127.0.0.1");
        assertThat(request.getAttributes().get(ConcordTracing.SERVER_PORT)).isPositive();
        assertThat(appended.getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(appended.getParentSpanContext().isRemote()).isTrue();
        assertThat(appended.getAttributes().get(ConcordTracing.COMMANDS)).isEqualTo(1);
        assertThat(appended.getAttributes().get(ConcordTracing.LOG_INDEX))
                .isPositive()
                .isEqualTo(commit.getAttributes().get(ConcordTracing.LOG_INDEX));
    }

    @Test
    void aWriteOfAClientGoesOnAtTheLeader() {
        eventually(() -> {
            Process client = PROCESSES.get("client");
            client.cache.put("a", "1");
            assertAppendedFor(client);
            PROCESSES.forEach((id, process) -> {
                if (!id.equals("client") && !id.equals(leader())) {
                    assertThat(process.recorded.spans()).as(id).isEmpty();
                }
            });
        });
    }

    @Test
    void aWriteOfAFollowerGoesOnAtTheLeader() {
        eventually(() -> {
            Process follower = follower();
            follower.cache.put("b", "1");
            assertAppendedFor(follower);
        });
    }

    @Test
    void theLeaderAsksNobodyToWrite() {
        eventually(() -> {
            Process leads = PROCESSES.get(leader());
            leads.cache.put("c", "1");
            assertChild(leads.recorded.one("concord.commit"), leads.recorded.one("cache.put"));
            assertThat(leads.recorded.spans()).hasSize(2);
        });
    }

    @Test
    void aReadOfAClientWaitsForTheBarrierOfAMember() {
        eventually(() -> {
            Process client = PROCESSES.get("client");
            assertThat(client.cache.get("nothing")).isNull();
            SpanData get = client.recorded.one("cache.get");
            SpanData request = client.recorded.one("concord.read");
            assertChild(request, get);
            assertThat(get.getAttributes().get(ConcordTracing.HIT)).isFalse();
            List<Process> asked = PROCESSES.entrySet().stream()
                    .filter(process -> !process.getKey().equals("client"))
                    .map(Map.Entry::getValue)
                    .filter(process -> !process.recorded.named("concord.read").isEmpty())
                    .toList();
            assertThat(asked).hasSize(1);
            SpanData served = asked.get(0).recorded.one("concord.read");
            assertChild(served, request);
            assertThat(asked.get(0).recorded.named("concord.barrier"))
                    .isNotEmpty()
                    .allSatisfy(barrier -> assertChild(barrier, served));
        });
    }

    @Test
    void aReadThatACopyAnswersIsNotTold() {
        Process client = PROCESSES.get("client");
        client.cache.put("e", "1");
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            long before = client.cache.nearCacheStatistics().copyHits();
            client.recorded.forget();
            assertThat(client.cache.get("e", ReadLevel.SESSION)).isEqualTo("1");
            return client.cache.nearCacheStatistics().copyHits() == before + 1;
        });
        assertThat(client.recorded.spans()).isEmpty();
    }

    @Test
    void aReadOfAMemberWithoutALeaseWaitsForTheBarrier() {
        eventually(() -> {
            Process follower = follower();
            follower.cache.put("d", "1");
            follower.recorded.forget();
            assertThat(follower.cache.get("d", ReadLevel.EVENTUAL)).isEqualTo("1");
            assertThat(follower.recorded.named("concord.barrier")).isEmpty();
            follower.recorded.forget();
            assertThat(follower.cache.get("d")).isEqualTo("1");
            assertChild(follower.recorded.one("concord.barrier"), follower.recorded.one("cache.get"));
        });
    }

    @Test
    void whatNobodyTracesBelongsToNoTrace() {
        eventually(() -> {
            for (Process process : PROCESSES.values()) {
                assertThat(process.manager.unwrap(ClusterAdmin.class).status().members())
                        .hasSize(3);
                assertThat(process.manager.unwrap(StoreHolder.class).store().cache("orders"))
                        .isNotNull();
            }
            assertThat(PROCESSES.values())
                    .allMatch(process -> process.recorded.spans().isEmpty());
        });
    }
}
