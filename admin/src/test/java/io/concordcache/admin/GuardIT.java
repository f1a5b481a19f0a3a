package io.concordcache.admin;

import static io.concordcache.admin.AdminIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.admin.Port.Got;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Authority;
import io.concordcache.raft.tls.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what. */
@Timeout(180)
class GuardIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Kept, for the JDK forgets loggers that nobody holds. */
    private static final Logger AUDIT = Logger.getLogger(Audit.LOGGER);

    @TempDir
    private static Path directory;

    private static Port guarded;

    private final List<String> audited = Collections.synchronizedList(new ArrayList<>());
    private final Handler listener = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord line) {
            audited.add(line.getLevel() + " " + formatter.formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeAll
    static void start() throws Exception {
        guarded = Port.start(Port.writeTokens(directory.resolve("tokens")));
        AUDIT.setLevel(java.util.logging.Level.INFO);
    }

    @AfterAll
    static void stop() {
        guarded.close();
    }

    @BeforeEach
    void listen() {
        var made = guarded.store().execute(new Command.CreateCache(CacheDefinition.named("orders")));
        assertThat(made.afterVersion()).isPositive();
        AUDIT.addHandler(listener);
    }

    @AfterEach
    void listenNoMore() {
        AUDIT.removeHandler(listener);
    }

    private static Got as(@Nullable String token, Route route) throws Exception {
        String path =
                route.path().replace("{cache}", "orders").replace("{key}", "k").replace("{member}", "nobody");
        String body = List.of("POST", "PUT").contains(route.method()) ? "[]" : null;
        return token == null
                ? guarded.call(route.method(), path, body)
                : guarded.call(route.method(), path, body, "Authorization", "Bearer " + token);
    }

    @Test
    void eachRouteIsForItsRoleAlone() throws Exception {
        for (Route route : guarded.server().routes()) {
            if (route.method().equals("DELETE") && route.path().equals("/v1/caches/{cache}")) {
                continue; // ends the cache that the others need; below
            }
            Role needed = route.role();
            if (needed == null) {
                assertThat(as(null, route).status()).as(route.path()).isEqualTo(200);
                continue;
            }
            assertProblem(as(null, route), 401, "no-token");
            assertProblem(as("wrong", route), 401, "no-token");
            assertThat(as(null, route).headers().firstValue("WWW-Authenticate").orElse(""))
                    .startsWith("Bearer");
            for (Role role : Role.values()) {
                String token = List.of(Port.READER, Port.WRITER, Port.ADMIN).get(role.ordinal());
                Got got = as(token, route);
                if (role.includes(needed)) {
                    assertThat(got.status()).as(role + " " + route).isNotIn(401, 403, 500);
                } else {
                    assertProblem(got, 403, "forbidden");
                }
            }
        }
        Route end = guarded.server().routes().stream()
                .filter(route -> route.method().equals("DELETE") && route.path().equals("/v1/caches/{cache}"))
                .findFirst()
                .orElseThrow();
        assertProblem(as(null, end), 401, "no-token");
        assertProblem(as(Port.WRITER, end), 403, "forbidden");
        assertThat(as(Port.ADMIN, end).status()).isEqualTo(204);
    }

    @Test
    void tellsNobodyWhatThereIs() throws Exception {
        assertProblem(guarded.get("/v1/nothing"), 401, "no-token");
        assertProblem(guarded.call("PATCH", "/v1/caches", null), 401, "no-token");
        assertProblem(guarded.get("/v1/status", "Authorization", "Basic " + Port.ADMIN), 401, "no-token");
        assertProblem(guarded.get("/v1/status", "Authorization", "Bearer"), 401, "no-token");
        assertThat(guarded.get("/v1/status", "Authorization", "bearer  " + Port.READER)
                        .status())
                .isEqualTo(200);
        assertThat(guarded.get("/health/ready").status()).isEqualTo(200);
    }

    @Test
    void theAuditTellsWhoDidWhatOnOneLineEach() throws Exception {
        try (Port port = Port.start(directory.resolve("tokens"))) { // which refused nobody in this second
            actWithAudit(port);
        }
        await().atMost(PATIENCE).until(() -> audited.size() >= 5);
        assertThat(audited)
                .containsExactly(
                        "INFO boss (admin) from 127.0.0.1: POST /v1/caches audited -> 201",
                        "INFO writer (write) from 127.0.0.1: DELETE /v1/caches/audited/entries -> 204",
                        "WARNING refused writer from 127.0.0.1: DELETE /v1/caches/audited: this needs the role admin;"
                                + " 'writer' has write",
                        "WARNING refused nobody from 127.0.0.1: DELETE /v1/caches/a%0d%0aINFO%20boss: this needs a token"
                                + " that is known here: Authorization: Bearer TOKEN",
                        "INFO boss (admin) from 127.0.0.1: DELETE /v1/caches/audited -> 204");
        assertThat(Audit.safe("a\r\nb\u2028c\u0085\u001b[0m")).isEqualTo("a\\u000d\\u000ab\\u2028c\\u0085\\u001b[0m");
    }

    private static void actWithAudit(Port port) throws Exception {
        assertThat(port.call("POST", "/v1/caches", "{\"name\":\"audited\"}", "Authorization", "Bearer " + Port.ADMIN)
                        .status())
                .isEqualTo(201);
        assertThat(port.call("DELETE", "/v1/caches/audited/entries", null, "Authorization", "Bearer " + Port.WRITER)
                        .status())
                .isEqualTo(204);
        assertThat(port.call("DELETE", "/v1/caches/audited", null, "Authorization", "Bearer " + Port.WRITER)
                        .status())
                .isEqualTo(403);
        assertThat(port.call("DELETE", "/v1/caches/a%0d%0aINFO%20boss", null, "Authorization", "Bearer x\u00a0y")
                        .status())
                .isEqualTo(401);
        assertThat(port.call("DELETE", "/v1/caches/audited", null, "Authorization", "Bearer " + Port.ADMIN)
                        .status())
                .isEqualTo(204);
    }

    @Test
    void aFloodOfRefusalsIsCut() throws Exception {
        for (int i = 0; i < 200; i++) {
            assertThat(guarded.get("/v1/status").status()).isEqualTo(401);
        }
        assertThat(audited).hasSizeLessThan(200);
    }

    @Test
    void tokensMayBeReplacedAndBrokenOnesAreRefused() throws Exception {
        Path file = directory.resolve("changing");
        Files.writeString(file, Port.line("first", "read", "one"));
        TokenFile tokens = TokenFile.open(file);
        assertThat(tokens.caller("one")).isEqualTo(new Caller("first", Role.READ));
        assertThat(tokens.caller(null)).isNull();
        assertThat(tokens.caller("two")).isNull();

        Files.writeString(file, Port.line("first", "read", "one") + Port.line("second", "admin", "two"));
        await().atMost(PATIENCE).until(() -> tokens.caller("two") != null);
        assertThat(tokens.caller("two")).isEqualTo(new Caller("second", Role.ADMIN));

        Files.writeString(file, Port.line("third", "king", "three") + "# longer than before, so that it is seen\n");
        Path good = Files.writeString(directory.resolve("good"), Port.line("fourth", "write", "four"));
        // The broken file counts for nothing, whenever it is looked at; the good one that follows does.
        assertThat(tokens.caller("three")).isNull();
        assertThat(tokens.caller("two")).isNotNull();
        Files.move(good, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        await().atMost(PATIENCE).until(() -> tokens.caller("four") != null);
        assertThat(tokens.caller("two")).isNull();

        Files.delete(file);
        assertThat(tokens.caller("four")).isNotNull();
    }

    @Test
    void badFilesOfTokensAreOneClearLine() throws Exception {
        assertBadTokens("", "holds no token");
        assertBadTokens("# nothing\n", "holds no token");
        assertBadTokens("anna admin\n", "line 1 of ");
        assertBadTokens(
                "\nanna king " + "0".repeat(64) + "\n", "names the role 'king'; it must be read, write or admin");
        assertBadTokens("anna admin secret\n", "the SHA-256 of the token in hex");
        assertBadTokens(Port.line("a", "read", "x") + Port.line("a", "read", "y"), "line 2 of ");
        assertBadTokens(Port.line("a", "read", "x") + Port.line("b", "admin", "x"), "stands on a line before");
        assertThatThrownBy(() -> TokenFile.open(directory.resolve("absent")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("absent cannot be read");
    }

    private void assertBadTokens(String content, String message) throws IOException {
        Path file = Files.writeString(directory.resolve("bad"), content);
        assertThatThrownBy(() -> TokenFile.open(file))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void offLoopbackItNeedsTlsAndTokens() throws Exception {
        InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);
        TlsSettings tls = new Authority("a").write(directory.resolve("t"), new Authority("a").issue("s", "localhost"));
        Path tokens = directory.resolve("tokens");
        for (Object[] each : new Object[][] {{null, null}, {tls, null}, {null, tokens}}) {
            assertThatThrownBy(() -> AdminSettings.of(everywhere, (TlsSettings) each[0], (Path) each[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("needs TLS (--tls) and a file of tokens (--admin-tokens)");
        }
        assertThat(AdminSettings.of(everywhere, tls, tokens).address()).isEqualTo(everywhere);
        assertThatThrownBy(() -> AdminSettings.of(InetSocketAddress.createUnresolved("nowhere", 1), tls, tokens))
                .hasMessageContaining("no such host");
        TlsSettings bare = new TlsSettings(null, null, null, null, null, directory.resolve("x"), false);
        assertThatThrownBy(() -> AdminSettings.of(everywhere, bare, tokens))
                .hasMessageContaining("needs a certificate");
    }

    @Test
    void aPortThatIsTakenIsOneClearLine() throws Exception {
        InetSocketAddress taken = guarded.server().address();
        assertThatThrownBy(() -> AdminServer.start(guarded.store(), AdminSettings.of(taken, null, null)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("the admin port cannot listen on ")
                .hasMessageContaining(":" + taken.getPort());
    }

    @Test
    void tlsFollowsItsFiles() throws Exception {
        Authority first = new Authority("first");
        Authority second = new Authority("second");
        Path files = directory.resolve("tls");
        TlsSettings tls = first.write(files, first.issue("one", "localhost", "127.0.0.1"));
        X509Certificate firstRoot = root(files);
        try (RatisStore store = Port.memberAlone();
                AdminServer server =
                        AdminServer.start(store, AdminSettings.of(Port.anyPort(), tls, directory.resolve("tokens")))) {
            assertThat(server.url()).startsWith("https://127.0.0.1:");
            HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "v1/me"))
                    .header("Authorization", "Bearer " + Port.READER)
                    .timeout(Duration.ofSeconds(30))
                    .build();
            assertThat(Port.send(trusting(firstRoot), request).status()).isEqualTo(200);

            Files.writeString(files.resolve("key.pem"), "broken");
            assertThat(Port.send(trusting(firstRoot), request).status()).isEqualTo(200);
            TlsSettings again = second.write(files, second.issue("two", "localhost", "127.0.0.1"));
            assertThat(again.certificate()).isEqualTo(tls.certificate());
            X509Certificate secondRoot = root(files);
            await().atMost(PATIENCE).until(() -> {
                try {
                    return Port.send(trusting(secondRoot), request).status() == 200;
                } catch (SSLException e) {
                    return false;
                }
            });
            assertThatThrownBy(() -> Port.send(trusting(firstRoot), request)).isInstanceOf(SSLException.class);
        }
    }

    private static X509Certificate root(Path files) throws Exception {
        try (var in = Files.newInputStream(files.resolve("trust.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static HttpClient trusting(X509Certificate root) throws Exception {
        java.security.KeyStore store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("root", root);
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .connectTimeout(Duration.ofSeconds(20))
                .build();
    }

    /** Sends a request as a browser would that a page of somebody else has sent here. */
    private static String raw(Port to, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.number())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void pagesOfOthersDoNothing() throws Exception {
        try (Port open = Port.start(null)) {
            String end = "Connection: close\r\nContent-Length: 0\r\n\r\n";
            String own = "Host: 127.0.0.1:" + open.number() + "\r\n";
            assertThat(raw(open, "GET /v1/status HTTP/1.1\r\n" + own + end)).startsWith("HTTP/1.1 200");
            assertThat(raw(open, "GET /v1/status HTTP/1.1\r\nHost: localhost:1\r\n" + end))
                    .startsWith("HTTP/1.1 200");
            assertThat(raw(open, "GET /v1/status HTTP/1.1\r\nHost: evil.example\r\n" + end))
                    .startsWith("HTTP/1.1 403")
                    .contains("wrong-host");
            assertThat(raw(open, "GET /v1/status HTTP/1.1\r\nHost: \u00ff^\r\n" + end))
                    .startsWith("HTTP/1.1 403");
            assertThat(raw(open, "POST /v1/leader HTTP/1.1\r\n" + own + "Origin: https://evil.example\r\n" + end))
                    .startsWith("HTTP/1.1 403")
                    .contains("wrong-origin");
            assertThat(raw(open, "DELETE /v1/caches/x HTTP/1.1\r\n" + own + "Sec-Fetch-Site: cross-site\r\n" + end))
                    .startsWith("HTTP/1.1 403");
            assertThat(raw(
                            open,
                            "DELETE /v1/caches/x HTTP/1.1\r\n" + own + "Origin: http://127.0.0.1:" + open.number()
                                    + "\r\n" + end))
                    .startsWith("HTTP/1.1 404");
        }
    }
}
