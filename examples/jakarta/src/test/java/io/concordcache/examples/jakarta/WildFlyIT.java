package io.concordcache.examples.jakarta;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The application in WildFly, with the Hibernate of the server. */
class WildFlyIT extends ServerContract {
    private static Server server;
    private static int management;

    @BeforeAll
    static void start() throws IOException {
        Path home = Path.of(System.getProperty("wildfly.home"));
        Files.copy(
                Path.of("target", "example.war"),
                home.resolve("standalone/deployments/example.war"),
                StandardCopyOption.REPLACE_EXISTING);
        int port = Server.freePort();
        management = Server.freePort();
        ProcessBuilder command = new ProcessBuilder(
                home.resolve("bin/standalone.sh").toString(),
                "-c",
                "standalone-microprofile.xml",
                "-Djboss.bind.address=127.0.0.1",
                "-Djboss.bind.address.management=127.0.0.1",
                "-Djboss.http.port=" + port,
                "-Djboss.https.port=" + Server.freePort(),
                "-Djboss.management.http.port=" + management,
                "-Djboss.management.https.port=" + Server.freePort());
        command.environment().put("LAUNCH_JBOSS_IN_BACKGROUND", "true");
        command.environment().put("JAVA_HOME", System.getProperty("java.home"));
        server = new Server(port, Path.of("target", "wildfly.log"), command);
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
        return server.get(management, "health/ready");
    }
}
