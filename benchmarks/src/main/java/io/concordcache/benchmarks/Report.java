package io.concordcache.benchmarks;

import io.concordcache.benchmarks.Block.Charts;
import io.concordcache.benchmarks.Block.Code;
import io.concordcache.benchmarks.Block.Heading;
import io.concordcache.benchmarks.Block.Table;
import io.concordcache.benchmarks.Block.Text;
import io.concordcache.benchmarks.Chart.Line;
import io.concordcache.benchmarks.Chart.Point;
import io.concordcache.benchmarks.Chart.Tick;
import io.concordcache.benchmarks.member.ValueType;
import io.concordcache.benchmarks.member.Work;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Results as people read them: a page of Markdown, and one of HTML that has charts as well. */
final class Report {
    private static final String TITLE = "Concord and others, side by side";

    private final Results results;
    private final List<Block> blocks = new ArrayList<>();

    private Report(Results results) {
        this.results = results;
        head();
        targets();
        charts();
        figures();
        heaps();
        pauses();
    }

    static String markdown(Results results) {
        return new Report(results)
                .blocks.stream()
                        .map(Block::toMarkdown)
                        .filter(block -> !block.isEmpty())
                        .collect(Collectors.joining("\n"));
    }

    /** Needs nothing from elsewhere. */
    static String html(Results results) {
        String body = new Report(results).blocks.stream().map(Block::toHtml).collect(Collectors.joining("\n"));
        return resource("page.html").replace("TITLE", TITLE).replace("BODY", body);
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(Report.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head() {
        Results.Setup setup = results.setup();
        blocks.add(new Heading(1, TITLE));
        blocks.add(new Text("Measured on %s: %s, %s.".formatted(setup.date(), setup.machine(), setup.jdk())));
        blocks.add(
                new Text(
                        "Members are JVMs of their own on this one machine; keys are Strings of 16 characters, values"
                                + " of 100 bytes, 10,000 of them, unless it says otherwise. Medians of %d rounds of %s s each, after %s s"
                                        .formatted(
                                                setup.rounds(),
                                                Figures.plain(setup.seconds()),
                                                Figures.plain(setup.warmUp()))
                                + " of each load as warm-up. In each round the systems take turns at each load, all of them up."));
        blocks.add(new Code(setup.command()));
        blocks.add(new Table(
                List.of("system", "version", "how"),
                results.systems().stream()
                        .map(system -> List.of(
                                system.candidate().title(),
                                system.version(),
                                system.notRun() == null ? system.candidate().how() : "not run: " + system.notRun()))
                        .toList()));
    }

    private void targets() {
        blocks.add(new Heading(2, "Targets"));
        blocks.add(new Table(
                List.of("what", "Concord", "compared with", "ratio", "target", "verdict"),
                Targets.of(results).stream()
                        .map(row -> List.of(
                                row.what(), row.ours(), row.peer(), row.ratio(), row.target(), verdict(row.isMet())))
                        .toList()));
    }

    private static String verdict(@Nullable Boolean isMet) {
        if (isMet == null) {
            return "not measured";
        }
        return isMet ? "✔ met" : "✘ missed";
    }

    // Charts

    private void charts() {
        Predicate<Series> put = series -> series.work() == Work.PUT && series.valueBytes() == Step.VALUE_BYTES;
        Predicate<Series> main = series ->
                series.members() == results.members() || series.candidate().isLocal();
        Predicate<Series> one = series -> series.threads() == 1 && series.type() == ValueType.STRING;
        List<Chart> charts = new ArrayList<>();
        charts.add(latencies(
                "get hit, 1 thread: latency",
                main.and(one).and(series -> series.work() == Work.GET && series.valueBytes() == Step.VALUE_BYTES)));
        charts.add(latencies("put, 1 thread: latency", main.and(one).and(put)));
        charts.add(against("put per second against threads", "threads", main.and(put), Series::threads, Report::log2));
        charts.add(against(
                "put per second, 1 thread, against members",
                "members",
                one.and(put).and(series -> !series.candidate().isLocal()),
                Series::members,
                x -> x));
        for (Work work : List.of(Work.GET, Work.PUT)) {
            charts.add(against(
                    work.name().toLowerCase(Locale.ROOT) + " per second, 1 thread, against the size of the value",
                    "bytes",
                    main.and(one).and(series -> series.work() == work),
                    Series::valueBytes,
                    Report::log2));
        }
        List<Chart> shown = charts.stream().filter(Chart::isWorthIt).toList();
        if (!shown.isEmpty()) {
            blocks.add(new Charts(shown));
        }
    }

    private static double log2(double x) {
        return Math.log(x) / Math.log(2);
    }

    private static Line line(Series series, List<Point> points) {
        boolean isFollower = series.place() == Place.FOLLOWER;
        boolean told = isFollower || series.place() == Place.LEADER;
        return new Line(
                series.candidate(),
                series.candidate().title() + (told ? ", " + series.place() : ""),
                isFollower,
                points);
    }

    /** How many of a hundred are faster. */
    private Chart latencies(String title, Predicate<Series> which) {
        double[] percentiles = {0, 50, 90, 99, 99.9, 99.99};
        List<Tick> ticks = new ArrayList<>();
        for (double percentile : percentiles) {
            ticks.add(new Tick(rarity(percentile), Figures.plain(percentile) + " %"));
        }
        List<Line> lines = new ArrayList<>();
        results.series().stream().filter(which).forEach(series -> {
            Histogram all = new Histogram(3);
            results.of(series).forEach(sample -> all.add(sample.latencies()));
            double batch = results.of(series).get(0).batch();
            List<Point> points = new ArrayList<>();
            for (double percentile : percentiles) {
                points.add(new Point(rarity(percentile), Math.max(1, all.getValueAtPercentile(percentile)) / batch));
            }
            lines.add(line(series, points));
        });
        return new Chart(title, "so many take no longer", ticks, Figures::time, lines);
    }

    private static double rarity(double percentile) {
        return Math.log10(100 / (100 - percentile));
    }

    /** Throughput of each system on each kind of member against something. */
    private Chart against(
            String title,
            String xTitle,
            Predicate<Series> which,
            ToIntFunction<Series> what,
            DoubleUnaryOperator scale) {
        Map<String, TreeMap<Integer, Series>> lines = new LinkedHashMap<>();
        results.series().stream()
                .filter(which)
                .forEach(series -> lines.computeIfAbsent(
                                series.candidate() + " " + series.place(), any -> new TreeMap<>())
                        .put(what.applyAsInt(series), series));
        lines.values().removeIf(line -> line.size() < 2);
        return new Chart(
                title,
                xTitle,
                lines.values().stream()
                        .flatMap(line -> line.keySet().stream())
                        .distinct()
                        .sorted()
                        .map(x -> new Tick(scale.applyAsDouble(x), String.format(Locale.ROOT, "%,d", x)))
                        .toList(),
                Figures::rate,
                lines.values().stream()
                        .map(line -> line(
                                line.firstEntry().getValue(),
                                line.entrySet().stream()
                                        .map(entry -> new Point(
                                                scale.applyAsDouble(entry.getKey()),
                                                median(entry.getValue(), Sample::perSecond)))
                                        .toList()))
                        .toList());
    }

    // Tables

    private void figures() {
        blocks.add(new Heading(2, "Figures"));
        blocks.add(new Text("Gets below 5 µs are timed by the thousand; their percentiles are those of the means of a"
                + " thousand. The spread is that of the rounds. Throughput of putAll counts entries."));
        groups().forEach((title, group) -> {
            blocks.add(new Heading(3, title));
            blocks.add(new Table(
                    List.of("system", "on", "per second", "spread", "mean", "p50", "p99", "p99.9"),
                    group.stream().map(this::figures).toList()));
        });
    }

    private List<String> figures(Series series) {
        DoubleFunction<String> time = series.work() == Work.MIXED ? nanos -> "" : Figures::time;
        return List.of(
                series.candidate().title(),
                series.place().toString(),
                Figures.whole(median(series, Sample::perSecond)),
                spread(series),
                time.apply(median(series, Sample::mean)),
                time.apply(median(series, Sample::p50)),
                time.apply(median(series, Sample::p99)),
                time.apply(median(series, Sample::p999)));
    }

    /** The series of each kind of work, by its title; those of one JVM beside the first cluster that does the same. */
    private Map<String, List<Series>> groups() {
        Map<String, List<Series>> groups = new LinkedHashMap<>();
        for (Series series : results.series()) {
            String work = series.step().title();
            String title = work + "; " + series.members() + (series.members() == 1 ? " member" : " members");
            String group = series.candidate().isLocal()
                    ? groups.keySet().stream()
                            .filter(other -> other.startsWith(work + ";"))
                            .findFirst()
                            .orElse(title)
                    : title;
            groups.computeIfAbsent(group, any -> new ArrayList<>()).add(series);
        }
        return groups;
    }

    private double median(Series series, ToDoubleFunction<Sample> figure) {
        return results.median(series, figure).orElse(Double.NaN);
    }

    private String spread(Series series) {
        var rates = results.of(series).stream().mapToDouble(Sample::perSecond).summaryStatistics();
        return Figures.whole(rates.getMin()) + " to " + Figures.whole(rates.getMax());
    }

    private void heaps() {
        if (results.heaps().isEmpty()) {
            return;
        }
        blocks.add(new Heading(2, "Heap"));
        blocks.add(
                new Text("One member, unbounded cache, heap in use after collections, less that before the entries."));
        blocks.add(new Table(
                List.of("system", "entries", "bytes for each", "beyond the payload of " + Results.Heap.PAYLOAD),
                results.heaps().stream()
                        .map(heap -> List.of(
                                heap.candidate().title(),
                                String.format(Locale.ROOT, "%,d", heap.entries()),
                                Figures.whole(heap.bytesPerEntry()),
                                Figures.whole(heap.bytesPerEntry() - Results.Heap.PAYLOAD)))
                        .toList()));
    }

    private void pauses() {
        if (results.pauses().isEmpty()) {
            return;
        }
        blocks.add(new Heading(2, "Pauses of the collector"));
        blocks.add(new Text(
                "G1, while 64 threads put on one member; the pauses of all members of a system, of all rounds."));
        Map<String, List<Results.Pauses>> groups = results.pauses().stream()
                .collect(Collectors.groupingBy(
                        pauses -> pauses.candidate().title() + "|" + pauses.members(),
                        LinkedHashMap::new,
                        Collectors.toList()));
        blocks.add(new Table(
                List.of("system", "members", "seconds", "pauses", "together", "longest"),
                groups.values().stream().map(Report::pauses).toList()));
    }

    private static List<String> pauses(List<Results.Pauses> rounds) {
        Results.Pauses first = rounds.get(0);
        return List.of(
                first.candidate().title(),
                String.valueOf(first.members()),
                Figures.digits(
                        rounds.stream().mapToDouble(Results.Pauses::seconds).sum()),
                String.valueOf(rounds.stream().mapToInt(Results.Pauses::count).sum()),
                Figures.digits(rounds.stream()
                                .mapToDouble(Results.Pauses::totalMillis)
                                .sum())
                        + " ms",
                Figures.digits(rounds.stream()
                                .mapToDouble(Results.Pauses::longestMillis)
                                .max()
                                .orElse(0))
                        + " ms");
    }
}
