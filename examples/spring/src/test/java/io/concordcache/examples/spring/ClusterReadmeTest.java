package io.concordcache.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The README's way to three servers and an application on them, word by word in a shell, on ports that are free. */
class ClusterReadmeTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Pattern SECTION = Pattern.compile("\n## Three servers.*?(?=\n## )", Pattern.DOTALL);
    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
    private static final List<String> PORTS = List.of("7801", "7802", "7803", "7901", "7902", "7903", "8080");
    private static final String END = "that was all";

    private final List<String> said = new ArrayList<>();

    /** What a reader would type; without the build, which was before. */
    private static List<String> typed(Path directory) throws IOException {
        MatchResult section = SECTION.matcher(Files.readString(ROOT.resolve("README.md")))
                .results()
                .findFirst()
                .orElseThrow();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> free = freePorts();
        List<String> blocks = new ArrayList<>();
        for (MatchResult block : BLOCK.matcher(section.group()).results().toList()) {
            String text = block.group(1)
                    .replaceAll("(?m)^mvn .*$", "")
                    .replace(
                            "examples/run spring",
                            java + " -cp '" + System.getProperty("java.class.path") + "' "
                                    + Application.class.getName())
                    .replace("790$i", "$(echo 7901 7902 7903 | cut -d' ' -f$i)") // in the loop
                    .replace("/tmp/concord", directory.toString());
            for (int i = 0; i < PORTS.size(); i++) {
                text = text.replaceAll("\\b" + PORTS.get(i) + "\\b", free.get(i));
            }
            blocks.add(text);
        }
        return blocks;
    }

    private static List<String> freePorts() throws IOException {
        List<ServerSocket> open = new ArrayList<>();
        List<String> free = new ArrayList<>();
        try {
            for (int i = 0; i < PORTS.size(); i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                open.add(socket);
                free.add(String.valueOf(socket.getLocalPort()));
            }
        } finally {
            for (ServerSocket socket : open) {
                socket.close();
            }
        }
        return free;
    }

    /** Reads what the shell and all that it has started say, until so many lines were like this. */
    private void await(BufferedReader out, String like, int times) throws IOException {
        Pattern pattern = Pattern.compile(like);
        int left = times;
        while (left > 0) {
            String line = out.readLine();
            assertThat(line).as("the end instead of %s, after %s", like, said).isNotNull();
            said.add(line);
            left -= pattern.matcher(line).find() ? 1 : 0;
        }
    }

    @Test
    @Timeout(300)
    void threeServersAndAnApplication(@TempDir Path directory) throws Exception {
        List<String> blocks = typed(directory.resolve("concord"));
        assertThat(blocks).hasSize(4);
        Process shell = new ProcessBuilder("bash")
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .start();
        try (PrintWriter in = new PrintWriter(shell.outputWriter(StandardCharsets.UTF_8), true);
                BufferedReader out = shell.inputReader(StandardCharsets.UTF_8)) {
            in.println(blocks.get(0));
            await(out, "^serving cluster 'concord' as a[123]=.*: 3 members, leader a[123]$|^administered at http", 6);
            in.println(blocks.get(1));
            await(out, "^serving http://127.0.0.1:\\d+/quotes/tea", 1);
            said.clear();
            in.println(blocks.get(2).replace("curl ", "curl -sS -w '\\n' ") + "\necho " + END);
            await(out, "^" + END + "$", 1);
            assertThat(said)
                    .anySatisfy(line -> assertThat(line).isEqualTo("{\"item\":\"coffee\",\"price\":6}"))
                    .anySatisfy(line -> assertThat(line).isEqualTo("France"))
                    .anySatisfy(line -> assertThat(line).contains("\"key\":\"coffee\"", "\"version\":"))
                    .anySatisfy(line -> assertThat(line).contains("\"healthy\":true", "\"quorum\":true"))
                    .anySatisfy(line -> assertThat(line).containsPattern("a1 .*(leader|follower)"));
            in.println(blocks.get(3) + "\necho " + END);
            await(out, "^" + END + "$", 1);
            assertThat(directory.resolve("concord")).doesNotExist();
        } finally {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
            assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
