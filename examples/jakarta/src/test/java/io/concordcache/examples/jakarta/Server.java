package io.concordcache.examples.jakarta;

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
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A server in a process of its own, with the application in it. */
final class Server implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(5);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final String address;

    /** Starts a server that will listen at this port of the loopback address, and awaits the application. */
    Server(int port, Path log, ProcessBuilder command) throws IOException {
        address = "http://127.0.0.1:" + port + "/";
        process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            await().atMost(START).ignoreExceptionsInstanceOf(IOException.class).until(() -> {
                assertThat(process.isAlive()).as("the server runs; see %s", log).isTrue();
                return call("GET", "example/quotes", "").statusCode() == 200;
            });
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    String get(String path) throws Exception {
        return successful(call("GET", path, ""));
    }

    void put(String path, String body) throws Exception {
        successful(call("PUT", path, body));
    }

    void delete(String path) throws Exception {
        successful(call("DELETE", path, ""));
    }

    /** The same of the address that the server has for administration. */
    String get(int port, String path) throws Exception {
        return successful(send(URI.create("http://127.0.0.1:" + port + "/" + path), "GET", ""));
    }

    private static String successful(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 204);
        return answer.body();
    }

    private HttpResponse<String> call(String method, String path, String body)
            throws IOException, InterruptedException {
        return send(URI.create(address + path), method, body);
    }

    private HttpResponse<String> send(URI uri, String method, String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "text/plain")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .timeout(Duration.ofSeconds(60))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Ends the server, which a script may have started. */
    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        all.forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            for (ProcessHandle each : all) {
                try {
                    each.onExit().get(60, TimeUnit.SECONDS);
                } catch (TimeoutException | ExecutionException e) {
                    each.destroyForcibly();
                }
            }
        } catch (InterruptedException e) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }
}
