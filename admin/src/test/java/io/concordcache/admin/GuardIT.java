package io.concordcache.admin;

import static io.concordcache.admin.AdminIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import io.concordcache.admin.Port.Got;
import io.concordcache.raft.access.Access;
import io.concordcache.raft.access.AuditLog;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.ratis.LogLines;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Authority;
import io.concordcache.raft.tls.Tls;
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
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what. */
@Timeout(180)
class GuardIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static Port guarded;

    @BeforeAll
    static void start() throws Exception {
        guarded = Port.start(Port.writeAccess(directory.resolve("access")));
    }

    @AfterAll
    static void stop() {
        guarded.close();
    }

    @BeforeEach
    void makeCaches() {
        makeCaches(guarded.store());
    }

    private static void makeCaches(RatisStore store) {
        for (String name : List.of("orders", "users")) {
            var made = store.execute(new Command.CreateCache(CacheDefinition.named(name)));
            assertThat(made.afterVersion()).isPositive();
        }
    }

    private static Got as(@Nullable String token, Route route) throws Exception {
        String path =
                route.path().replace("{cache}", "orders").replace("{key}", "k").replace("{member}", "nobody");
        String body = route.path().equals("/v1/caches")
                ? "{\"name\":\"orders\"}"
                : List.of("POST", "PUT").contains(route.method()) ? "[]" : null;
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
            if (route.need() == Need.NONE) {
                assertThat(as(null, route).status()).as(route.path()).isEqualTo(200);
                continue;
            }
            assertProblem(as(null, route), 401, "unauthenticated");
            assertProblem(as("wrong", route), 401, "unauthenticated");
            assertThat(as(null, route).headers().firstValue("WWW-Authenticate").orElse(""))
                    .startsWith("Bearer");
            Set<String> enough = switch (route.need()) {
                case NONE, ANY -> Set.of(Port.READER, Port.WRITER, Port.ADMIN);
                case READ -> Set.of(Port.READER);
                case WRITE -> Set.of(Port.WRITER);
                case ADMIN, CLUSTER -> Set.of(Port.ADMIN);
            };
            for (String token : List.of(Port.READER, Port.WRITER, Port.ADMIN)) {
                Got got = as(token, route);
                if (enough.contains(token)) {
                    assertThat(got.status()).as(token + " " + route).isNotIn(401, 403, 500);
                } else {
                    assertProblem(got, 403, "forbidden");
                }
            }
        }
        Route end = guarded.server().routes().stream()
                .filter(route -> route.method().equals("DELETE") && route.path().equals("/v1/caches/{cache}"))
                .findFirst()
                .orElseThrow();
        assertProblem(as(null, end), 401, "unauthenticated");
        assertProblem(as(Port.WRITER, end), 403, "forbidden");
        assertThat(as(Port.ADMIN, end).status()).isEqualTo(204);
    }

    @Test
    void tellsNobodyWhatThereIs() throws Exception {
        assertProblem(guarded.get("/v1/nothing"), 401, "unauthenticated");
        assertProblem(guarded.call("PATCH", "/v1/caches", null), 401, "unauthenticated");
        assertProblem(guarded.get("/v1/status", "Authorization", "Basic " + Port.ADMIN), 401, "unauthenticated");
        assertProblem(guarded.get("/v1/status", "Authorization", "Bearer"), 401, "unauthenticated");
        assertThat(guarded.get("/v1/status", "Authorization", "bearer  " + Port.READER)
                        .status())
                .isEqualTo(200);
        assertThat(guarded.get("/health/ready").status()).isEqualTo(200);
    }

    private static int status(Port port, String name, String method, String path, @Nullable String body)
            throws Exception {
        return port.call(method, path, body, "Authorization", "Bearer " + name + "-token")
                .status();
    }

    private static List<String> names(Got list) {
        List<String> names = new ArrayList<>();
        JsonParser.parseString(list.body())
                .getAsJsonObject()
                .getAsJsonArray("caches")
                .forEach(each -> names.add(each.getAsJsonObject().get("name").getAsString()
                        + each.getAsJsonObject().get("roles")));
        return names;
    }

    @Test
    void aRoleIsForTheCachesOfItsPatternAlone() throws Exception {
        Path file = directory.resolve("patterns");
        Files.writeString(file, Port.grant("reader", "read orders*") + Port.grant("owner", "admin,write orders*"));
        try (Port port = Port.start(file)) {
            makeCaches(port.store());
            assertThat(status(port, "owner", "PUT", "/v1/caches/orders/entries/k", "1"))
                    .isEqualTo(201);
            for (String path : List.of("", "/entries", "/entries/k", "/entries/k/ttl")) {
                assertThat(status(port, "reader", "GET", "/v1/caches/orders" + path, null))
                        .as(path)
                        .isEqualTo(200);
                assertThat(status(port, "reader", "GET", "/v1/caches/users" + path, null))
                        .as(path)
                        .isEqualTo(403);
                assertThat(status(port, "owner", "GET", "/v1/caches/orders" + path, null))
                        .as(path)
                        .isEqualTo(403);
            }
            Got refused =
                    port.call("PUT", "/v1/caches/orders/entries/k", "2", "Authorization", "Bearer " + Port.READER);
            assertProblem(refused, 403, "forbidden");
            assertThat(refused.body()).contains("token reader has not the role 'write' for the cache 'orders'");
            assertThat(status(port, "reader", "POST", "/v1/caches/users/bulk/get", "{\"keys\":[]}"))
                    .isEqualTo(403);
            assertThat(status(port, "reader", "GET", "/v1/caches/none", null)).isEqualTo(403);

            assertThat(status(port, "owner", "POST", "/v1/caches", "{\"name\":\"orders-2\"}"))
                    .isEqualTo(201);
            assertThat(status(port, "owner", "POST", "/v1/caches", "{\"name\":\"others\"}"))
                    .isEqualTo(403);
            assertThat(status(port, "owner", "DELETE", "/v1/caches/users", null))
                    .isEqualTo(403);
            assertThat(status(port, "owner", "POST", "/v1/leader", "{}")).isEqualTo(403);
            assertThat(status(port, "owner", "GET", "/v1/status", null)).isEqualTo(200);

            assertThat(names(port.get("/v1/caches", "Authorization", "Bearer " + Port.READER)))
                    .containsExactly("orders[\"read\"]", "orders-2[\"read\"]");
            assertThat(names(port.get("/v1/caches", "Authorization", "Bearer owner-token")))
                    .containsExactly("orders[\"write\",\"admin\"]", "orders-2[\"write\",\"admin\"]");
            assertThat(port.get("/v1/me", "Authorization", "Bearer owner-token").body())
                    .isEqualTo("{\"name\":\"token owner\",\"grants\":[{\"roles\":[\"write\",\"admin\"],"
                            + "\"caches\":\"orders*\"}]}");
        }
    }

    @Test
    void aNewFileCountsAndABrokenOneDoesNot() throws Exception {
        Path file = directory.resolve("changing");
        Files.writeString(file, Port.grant("reader", "read orders"));
        try (Port port = Port.start(file);
                LogLines told = new LogLines(Access.class.getName())) {
            makeCaches(port.store());
            String entries = "/v1/caches/orders/entries";
            assertThat(status(port, "reader", "GET", entries, null)).isEqualTo(200);
            assertThat(status(port, "late", "GET", entries, null)).isEqualTo(401);

            replace(file, Port.grant("late", "read orders"));
            await().atMost(PATIENCE).until(() -> status(port, "late", "GET", entries, null) == 200);
            assertThat(status(port, "reader", "GET", entries, null)).isEqualTo(401);

            replace(file, Port.grant("late", "king orders"));
            await().atMost(PATIENCE).until(() -> told.all().stream().anyMatch(line -> line.contains("refused")));
            assertThat(told.all()).last().asString().contains("changing:1 has the role 'king'");
            assertThat(status(port, "late", "GET", entries, null)).isEqualTo(200);

            replace(file, Port.grant("late", "write orders"));
            await().atMost(PATIENCE).until(() -> status(port, "late", "GET", entries, null) == 403);
            Files.delete(file);
            await().atMost(PATIENCE).until(() -> told.all().stream().anyMatch(line -> line.contains("cannot be read")));
            assertThat(status(port, "late", "GET", entries, null)).isEqualTo(403);
        }
        assertThatThrownBy(() -> Port.start(file))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("access.file cannot be read");
    }

    private static void replace(Path file, String text) throws IOException {
        Files.move(Files.writeString(file.resolveSibling("next"), text), file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void theAuditTellsOfEachChangeAndEachRefusalOnOneLine() throws Exception {
        Path file = directory.resolve("audited");
        Files.writeString(file, Port.grant("boss", "read,write,admin *") + Port.grant("owner", "admin,read orders"));
        try (Port port = Port.start(file);
                LogLines audit = new LogLines(AuditLog.NAME)) {
            makeCaches(port.store());
            assertThat(status(port, "boss", "POST", "/v1/caches", "{\"name\":\"a\"}"))
                    .isEqualTo(201);
            assertThat(status(port, "boss", "DELETE", "/v1/caches/a/entries", null))
                    .isEqualTo(204);
            assertThat(status(port, "boss", "DELETE", "/v1/caches/a?x=1", null)).isEqualTo(400);
            assertThat(status(port, "boss", "DELETE", "/v1/caches/a", null)).isEqualTo(204);
            assertThat(status(port, "owner", "POST", "/v1/caches", "{\"name\":\"users\"}"))
                    .isEqualTo(403);
            assertThat(status(port, "owner", "GET", "/v1/caches/users/entries", null))
                    .isEqualTo(403);
            assertThat(status(port, "owner", "DELETE", "/v1/members/m1", null)).isEqualTo(403);
            assertThat(status(port, "nobody", "DELETE", "/v1/caches/a%0d%0awho=%22boss%22", null))
                    .isEqualTo(401);
            assertThat(port.get("/v1/nothing").status()).isEqualTo(401);
            assertThat(status(port, "owner", "GET", "/v1/caches/orders/entries", null))
                    .isEqualTo(200);

            String unknown = "failed: the token is not known to this member; without it the caller has not the role";
            assertThat(audit.all().stream()
                            .map(line -> line.replaceAll("from=\"/127\\.0\\.0\\.1:\\d+\" ", ""))
                            .map(line -> line.replace(" (file access.file of the member)", "")))
                    .containsExactly(
                            "who=\"token boss\" what=\"POST /v1/caches a\" result=\"done\"",
                            "who=\"token boss\" what=\"DELETE /v1/caches/a/entries\" result=\"done\"",
                            "who=\"token boss\" what=\"DELETE /v1/caches/a?x=1\" result=\"failed: there is no parameter"
                                    + " 'x' here; the parameters are []\"",
                            "who=\"token boss\" what=\"DELETE /v1/caches/a\" result=\"done\"",
                            "who=\"token owner\" what=\"POST /v1/caches users\" result=\"failed: token owner has not the"
                                    + " role 'admin' for the cache 'users'\"",
                            "who=\"token owner\" what=\"GET /v1/caches/users/entries\" result=\"failed: token owner has"
                                    + " not the role 'read' for the cache 'users'\"",
                            "who=\"token owner\" what=\"DELETE /v1/members/m1\" result=\"failed: token owner has not the"
                                    + " role 'admin' for all caches (*), which administers the cluster\"",
                            "who=\"nobody\" what=\"DELETE /v1/caches/a%0d%0awho=%22boss%22\" result=\"" + unknown
                                    + " 'admin' for the cache 'a\\\\u000D\\\\u000Awho=\\\\\\\"boss\\\\\\\"'\"",
                            "who=\"nobody\" what=\"GET /v1/nothing\" result=\"failed: who shows neither a certificate nor"
                                    + " a token has no role\"");
        }
    }

    @Test
    void aFloodOfRefusalsIsCut() throws Exception {
        try (LogLines audit = new LogLines(AuditLog.NAME)) {
            for (int i = 0; i < 200; i++) {
                assertThat(guarded.get("/v1/status").status()).isEqualTo(401);
            }
            assertThat(audit.all()).isNotEmpty().hasSizeLessThan(200);
        }
    }

    @Test
    void offLoopbackItNeedsTlsAndRoles() throws Exception {
        InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);
        TlsSettings tls = new Authority("a").write(directory.resolve("t"), new Authority("a").issue("s", "localhost"));
        Path access = directory.resolve("access");
        for (Object[] each : new Object[][] {{null, null}, {tls, null}, {null, access}}) {
            assertThatThrownBy(() -> AdminSettings.of(everywhere, (TlsSettings) each[0], (Path) each[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("needs TLS (--tls) and a file of roles (--access-file)");
        }
        assertThat(AdminSettings.of(everywhere, tls, access).address()).isEqualTo(everywhere);
        assertThatThrownBy(() -> AdminSettings.of(InetSocketAddress.createUnresolved("nowhere", 1), tls, access))
                .hasMessageContaining("no such host");
        TlsSettings bare = new TlsSettings(null, null, null, null, null, directory.resolve("x"), false);
        assertThatThrownBy(() -> AdminSettings.of(everywhere, bare, access))
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
                AdminServer server = AdminServer.start(
                        store, AdminSettings.of(Port.anyPort(), optional(tls), directory.resolve("access")))) {
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

    private static Got with(AdminServer server, TlsSettings files, String method, String path, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (Tls tls = Tls.open(files)) {
            return Port.send(client(tls.context()), request.build());
        }
    }

    /** A server that asks for certificates, but does without. */
    private static TlsSettings optional(TlsSettings files) {
        return new TlsSettings(files.certificate(), files.key(), null, null, null, files.trust(), false);
    }

    private static TlsSettings bare(TlsSettings files) {
        return new TlsSettings(null, null, null, null, null, files.trust(), false);
    }

    @Test
    void aCertificateHasRolesWithoutAToken() throws Exception {
        Authority authority = new Authority("authority");
        TlsSettings own = authority.write(directory.resolve("own"), authority.issue("one", "localhost", "127.0.0.1"));
        TlsSettings app = authority.write(directory.resolve("app"), authority.issue("person", "App.example"));
        TlsSettings stranger = authority.write(directory.resolve("stranger"), authority.issue("stranger"));
        Path access = directory.resolve("certificates");
        Files.writeString(access, "certificate app.example read orders*\n" + Port.grant("reader", "read users"));
        String orders = "v1/caches/orders/entries";
        String users = "v1/caches/users/entries";
        String[] token = {"Authorization", "Bearer " + Port.READER};
        try (RatisStore store = Port.memberAlone();
                AdminServer server =
                        AdminServer.start(store, AdminSettings.of(Port.anyPort(), optional(own), access))) {
            makeCaches(store);
            assertThat(with(server, app, "GET", orders).status()).isEqualTo(200);
            Got refused = with(server, app, "GET", users);
            assertProblem(refused, 403, "forbidden");
            assertThat(refused.body())
                    .contains("CN=person [App.example] has not the role 'read' for the cache 'users'");
            assertProblem(with(server, app, "DELETE", orders), 403, "forbidden");
            assertThat(with(server, app, "GET", users, token).status()).isEqualTo(200);
            assertThat(with(server, app, "GET", orders, token).status()).isEqualTo(200);
            assertProblem(with(server, app, "GET", users, "Authorization", "Bearer no"), 401, "unauthenticated");

            assertProblem(with(server, stranger, "GET", orders), 401, "unauthenticated");
            assertThat(with(server, stranger, "GET", users, token).status()).isEqualTo(200);
            assertProblem(with(server, bare(own), "GET", orders), 401, "unauthenticated");
            assertThat(with(server, bare(own), "GET", users, token).status()).isEqualTo(200);
            assertThat(with(server, bare(own), "GET", "health/live").status()).isEqualTo(200);
        }
        try (RatisStore store = Port.memberAlone();
                AdminServer server = AdminServer.start(store, AdminSettings.of(Port.anyPort(), own, access))) {
            makeCaches(store);
            assertThat(with(server, app, "GET", orders).status()).isEqualTo(200);
            assertThatThrownBy(() -> with(server, bare(own), "GET", users, token))
                    .isInstanceOf(IOException.class);
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
        return client(context);
    }

    private static HttpClient client(SSLContext context) {
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
