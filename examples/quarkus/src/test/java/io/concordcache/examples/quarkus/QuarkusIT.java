package io.concordcache.examples.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The packaged application in a process of its own, asked over HTTP. */
class QuarkusIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static Process application;
    private static String address;

    @BeforeAll
    static void start() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        address = "http://127.0.0.1:" + port + "/";
        application = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dquarkus.http.port=" + port,
                        "-jar",
                        "target/quarkus-app/quarkus-run.jar")
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "quarkus.log").toFile())
                .start();
        await().atMost(Duration.ofMinutes(3)).ignoreExceptions().until(() -> {
            if (!application.isAlive()) {
                throw new AssertionError("the application has ended; see target/quarkus.log");
            }
            return call("GET", "q/health/live").statusCode() == 200;
        });
    }

    @AfterAll
    static void end() throws InterruptedException {
        application.destroy();
        if (!application.waitFor(60, TimeUnit.SECONDS)) {
            application.destroyForcibly().waitFor();
        }
    }

    private static HttpResponse<String> call(String method, String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(address + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .timeout(Duration.ofSeconds(60))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = call("GET", path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void theSecondCallIsAHit() throws Exception {
        assertThat(get("quotes/tea")).isEqualTo("3");
        assertThat(get("quotes")).isEqualTo("asked 1, hits 0");
        assertThat(get("quotes/tea")).isEqualTo("3");
        assertThat(get("quotes")).isEqualTo("asked 1, hits 1");
        assertThat(call("DELETE", "quotes/tea").statusCode()).isEqualTo(204);
        assertThat(get("quotes/tea")).isEqualTo("3");
        assertThat(get("quotes")).isEqualTo("asked 2, hits 1");
    }

    @Test
    void healthShowsTheStore() throws Exception {
        assertThat(get("q/health/ready").replaceAll("\\s", ""))
                .contains("\"name\":\"concord\",\"status\":\"UP\"")
                .contains("\"lag\":0");
    }
}
