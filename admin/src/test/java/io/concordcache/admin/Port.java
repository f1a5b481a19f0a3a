package io.concordcache.admin;

import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.Member;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A member alone with its admin port on loopback, and somebody who calls it. */
final class Port implements AutoCloseable {
    static final String READER = "reader-token";
    static final String WRITER = "writer-token";
    static final String ADMIN = "admin-token";
    static final int MAX_BODY = 64 << 10;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();
    private final RatisStore store;
    private final AdminServer server;

    /** What came back. */
    record Got(int status, String type, String body, HttpHeaders headers) {}

    private Port(RatisStore store, AdminServer server) {
        this.store = store;
        this.server = server;
    }

    static List<Member> freeMembers(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        List<Member> members = new ArrayList<>();
        for (ServerSocket socket : sockets) {
            members.add(new Member("m" + (members.size() + 1), "127.0.0.1", socket.getLocalPort()));
            socket.close();
        }
        return members;
    }

    static RatisStore memberAlone() throws IOException {
        Member member = freeMembers(1).get(0);
        return RatisStore.start(RatisSettings.memory().with(new ClusterSettings(member, List.of(member), false)));
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** @param access null for a port that anybody may use */
    static Port start(@Nullable Path access) throws IOException {
        RatisStore store = memberAlone();
        return new Port(store, AdminServer.start(store, new AdminSettings(anyPort(), null, access, MAX_BODY)));
    }

    static Path writeAccess(Path file) throws Exception {
        return Files.writeString(
                file, grant("reader", "read *") + grant("writer", "write *") + grant("admin", "admin *"));
    }

    /** The lines that give roles to the holder of the token {@code NAME-token}. */
    static String grant(String name, String rolesAndCaches) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest((name + "-token").getBytes(StandardCharsets.UTF_8));
        return "token " + name + " " + rolesAndCaches + "\nsha256 " + name + " "
                + HexFormat.of().formatHex(hash) + "\n";
    }

    RatisStore store() {
        return store;
    }

    AdminServer server() {
        return server;
    }

    int number() {
        return server.address().getPort();
    }

    Got get(String path, String... headers) throws Exception {
        return call("GET", path, null, headers);
    }

    /** JSON, unless the headers say otherwise. */
    Got call(String method, String path, @Nullable String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(server.url().replaceAll("/$", "") + path))
                .timeout(Duration.ofSeconds(60))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null && !List.of(headers).contains("Content-Type")) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(client, request.build());
    }

    static Got send(HttpClient client, HttpRequest request) throws Exception {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        return new Got(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                response.body(),
                response.headers());
    }

    @Override
    public void close() {
        server.close();
        store.close();
    }
}
