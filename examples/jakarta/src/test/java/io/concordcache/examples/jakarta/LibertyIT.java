package io.concordcache.examples.jakarta;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The application in Open Liberty, which is given Hibernate as a library. */
class LibertyIT extends ServerContract {
    private static Server server;

    @BeforeAll
    static void start() throws IOException {
        Path home = Path.of(System.getProperty("liberty.home"));
        Path configuration = home.resolve("usr/servers/defaultServer");
        Files.createDirectories(configuration.resolve("apps"));
        Files.copy(
                Path.of("src", "test", "liberty", "server.xml"),
                configuration.resolve("server.xml"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.copy(
                Path.of("target", "example.war"),
                configuration.resolve("apps/example.war"),
                StandardCopyOption.REPLACE_EXISTING);
        int port = Server.freePort();
        ProcessBuilder command = new ProcessBuilder(
                home.resolve("bin/server").toString(),
                "run",
                "defaultServer",
                "--",
                "--http.port=" + port,
                "--libraries=" + System.getProperty("liberty.libraries"));
        command.environment().put("JAVA_HOME", System.getProperty("java.home"));
        server = new Server(port, Path.of("target", "liberty.log"), command);
    }

    @AfterAll
    static void end() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    Server server() {
        return server;
    }

    @Override
    String ready() throws Exception {
        return server.get("health/ready");
    }
}
