package io.concordcache.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.admin.Port.Got;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that are slow, greedy, or make no sense. */
@Timeout(400)
class LimitsIT {
    private static final int REQUESTS = 10_000;
    private static final long SEED = Long.getLong("fuzz.seed", 20_261_126);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static Port port;

    @BeforeAll
    static void start() throws Exception {
        port = Port.start(null);
        var made = port.store().execute(new Command.CreateCache(CacheDefinition.named("orders")));
        assertThat(made.held()).isTrue();
    }

    @AfterAll
    static void stop() {
        port.close();
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.number());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static Socket sending(String text) throws IOException {
        Socket socket = connect();
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** What comes until the other side ends the connection, in whatever way. */
    private static String rest(Socket socket) throws IOException {
        StringBuilder found = new StringBuilder();
        byte[] piece = new byte[4096];
        try {
            for (int count = socket.getInputStream().read(piece);
                    count >= 0;
                    count = socket.getInputStream().read(piece)) {
                found.append(new String(piece, 0, count, StandardCharsets.ISO_8859_1));
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the connection is still open; it sent: " + found, e);
        } catch (SocketException e) {
            // ended by a reset
        }
        return found.toString();
    }

    @Test
    void halfRequestsEndAndKeepNobodyFromBeingServed() throws Exception {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            slow.add(sending("GET /v1/sta"));
            slow.add(sending("GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Never: "));
            slow.add(sending(
                    "PUT /v1/caches/orders/entries/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                            + "Content-Length: 100\r\n\r\nhalf"));
        }
        slow.add(connect()); // says nothing at all
        assertThat(port.get("/health/live").status()).isEqualTo(200);
        for (Socket socket : slow) {
            assertThat(rest(socket)).doesNotContain("HTTP/1.1 2", "HTTP/1.1 5", "\tat ");
            socket.close();
        }
        assertThat(port.get("/v1/status").status()).isEqualTo(200);
    }

    @Test
    void moreConnectionsThanAllowedAreClosed() throws Exception {
        List<Socket> many = new ArrayList<>();
        try {
            for (int i = 0; i < 260; i++) {
                many.add(connect());
            }
            int ended = 0;
            for (Socket socket : many.subList(210, 260)) {
                ended += rest(socket).isEmpty() ? 1 : 0;
            }
            assertThat(ended).isEqualTo(50);
        } finally {
            for (Socket socket : many) {
                socket.close();
            }
        }
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> port.get("/health/live").status() == 200);
    }

    @Test
    void aBodyThatIsDeclaredHugeIsRefusedAtOnce() throws Exception {
        try (Socket socket =
                sending("PUT /v1/caches/orders/entries/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                        + "Content-Length: 2147483647\r\n\r\nx")) {
            assertThat(rest(socket)).startsWith("HTTP/1.1 413").contains("body-too-large");
        }
        try (Socket socket =
                sending("PUT /v1/caches/orders/entries/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\nzz\r\n")) {
            assertThat(rest(socket)).doesNotContain("HTTP/1.1 2", "HTTP/1.1 5");
        }
    }

    /** The same for the same seed. */
    private static final class Fuzz {
        private static final List<String> METHODS = List.of(
                "GET", "GET", "GET", "PUT", "PUT", "POST", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "BREW");
        private static final List<String> WORDS = List.of(
                "v1",
                "v1",
                "v1",
                "caches",
                "caches",
                "caches",
                "orders",
                "orders",
                "entries",
                "entries",
                "ttl",
                "bulk",
                "get",
                "put",
                "delete",
                "members",
                "leader",
                "status",
                "me",
                "metrics",
                "health",
                "ready",
                "..",
                ".",
                "%2e%2e",
                "%2f",
                "%00",
                "%0d%0a",
                "%ff",
                "%F0%9F%8D%B5",
                "",
                "a",
                "42",
                "%25",
                "~",
                "m1",
                "nobody");
        private static final List<String> QUERIES = List.of(
                "limit=5",
                "limit=-1",
                "limit=99999999999",
                "after=00",
                "after=zz",
                "key-type=long",
                "key-type=hex",
                "key-type=uuid",
                "key-type=%00",
                "level=eventual",
                "level=session",
                "level=",
                "ttl=1ms",
                "ttl=10m",
                "ttl=never",
                "ttl=-5s",
                "ttl=999999999d",
                "x",
                "=",
                "&",
                "%zz",
                "a=%ff");
        private static final List<String> BODIES = List.of(
                "",
                "{}",
                "[]",
                "null",
                "1",
                "-0",
                "1e400",
                "\"x\"",
                "{\"keys\":[\"a\",\"b\"]}",
                "{\"keys\":null}",
                "{\"entries\":[{\"key\":\"a\",\"value\":[1,{}]}]}",
                "{\"entries\":[1]}",
                "{\"name\":\"..\"}",
                "{\"name\":\"f\",\"maxEntries\":-1}",
                "{\"name\":\"f\",\"ttl\":\"1s\",\"maxBytes\":1e3}",
                "{\"member\":\"\"}",
                "{\"member\":\"m1\"}",
                "{\"member\":{}}",
                "{\"a\":1,\"a\":2}",
                "{\"keys\":[\"\\ud800\"]}",
                "\u0000\u0001",
                "[[[[[[[[[[[[",
                "{\"keys\":[",
                "\ud83c\udf75",
                "NaN");
        private static final List<String> HEADERS = List.of(
                "Content-Type",
                "application/json",
                "Content-Type",
                "text/plain",
                "Content-Type",
                "application/octet-stream",
                "Content-Type",
                ";;;",
                "Accept",
                "application/octet-stream",
                "Accept",
                "*/*",
                "If-Match",
                "*",
                "If-Match",
                "\"1\"",
                "If-Match",
                "99999999999999999999",
                "If-None-Match",
                "*",
                "If-None-Match",
                "\"",
                "Concord-TTL",
                "1h",
                "Concord-TTL",
                "soon",
                "Authorization",
                "Bearer",
                "Authorization",
                "Bearer x",
                "Origin",
                "null",
                "Sec-Fetch-Site",
                "none",
                "Range",
                "bytes=0-1",
                "Expect",
                "nothing");

        private final Random random = new Random(SEED);

        private String one(List<String> of) {
            return of.get(random.nextInt(of.size()));
        }

        String method() {
            return one(METHODS);
        }

        String path() {
            StringBuilder path = new StringBuilder();
            if (random.nextInt(3) == 0) {
                for (int i = random.nextInt(7); i >= 0; i--) {
                    path.append('/').append(one(WORDS));
                }
            } else { // near to what there is
                Route route = port.server()
                        .routes()
                        .get(random.nextInt(port.server().routes().size()));
                path.append(route.path()
                        .replace("{cache}", random.nextInt(4) == 0 ? one(WORDS) : "orders")
                        .replace("{key}", one(WORDS))
                        .replace("{member}", one(WORDS)));
            }
            for (int i = random.nextInt(3); i > 0; i--) {
                path.append(path.indexOf("?") < 0 ? '?' : '&').append(one(QUERIES));
            }
            return path.toString();
        }

        String request() {
            String body = one(BODIES);
            StringBuilder request = new StringBuilder(method() + " " + path() + " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
            for (int i = random.nextInt(4); i > 0; i--) {
                int at = 2 * random.nextInt(HEADERS.size() / 2);
                request.append(HEADERS.get(at))
                        .append(": ")
                        .append(HEADERS.get(at + 1))
                        .append("\r\n");
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            request.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
            return request.append(new String(bytes, StandardCharsets.ISO_8859_1))
                    .toString();
        }

        /** Any bytes, or a request of which some bytes are others. */
        String noise() {
            byte[] bytes = random.nextBoolean()
                    ? new byte[random.nextInt(300)]
                    : request().getBytes(StandardCharsets.ISO_8859_1);
            for (int i = random.nextInt(bytes.length + 1); i > 0; i -= 1 + random.nextInt(40)) {
                bytes[i - 1] = (byte) random.nextInt(256);
            }
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void randomRequestsAreAnsweredOrRefused() throws Exception {
        Fuzz fuzz = new Fuzz();
        int answered = 0;
        for (int i = 0; i < REQUESTS; ) {
            StringBuilder sent = new StringBuilder();
            boolean noise = i % 100 == 0;
            int batch = noise ? 1 : 50;
            try (Socket socket = connect()) {
                String answers;
                if (noise) {
                    sent.append(fuzz.noise());
                    socket.getOutputStream().write(sent.toString().getBytes(StandardCharsets.ISO_8859_1));
                    socket.shutdownOutput();
                    answers = rest(socket);
                    i++;
                } else {
                    // One after the other: whoever sends ahead learns nothing of requests behind one that is refused.
                    StringBuilder all = new StringBuilder();
                    Answers from = new Answers(socket);
                    for (int n = 0; n < batch && i < REQUESTS; n++, i++) {
                        String request = fuzz.request();
                        sent.setLength(0);
                        sent.append(request);
                        boolean open = from.ask(request, all);
                        if (!open) {
                            i++;
                            break;
                        }
                    }
                    answers = all.toString();
                }
                answered += answers.split("HTTP/1\\.1 \\d\\d\\d ", -1).length - 1;
                // what the JDK's server says of an address that is none
                assertThat(answers.replace("URISyntaxException thrown", ""))
                        .as("seed " + SEED + ", at " + i + ": " + sent)
                        .doesNotContain("HTTP/1.1 500", "\tat ", "Exception", "io.concordcache.");
            }
        }
        assertThat(answered).isGreaterThan(REQUESTS * 9 / 10);
        Got alive = port.get("/health/ready");
        assertThat(alive.status()).isEqualTo(200);
        assertThat(port.get("/v1/caches/orders").status()).isIn(200, 404);
    }

    /** Sends requests on one connection and takes the answers apart as far as their length needs. */
    private static final class Answers {
        private final Socket socket;

        Answers(Socket socket) {
            this.socket = socket;
        }

        /** Whether the connection goes on after the answer. */
        boolean ask(String request, StringBuilder into) throws IOException {
            try {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                String head = head();
                into.append(head);
                int length = 0;
                for (String line : head.split("\r\n")) {
                    if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                        length = Integer.parseInt(
                                line.substring(line.indexOf(':') + 1).strip());
                    }
                }
                if (request.startsWith("HEAD ")) {
                    length = 0;
                }
                into.append(new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8));
                return !head.isEmpty()
                        && !head.toLowerCase(java.util.Locale.ROOT).contains("connection: close");
            } catch (SocketException e) {
                return false;
            }
        }

        private String head() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    return head.toString();
                }
                head.append((char) next);
            }
            return head.toString();
        }
    }
}
