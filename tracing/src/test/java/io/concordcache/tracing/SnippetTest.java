package io.concordcache.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.store.StoreHolder;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the guide shows is what runs here. */
@Timeout(120)
class SnippetTest {
    private static final Path GUIDE = Path.of("..", "docs", "tracing.md");
    private static final Path HERE =
            Path.of("src", "test", "java", "io", "concordcache", "tracing", "SnippetTest.java");
    private static final Pattern SNIPPET = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    private static String lines(String text) {
        return String.join("\n", text.lines().map(String::strip).toList());
    }

    @Test
    void theGuideShowsWhatRuns() throws IOException {
        List<String> snippets = SNIPPET.matcher(Files.readString(GUIDE))
                .results()
                .map(found -> lines(found.group(1)))
                .toList();
        assertThat(snippets).hasSize(1);
        assertThat(lines(Files.readString(HERE))).contains(snippets.get(0));
    }

    @Test
    void theSnippetMakesSpans() {
        try (Recorded recorded = Recorded.all()) {
            run(recorded.openTelemetry());
            assertThat(recorded.one("cache.put").getAttributes().get(ConcordTracing.COLLECTION))
                    .isEqualTo("greetings");
        }
    }

    private static void run(OpenTelemetry openTelemetry) {
        CacheManager manager = Caching.getCachingProvider().getCacheManager();
        manager.unwrap(StoreHolder.class).store().trace(ConcordTracing.of(openTelemetry));
        Cache<String, String> cache = manager.createCache(
                "greetings", new MutableConfiguration<String, String>().setTypes(String.class, String.class));
        cache.put("en", "hello");
        manager.close();
    }
}
