package io.concordcache.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.tls.Authority;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.tls.TlsSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands of those who have a role, by a token, and of those who have none. */
@Timeout(120)
class AccessCommandsTest {
    private static final String TOKEN = "0123456789-0123456789";

    @TempDir
    private static Path directory;

    private static Member member;
    private static RatisStore server;
    private static TlsSettings client;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void startServer() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            member = new Member("one", "127.0.0.1", free.getLocalPort());
        }
        Authority authority = new Authority("authority");
        client = authority.write(directory.resolve("client"), authority.issue("client"));
        String hash = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(TOKEN.getBytes(StandardCharsets.UTF_8)));
        Path access = directory.resolve("access");
        Files.write(access, List.of("token ops read,write,admin orders*", "sha256 ops " + hash));
        server = RatisStore.start(RatisSettings.memory()
                .with(new ClusterSettings(member, List.of(member), false))
                .with(Security.of(authority.write(directory.resolve("one"), authority.issue("one", "127.0.0.1")))
                        .withAccess(access)));
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    private int run(String line) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
        words.addAll(List.of("--servers", member.address(), "--tls"));
        words.addAll(List.of("--tls-certificate", String.valueOf(client.certificate())));
        words.addAll(List.of("--tls-key", String.valueOf(client.key())));
        words.addAll(List.of("--tls-trust", String.valueOf(client.trust())));
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(new String[0]));
    }

    private static Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text + "\n");
    }

    @Test
    void aTokenFromAFileGivesItsRoles() throws Exception {
        String token = " --token-file " + file("token", TOKEN);
        assertThat(run("cache create orders-1" + token)).as(err.toString()).isZero();
        assertThat(run("put orders-1 k v" + token)).isZero();
        assertThat(run("get orders-1 k" + token)).isZero();
        assertThat(out.toString()).contains("v");
        assertThat(run("cache create users" + token)).isEqualTo(1);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines("concord: token ops has not the role 'admin' for the cache 'users' (file"
                        + " access.file of the member)");
        assertThat(run("leader transfer" + token)).isEqualTo(1);
        assertThat(err.toString()).contains("'admin' for all caches").hasLineCount(1);
    }

    @Test
    void whoHasNoneIsRefusedInOneLine() throws Exception {
        assertThat(run("cache list")).isEqualTo(1);
        assertThat(err.toString()).contains("CN=client has no role").hasLineCount(1);
        assertThat(run("cache list --token-file " + file("other", TOKEN + TOKEN)))
                .isEqualTo(1);
        assertThat(err.toString()).contains("the token is not known").hasLineCount(1);
        assertThat(run("cache list --token-file " + file("short", "x"))).isEqualTo(1);
        assertThat(err.toString()).contains("holds no token").hasLineCount(1);
        assertThat(run("cache list --token-file " + directory.resolve("none"))).isEqualTo(1);
        assertThat(err.toString()).contains("cannot be read").hasLineCount(1);
    }
}
