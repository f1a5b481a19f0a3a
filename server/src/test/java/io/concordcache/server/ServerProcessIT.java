package io.concordcache.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers and commands as users start them: by the script. */
@Timeout(180)
class ServerProcessIT {
    private static final String CONCORD =
            Path.of("target", "concord", "bin", "concord").toAbsolutePath().toString();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path temporary;

    private final Map<String, Process> servers = new TreeMap<>();

    private Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(CONCORD));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CONCORD_JAVA_OPTS", "-Xmx200m");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private record Said(int code, String out, String err) {}

    private Said run(String line) throws Exception {
        Process process = start(List.of(line.split(" ")));
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), out, err);
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        List<Integer> ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    private void startServer(String id, String members) throws IOException {
        servers.put(
                id,
                start(List.of(
                        "server",
                        "--members",
                        members,
                        "--member",
                        id,
                        "--directory",
                        temporary.resolve(id).toString())));
    }

    @AfterEach
    void endServers() throws Exception {
        for (Process server : servers.values()) {
            server.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void threeServersServeCommandsAndSurviveTheirLeader() throws Exception {
        List<Integer> ports = freePorts(3);
        String members =
                "a=127.0.0.1:" + ports.get(0) + ",b=127.0.0.1:" + ports.get(1) + ",c=127.0.0.1:" + ports.get(2);
        for (String id : List.of("a", "b", "c")) {
            startServer(id, members);
        }
        for (Process server : servers.values()) {
            assertThat(server.inputReader().readLine())
                    .matches("serving cluster 'concord' as .*: 3 members, leader [abc]");
        }
        assertThat(run("cache create t --servers " + members).code()).isZero();
        assertThat(run("put t k v1 --servers 127.0.0.1:" + ports.get(0)).code()).isZero();
        assertThat(run("get t k --servers 127.0.0.1:" + ports.get(2)).out()).contains("v1");

        String status = run("status --output json --servers " + members).out();
        String leader = status.lines()
                .filter(line -> line.contains("\"role\": \"leader\""))
                .map(line -> line.replaceAll(".*\"member\": \"(.)\".*", "$1"))
                .findFirst()
                .orElseThrow();
        servers.get(leader).toHandle().destroyForcibly();
        await().atMost(PATIENCE)
                .until(() -> run("put t k v2 --servers " + members).code() == 0);
        await().atMost(PATIENCE)
                .until(() -> run("status --servers " + members).out().contains("unreachable"));
        startServer(leader, members);
        assertThat(servers.get(leader).inputReader().readLine()).startsWith("serving");
        await().atMost(PATIENCE).until(() -> {
            Said transfer = run("leader transfer " + leader + " --servers " + members);
            if (transfer.code() != 0) { // it has just started, and may lag
                assertThat(transfer.err()).startsWith("concord: ").hasLineCount(1);
            }
            return transfer.out().contains(leader);
        });

        Process ended = servers.get(leader);
        ended.toHandle().destroy(); // SIGTERM
        assertThat(ended.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(new String(ended.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .doesNotContain("\tat ");
        assertThat(run("get t k --servers " + members).out()).contains("v2");
    }

    @Test
    @DisplayName("Rows 32 and 45: starts by the script that cannot be")
    void badStartsAreOneClearLine() throws Exception {
        Said memory = run("server --members a:1,b:2,c:3 --member a:1");
        assertThat(memory.code()).isEqualTo(1);
        assertThat(memory.err())
                .startsWith("concord: a member of a cluster must not forget")
                .hasLineCount(1);
        Said nobody = run("server --members a:1,b:2,c:3 --member d:1 --directory " + temporary.resolve("x"));
        assertThat(nobody.err())
                .contains("--member is 'd:1', but the members are")
                .hasLineCount(1);
        Path file = Files.writeString(temporary.resolve("file"), "x");
        Said inTheWay = run("server --listen 127.0.0.1:" + freePorts(1).get(0) + " --directory " + file);
        assertThat(inTheWay.code()).isEqualTo(1);
        assertThat(inTheWay.err()).contains("a file stands in its place").hasLineCount(1);
    }
}
