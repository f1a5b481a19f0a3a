package io.concordcache.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stands in reports, from results whose ratios are easy to see. */
class ReportTest {
    private Results results;

    @BeforeEach
    void read() throws IOException {
        try (InputStream in = ReportTest.class.getResourceAsStream("results.json")) {
            results = Results.ofJson(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private Targets.Row row(String what, String peer) {
        List<Targets.Row> rows = Targets.of(results).stream()
                .filter(row -> row.what().equals(what) && row.peer().startsWith(peer))
                .toList();
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }

    @Test
    void ratiosAreOfTheMedians() {
        assertThat(row("get hit, immutable value, on the leader", "Caffeine"))
                .isEqualTo(new Targets.Row(
                        "get hit, immutable value, on the leader",
                        "100 ns",
                        "Caffeine by reference 25.0 ns",
                        "4.00×",
                        "≤ 5×",
                        true));
    }

    @Test
    void fasterIsTheInverse() {
        assertThat(row("get hit, immutable value, on the leader", "Hazelcast"))
                .isEqualTo(new Targets.Row(
                        "get hit, immutable value, on the leader",
                        "100 ns",
                        "Hazelcast 80.0 µs",
                        "800×",
                        "≥ 1,000× faster",
                        false));
    }

    @Test
    void bestPeerIsTheFastestOne() {
        Targets.Row best = row("99 % gets, 2 threads on each member", "Infinispan");
        assertThat(best.ratio()).isEqualTo("2.00×");
        assertThat(best.isMet()).isFalse();
        Targets.Row latest = row("the same, against peers whose gets see the latest put", "Hazelcast");
        assertThat(latest.ratio()).isEqualTo("10.0×");
        assertThat(latest.isMet()).isTrue();
    }

    @Test
    void whatWasNotMeasuredIsNoVerdict() {
        Targets.Row row = row("get hit, mutable value, on the follower", "not run");
        assertThat(row.ours()).isEqualTo("–");
        assertThat(row.isMet()).isNull();
    }

    @Test
    void heapIsComparedWithPeersOnly() {
        assertThat(row("heap of an entry, 1,000,000 of them", "Hazelcast 300 B").ratio())
                .isEqualTo("0.90×");
    }

    @Test
    void markdownSaysWhatItTakesToRepeat() {
        assertThat(Report.markdown(results))
                .contains("# Concord and others, side by side")
                .contains("2026-11-24: 2 cores, JDK 17")
                .contains("```sh\nbenchmarks/run --quick\n```")
                .contains("| Concord | 0.1.0 | JCache, linearizable")
                .contains("| Redisson | 3.52.0 | not run: no redis-server |")
                .contains("| get hit, immutable value, on the leader | 100 ns | Hazelcast 80.0 µs | 800× |"
                        + " ≥ 1,000× faster | ✘ missed |")
                .contains("| Concord | leader | 10,000,000 | 9,000,000 to 11,000,000 | 100 ns |");
    }

    @Test
    void pageNeedsNothingFromElsewhere() {
        String page = Report.html(results);
        assertThat(page)
                .contains("<td>not run: no redis-server</td>")
                .contains("prefers-color-scheme: dark")
                .contains("<figcaption>get hit, 1 thread: latency</figcaption>")
                .contains("<figcaption>put per second against threads</figcaption>")
                .doesNotContainPattern(Pattern.compile("https?://|<script|<link"))
                .doesNotContain("NaN");
        assertThat(page.split("<svg", -1)).hasSameSizeAs(page.split("</svg>", -1));
    }

    @Test
    void jsonKeepsEverything() {
        assertThat(Results.ofJson(results.toJson())).isEqualTo(results);
    }
}
