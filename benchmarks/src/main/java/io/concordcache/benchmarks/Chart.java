package io.concordcache.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Lines in a plane, as inline SVG; the height is logarithmic.
 *
 * @param ticks of the horizontal axis, from left to right
 * @param show how a height is written
 */
record Chart(String title, String xTitle, List<Tick> ticks, DoubleFunction<String> show, List<Line> lines) {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 300;
    private static final int LEFT = 70;
    private static final int RIGHT = 12;
    private static final int TOP = 10;
    private static final int BOTTOM = 44;

    /** A labelled place on the horizontal axis. */
    record Tick(double x, String label) {}

    /** A place in the plane; the height is above 0. */
    record Point(double x, double y) {}

    /** One system; the second line of the same is dashed. */
    record Line(Candidate candidate, String name, boolean isDashed, List<Point> points) {}

    /** Whether there is something to be seen. */
    boolean isWorthIt() {
        return lines.stream().anyMatch(line -> line.points().size() > 1);
    }

    String toHtml() {
        int low = (int) Math.floor(heights().min().orElse(0) + 1e-9);
        int high = Math.max(low + 1, (int) Math.ceil(heights().max().orElse(1) - 1e-9));
        StringBuilder svg = new StringBuilder();
        for (int decade = low; decade <= high; decade++) {
            double y = y(decade, low, high);
            svg.append(text(
                    "<line class=grid x1=%s x2=%s y1=%s y2=%s /><text x=%s y=%s text-anchor=end>%s</text>",
                    LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4, Block.escaped(show.apply(Math.pow(10, decade)))));
        }
        for (Tick tick : ticks) {
            svg.append(text(
                    "<text x=%s y=%s text-anchor=middle>%s</text>",
                    x(tick.x()), HEIGHT - BOTTOM + 18, Block.escaped(tick.label())));
        }
        svg.append(text(
                "<text x=%s y=%s text-anchor=middle>%s</text>",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, Block.escaped(xTitle)));
        for (Line line : lines) {
            String points = line.points().stream()
                    .map(point -> text("%s,%s", x(point.x()), y(Math.log10(point.y()), low, high)))
                    .collect(Collectors.joining(" "));
            svg.append(text("<polyline class=\"%s\" points=\"%s\"/>", style(line), points));
            for (Point point : line.points()) {
                svg.append(text(
                        "<circle class=\"%s\" cx=%s cy=%s r=3><title>%s: %s</title></circle>",
                        style(line),
                        x(point.x()),
                        y(Math.log10(point.y()), low, high),
                        Block.escaped(line.name()),
                        Block.escaped(show.apply(point.y()))));
            }
        }
        return "<figure><figcaption>" + Block.escaped(title) + "</figcaption><div class=legend>" + legend()
                + text(
                        "</div><svg viewBox=\"0 0 %s %s\" role=img aria-label=\"%s\">",
                        WIDTH, HEIGHT, Block.escaped(title))
                + svg + "</svg></figure>";
    }

    private String legend() {
        return lines.stream()
                .map(line -> text(
                        "<span><svg viewBox=\"0 0 24 8\" width=24 height=8><polyline class=\"%s\" points=\"0,4 24,4\"/>"
                                + "</svg> %s</span>",
                        style(line), Block.escaped(line.name())))
                .collect(Collectors.joining(" "));
    }

    private static String style(Line line) {
        return line.candidate() + (line.isDashed() ? " dashed" : "");
    }

    private DoubleStream heights() {
        return lines.stream().flatMap(line -> line.points().stream()).mapToDouble(point -> Math.log10(point.y()));
    }

    private double x(double value) {
        double first = ticks.get(0).x();
        double last = ticks.get(ticks.size() - 1).x();
        return LEFT + 12 + (value - first) / Math.max(last - first, 1e-9) * (WIDTH - LEFT - RIGHT - 24);
    }

    private static double y(double log, int low, int high) {
        return TOP + (high - log) / (high - low) * (HEIGHT - TOP - BOTTOM);
    }

    /** Numbers with one digit behind the point. */
    private static String text(String format, Object... arguments) {
        Object[] shown = arguments.clone();
        for (int i = 0; i < shown.length; i++) {
            shown[i] = shown[i] instanceof Double number ? String.format(Locale.ROOT, "%.1f", number) : shown[i];
        }
        return String.format(Locale.ROOT, format, shown);
    }
}
