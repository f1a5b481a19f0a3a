package io.concordcache.benchmarks;

import io.concordcache.benchmarks.member.Work;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Results as a page of Markdown. */
final class Markdown {
    private final Results results;
    private final StringBuilder text = new StringBuilder();

    private Markdown(Results results) {
        this.results = results;
    }

    static String of(Results results) {
        return new Markdown(results).page();
    }

    private String page() {
        head();
        targets();
        figures();
        heaps();
        pauses();
        return text.toString();
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private void row(String... cells) {
        line("| " + Arrays.stream(cells).map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | "))
                + " |");
    }

    private void head() {
        Results.Setup setup = results.setup();
        line("# Concord and others, side by side");
        line("");
        line("Measured on %s: %s, %s.".formatted(setup.date(), setup.machine(), setup.jdk()));
        line(
                "Members are JVMs of their own on this one machine, keys Strings of 16 characters, values of 100 bytes, 10,000"
                        + " keys, unless it says otherwise.");
        line(
                ("Medians of %d rounds of %s s each, the systems in turn in each round, after %s s of each load as warm-up;"
                                + " loads run one after the other while all clusters are up.")
                        .formatted(setup.rounds(), Figures.plain(setup.seconds()), Figures.plain(setup.warmUp())));
        line("To repeat it:");
        line("");
        line("```sh");
        line(setup.command());
        line("```");
        line("");
        line("| system | version | how |");
        line("|---|---|---|");
        for (Map.Entry<Candidate, String> system : setup.versions().entrySet()) {
            String reason = results.notRun().get(system.getKey());
            row(
                    system.getKey().title(),
                    system.getValue(),
                    reason == null ? system.getKey().how() : "not run: " + reason);
        }
        line("");
    }

    private void targets() {
        line("## Targets");
        line("");
        line("| what | Concord | compared with | ratio | target | |");
        line("|---|---|---|---|---|---|");
        for (Targets.Row row : Targets.of(results)) {
            row(row.what(), row.ours(), row.peer(), row.ratio(), row.target(), verdict(row.isMet()));
        }
        line("");
    }

    private static String verdict(@Nullable Boolean isMet) {
        if (isMet == null) {
            return "not measured";
        }
        return isMet ? "met" : "**missed**";
    }

    private void figures() {
        line("## Figures");
        line("");
        line(
                "Gets below 5 µs are timed by the thousand; their percentiles are those of the means of a thousand. The spread"
                        + " is the slowest and the fastest round.");
        groups().forEach((title, group) -> {
            line("");
            line("### %s".formatted(title));
            line("");
            line("| system | on | per second | spread | mean | p50 | p99 | p99.9 |");
            line("|---|---|---|---|---|---|---|---|");
            group.forEach(this::figures);
        });
        line("");
    }

    private void figures(Series series) {
        boolean timed = series.work() != Work.MIXED;
        row(
                series.candidate().title(),
                series.place().toString(),
                Figures.whole(median(series, Sample::perSecond)),
                spread(series),
                timed ? Figures.time(median(series, Sample::mean)) : "",
                timed ? Figures.time(median(series, Sample::p50)) : "",
                timed ? Figures.time(median(series, Sample::p99)) : "",
                timed ? Figures.time(median(series, Sample::p999)) : "");
    }

    /** The series of each kind of work, by its title; those of one JVM beside the first cluster that does the same. */
    private Map<String, List<Series>> groups() {
        Map<String, List<Series>> groups = new LinkedHashMap<>();
        for (Series series : results.series()) {
            String title = title(series);
            String group = series.candidate().isLocal()
                    ? groups.keySet().stream()
                            .filter(other -> other.startsWith(series.step().title() + ";"))
                            .findFirst()
                            .orElse(title)
                    : title;
            groups.computeIfAbsent(group, any -> new ArrayList<>()).add(series);
        }
        return groups;
    }

    private static String title(Series series) {
        return series.step().title() + "; " + series.members() + (series.members() == 1 ? " member" : " members");
    }

    private double median(Series series, ToDoubleFunction<Sample> figure) {
        return results.median(series, figure).orElse(Double.NaN);
    }

    private String spread(Series series) {
        var rates = results.samples().stream()
                .filter(sample -> sample.series().equals(series))
                .mapToDouble(Sample::perSecond)
                .summaryStatistics();
        return Figures.whole(rates.getMin()) + " to " + Figures.whole(rates.getMax());
    }

    private void heaps() {
        if (results.heaps().isEmpty()) {
            return;
        }
        line("## Heap");
        line("");
        line("One member, unbounded cache, heap in use after collections, less that before the entries.");
        line("");
        line("| system | entries | bytes for each | over the payload of %d |".formatted(Results.Heap.PAYLOAD));
        line("|---|---|---|---|");
        for (Results.Heap heap : results.heaps()) {
            row(
                    heap.candidate().title(),
                    String.format(Locale.ROOT, "%,d", heap.entries()),
                    Figures.whole(heap.bytesPerEntry()),
                    Figures.whole(heap.bytesPerEntry() - Results.Heap.PAYLOAD));
        }
        line("");
    }

    private void pauses() {
        if (results.pauses().isEmpty()) {
            return;
        }
        line("## Pauses of the collector");
        line("");
        line("G1 with the heap of 1 GB that each member has, while 64 threads put; all members of a system together.");
        line("");
        line("| system | seconds | pauses | together | longest |");
        line("|---|---|---|---|---|");
        for (Results.Pauses pauses : results.pauses()) {
            row(
                    pauses.candidate().title(),
                    Figures.digits(pauses.seconds()),
                    String.valueOf(pauses.count()),
                    Figures.digits(pauses.totalMillis()) + " ms",
                    Figures.digits(pauses.longestMillis()) + " ms");
        }
        line("");
    }
}
