package io.concordcache.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.ratis.RemoteSettings;
import io.concordcache.raft.ratis.RemoteStore;
import io.concordcache.raft.store.Member;
import io.concordcache.tracing.ConcordTracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with the SDK of OpenTelemetry on its class path, which writes spans to its log. */
@Timeout(180)
class TracingProcessIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path temporary;

    private Process start(int port, Path log) throws Exception {
        Path logging = Files.writeString(temporary.resolve("logging.properties"), """
                handlers=java.util.logging.ConsoleHandler
                .level=INFO
                """);
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx200m",
                        "-Djava.util.logging.config.file=" + logging,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "server",
                        "--listen",
                        "127.0.0.1:" + port,
                        "--directory",
                        temporary.resolve("data").toString()))
                .redirectError(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "OTEL_TRACES_EXPORTER", "console",
                        "OTEL_METRICS_EXPORTER", "none",
                        "OTEL_LOGS_EXPORTER", "none",
                        "OTEL_BSP_SCHEDULE_DELAY", "100"));
        return builder.start();
    }

    @Test
    void theTraceOfAClientGoesOnInTheServer() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path log = temporary.resolve("log");
        Process server = start(port, log);
        try (OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder().build())
                .build()) {
            assertThat(server.inputReader().readLine()).startsWith("serving cluster");
            String trace;
            try (RemoteStore client =
                    RemoteStore.connect(RemoteSettings.of("concord", List.of(Member.parse("127.0.0.1:" + port))))) {
                client.trace(ConcordTracing.of(sdk));
                Span request =
                        sdk.getTracer("application").spanBuilder("request").startSpan();
                trace = request.getSpanContext().getTraceId();
                try (Scope scope = request.makeCurrent()) {
                    assertThat(scope).isNotNull();
                    assertThat(client.execute(new Command.CreateCache(CacheDefinition.named("orders")))
                                    .held())
                            .isTrue();
                    assertThat(client.caches()).hasSize(1);
                } finally {
                    request.end();
                }
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(Files.readString(log))
                            .containsPattern("'concord.append' : " + trace + " [0-9a-f]{16} SERVER")
                            .containsPattern("'concord.caches' : " + trace + " [0-9a-f]{16} SERVER"));
        } finally {
            server.destroyForcibly();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
