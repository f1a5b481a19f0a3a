package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.history.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    static Report report(long seed, Report.Anomaly... anomalies) {
        List<Report.Injected> faults = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            String kind = i % 2 == 0 ? "kill-leader" : "cut-in";
            faults.add(new Report.Injected(seed, i, kind, "m1", i * 100L, i * 100L + 50, i * 101L + 50, ""));
        }
        Growths growths = new Growths();
        for (int second = 0; second < 100; second++) {
            growths.add("m1", "threads", second, 20 + second % 2);
            growths.add("m1", "resident", second, 1_000 + 2 * Math.min(second, 50));
        }
        return new Report(
                List.of(seed),
                "faults/run --quick --seed " + seed,
                3,
                2,
                20.5,
                faults,
                new Report.Operations(1_000, 50, 20, 5, Map.of("get", 700L, "put", 350L)),
                12,
                340,
                2,
                new Report.Transactions(60, 900, 500, 0),
                4,
                1,
                List.of(anomalies),
                growths.all());
    }

    private static Report.Anomaly anomaly() {
        return new Report.Anomaly(7, "violation", "s3", 4_000, "key s3.1 is not <linearizable>\n  a put");
    }

    @Test
    void isReadAsItWasWritten() {
        Report report = report(7, anomaly());
        assertThat(Report.parse(report.json())).isEqualTo(report);
    }

    @Test
    void saysHowLongRecoveryTook() {
        assertThat(report(7).summary())
                .contains("100 faults of 2 kinds")
                .contains("1,075 operations")
                .contains("60 transactions and 900 reads by Hibernate, 0 of them stale")
                .contains("p50 51 ms, p99 100 ms, most 100 ms")
                .contains("0 anomalies");
        assertThat(report(7).markdown())
                .contains("| `kill-leader` | kill -9 of the leader | 50 | 52 | 100 | 100 |")
                .contains("All is well");
    }

    @Test
    void severalAreOne() {
        Report both = report(7).and(report(8, anomaly()));
        assertThat(both.faults()).hasSize(200);
        assertThat(both.operations().all()).isEqualTo(2_150);
        assertThat(both.transactions()).isEqualTo(new Report.Transactions(120, 1_800, 1_000, 0));
        assertThat(both.operations().byKind()).containsEntry("get", 1_400L);
        assertThat(both.seeds()).containsExactly(7L, 8L);
        assertThat(both.isGood()).isFalse();
        assertThat(both.markdown()).contains("**Not well**").contains("key s3.1 is not");
    }

    @Test
    void saysHowFastThingsGrow() {
        List<Report.Growth> growth = report(7).growth();
        assertThat(growth).hasSize(2);
        assertThat(growth.get(0).what()).isEqualTo("resident");
        assertThat(growth.get(0).perHour()).isGreaterThan(3_000);
        assertThat(growth.get(0).laterPerHour()).isCloseTo(0, org.assertj.core.data.Offset.offset(0.01));
        assertThat(growth.get(1).perHour()).isBetween(-10.0, 10.0);
    }

    private static Counts counts() {
        Counts counts = new Counts(0);
        for (int i = 0; i < 500; i++) {
            long at = i * 40_000_000L;
            counts.add("m1", Op.begun("s", Op.Kind.GET, "s0.1", at).ended(at + 1, Op.Outcome.OK));
            counts.add("c1", Op.begun("t", Op.Kind.GET, "s0.1", at).ended(at + 1, Op.Outcome.OK));
        }
        counts.failed("c1", true, 5_000_000_000L);
        counts.failed("c1", false, 6_000_000_000L);
        return counts;
    }

    @Test
    void theTimelineIsOnePageThatNeedsNothingElse() {
        String page = Timeline.html(
                report(7, anomaly()), counts(), List.of(new Timeline.Lead(100, "m1"), new Timeline.Lead(9_000, "m1")));
        assertThat(page).startsWith("<!doctype html>").endsWith("</html>\n").doesNotContain("http");
        assertThat(page)
                .contains("prefers-color-scheme: dark")
                .contains("kill-leader of m1")
                .contains("m1 leads from");
        assertThat(page).contains("not &lt;linearizable&gt;").doesNotContain("<linearizable>");
        assertThat(page.split("class=\"done\"", -1)).hasSizeGreaterThan(40);
        assertThat(page.split("class=\"failed\"", -1)).hasSize(2);
        assertThat(page.split("class=\"unknown\"", -1)).hasSize(2);
        assertThat(page.split("<g|<rect", -1).length).isLessThan(2_000);
    }
}
