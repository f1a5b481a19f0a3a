package io.concordcache.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.jcache.ConcordCacheManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is code that the tests run. */
class ReadmeTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern BLOCK = Pattern.compile("```(\\w+)\\n(.*?)```", Pattern.DOTALL);

    private static List<String> blocks(String language) throws IOException {
        return BLOCK.matcher(Files.readString(ROOT.resolve("README.md")))
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }

    /** Without indentation and empty lines, so that only the code counts. */
    private static String lines(String text) {
        return String.join(
                "\n",
                text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList());
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void javaSnippetsStandInTheExamples() throws IOException {
        List<String> sources;
        try (Stream<Path> files = Files.walk(ROOT.resolve("examples"))) {
            sources = files.filter(path -> path.toString().endsWith(".java"))
                    .map(path -> lines(read(path)))
                    .toList();
        }
        assertThat(blocks("java"))
                .isNotEmpty()
                .allSatisfy(snippet -> assertThat(sources)
                        .as("a source of the examples with this snippet")
                        .anyMatch(source -> source.contains(lines(snippet))));
    }

    @Test
    void theFileOfTheReadmeStartsAManager(@TempDir Path temporary) throws IOException {
        String yaml = blocks("yaml")
                .get(0)
                .replace("/var/lib/concord", temporary.resolve("data").toString());
        Path file = Files.writeString(temporary.resolve("concord.yaml"), yaml);
        try (CacheManager manager =
                Caching.getCachingProvider().getCacheManager(URI.create("concord:file:" + file), null)) {
            String settings = manager.unwrap(ConcordCacheManager.class).describeSettings();
            assertThat(settings)
                    .contains("durability = disk", "caches.default.max-entries = 50000", "time-to-live = 30m");
            manager.createCache("sessions.web", new MutableConfiguration<>()).put("k", "v");
        }
    }

    @Test
    void namedExamplesExist() throws IOException {
        String script = Files.readString(ROOT.resolve("examples/run"));
        Matcher named = Pattern.compile("examples/run ([a-z]+)").matcher(Files.readString(ROOT.resolve("README.md")));
        assertThat(named.results().map(found -> found.group(1)).distinct())
                .isNotEmpty()
                .allMatch(name -> script.contains("  " + name + ") main="));
    }

    @Test
    void theGateRunsTheTestCommandOfTheReadme() throws IOException {
        String gate = Files.readString(ROOT.resolve(".ci/run"));
        assertThat(gate).contains("mvn -B -ntp verify");
        assertThat(blocks("sh")).anyMatch(block -> block.lines().anyMatch("mvn -B -ntp verify"::equals));
    }
}
