package io.concordcache.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A run as one page to look at, that needs nothing else: a lane for each process with its operations per second, red where
 * they failed; faults as bands through all lanes; who led; what was wrong.
 */
final class Timeline {
    /** Who led from when on, {@code null} nobody that is known. */
    record Lead(long atMillis, String leader) {}

    private static final int LEFT = 72;
    private static final int WIDTH = 1_200;
    private static final int LANE = 62;
    private static final int GAP = 16;
    private static final int TOP = 92;
    private static final int MOST_COLUMNS = 600;
    private static final int TICKS = 10;
    private static final int ROWS_OF_NAMES = 4;
    private static final int NAME_ROW = 13;
    private static final int CHARACTER = 6;

    private final Report report;
    private final Counts counts;
    private final List<Lead> leads;
    private final long seconds;
    private final StringBuilder svg = new StringBuilder();

    private Timeline(Report report, Counts counts, List<Lead> leads) {
        this.report = report;
        this.counts = counts;
        this.leads = leads;
        this.seconds = Math.max(1, (long) Math.ceil(report.seconds()));
    }

    static String html(Report report, Counts counts, List<Lead> leads) {
        return new Timeline(report, counts, leads).page();
    }

    private double x(double second) {
        return LEFT + WIDTH * Math.min(1, Math.max(0, second / seconds));
    }

    private String page() {
        List<String> processes = counts.processes();
        int height = TOP + processes.size() * (LANE + GAP) + 50;
        for (int i = 0; i < processes.size(); i++) {
            double top = TOP + i * (double) (LANE + GAP);
            rect("ground", LEFT, top, LEFT + (double) WIDTH, LANE, "");
        }
        faults(height - 40);
        leads();
        int y = TOP;
        long perColumn = Math.max(1, (seconds + MOST_COLUMNS - 1) / MOST_COLUMNS);
        for (String process : processes) {
            lane(process, y, perColumn);
            y += LANE + GAP;
        }
        axis(height - 36);
        anomalies(height - 40);
        String title = report.isGood() ? "All is well" : "Not well: anomalies found";
        return HEAD.replace("TITLE", title)
                + "<h1 class=\"" + (report.isGood() ? "good" : "bad") + "\">" + title + "</h1>\n<p>"
                + Text.html(report.summary())
                + ".</p>\n<p class=\"key\"><i class=\"ok\"></i>operations per second that were"
                + " answered <i class=\"no\"></i>known not to be done <i class=\"un\"></i>outcome unknown <i class=\"cut\"></i>a"
                + " fault <i class=\"rec\"></i>until all answer again <i class=\"lead\"></i>a new leader. Point at anything to"
                + " read what it is.</p>\n<div class=\"scroll\"><svg viewBox=\"0 0 " + (LEFT + WIDTH + 20) + " "
                + height
                + "\" role=\"img\" aria-label=\"operations of each process over time, with faults\">\n" + svg
                + "</svg></div>\n" + table() + "</body></html>\n";
    }

    private void rect(String css, double from, double y, double until, double height, String title) {
        svg.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">",
                css,
                from,
                y,
                Math.max(0.8, until - from),
                height));
        if (!title.isEmpty()) {
            svg.append("<title>").append(Text.html(title)).append("</title>");
        }
        svg.append("</rect>\n");
    }

    private void text(String css, double x, double y, String text) {
        svg.append(String.format(Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", css, x, y))
                .append(Text.html(text))
                .append("</text>\n");
    }

    /** Colours tell what is hurt: processes, links, clocks, disks, the group. */
    private static String colour(String kind) {
        return kind.matches("kill.*|stop.*|lag")
                ? "process"
                : kind.matches("cut.*|loss|slow|delay|reorder")
                        ? "link"
                        : kind.startsWith("clock") ? "clock" : kind.matches("transfer|replace") ? "group" : "disk";
    }

    private void faults(int bottom) {
        double[] free = new double[ROWS_OF_NAMES];
        for (Report.Injected fault : report.faults()) {
            double from = x(fault.beganMillis() / 1e3);
            double healed = x(fault.healedMillis() / 1e3);
            String says = fault.number() + " " + fault.kind() + " of " + fault.target() + ": " + fault.beganMillis()
                    + " to " + fault.healedMillis() + " ms, all answered " + fault.recoveryMillis() + " ms later"
                    + (fault.note().isEmpty() ? "" : "; " + fault.note());
            rect("band " + colour(fault.kind()), from, TOP - 8, healed, bottom - TOP + 8.0, says);
            rect("after", healed, TOP - 8, x(fault.recoveredMillis() / 1e3), bottom - TOP + 8.0, says);
            for (int row = 0; row < ROWS_OF_NAMES; row++) {
                if (from >= free[row]) {
                    String name = fault.kind() + " " + fault.target();
                    text("name", from, TOP - 14 - row * (double) NAME_ROW, name);
                    free[row] = from + (name.length() + 1.0) * CHARACTER;
                    break;
                }
            }
        }
    }

    private void leads() {
        for (Lead lead : leads) {
            double at = x(lead.atMillis() / 1e3);
            int lane = counts.processes().indexOf(lead.leader());
            if (lane >= 0) {
                double y = TOP + lane * (double) (LANE + GAP);
                svg.append(String.format(
                        Locale.ROOT,
                        "<path class=\"leader\" d=\"M%.1f %.1f l5 -9 l-10 0 z\"><title>%s leads from %d ms on</title></path>%n",
                        at,
                        y,
                        Text.html(lead.leader()),
                        lead.atMillis()));
            }
        }
    }

    private void lane(String process, int y, long perColumn) {
        Map<Long, long[]> columns = new TreeMap<>();
        counts.of(process).forEach((second, of) -> {
            long[] column = columns.computeIfAbsent(second / perColumn, unused -> new long[3]);
            column[0] += of.done();
            column[1] += of.notDone();
            column[2] += of.unknown();
        });
        double most = columns.values().stream()
                .mapToDouble(column -> column[0] / (double) perColumn)
                .max()
                .orElse(1);
        text("process-name", 4, y + LANE / 2.0, process);
        text("scale", 4, y + 10.0, String.format(Locale.ROOT, "%,.0f/s", most));
        columns.forEach((number, column) -> {
            double from = x(number * (double) perColumn);
            double until = x((number + 1.0) * perColumn);
            double height = LANE * column[0] / perColumn / Math.max(1, most);
            String says = process + " from second " + number * perColumn + ": " + column[0] + " answered, " + column[1]
                    + " not done, " + column[2] + " unknown";
            rect("done", from, y + LANE - height, until, height, says);
            if (column[1] > 0) {
                rect("failed", from, y, until, 5, says);
            }
            if (column[2] > 0) {
                rect("unknown", from, y + 5.0, until, 5, says);
            }
        });
    }

    private void axis(int y) {
        for (int i = 0; i <= TICKS; i++) {
            double second = seconds * (double) i / TICKS;
            text("tick", x(second), y + 14.0, String.format(Locale.ROOT, "%,.0f s", second));
        }
    }

    private void anomalies(int bottom) {
        for (Report.Anomaly anomaly : report.anomalies()) {
            double at = x(anomaly.atMillis() / 1e3);
            rect("anomaly", at - 1, TOP - 8, at + 1, bottom - TOP + 8.0, anomaly.kind() + ": " + anomaly.what());
            text("anomaly-name", at, bottom + 8.0, anomaly.kind());
        }
    }

    private String table() {
        List<String> rows = new ArrayList<>();
        for (Report.Injected fault : report.faults()) {
            rows.add("<tr><td>" + fault.number() + "<td>" + fault.kind() + "<td>" + Text.html(fault.target()) + "<td>"
                    + fault.beganMillis() + "<td>" + (fault.healedMillis() - fault.beganMillis()) + "<td>"
                    + fault.recoveryMillis() + "<td>" + Text.html(fault.note()));
        }
        String wrong = report.anomalies().stream()
                .map(anomaly -> "<h3>" + Text.html(anomaly.kind() + " " + anomaly.where()) + "</h3><pre>"
                        + Text.html(anomaly.what()) + "</pre>")
                .collect(Collectors.joining("\n"));
        return wrong + "<details><summary>" + rows.size()
                + " faults</summary><table><tr><th>#<th>fault<th>whom<th>at, ms"
                + "<th>for, ms<th>recovery, ms<th>\n" + String.join("\n", rows) + "</table></details>\n<p>"
                + Text.html("Again: " + report.repeat()) + "</p>\n";
    }

    private static final String HEAD = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Faults: TITLE</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
            <style>
            :root { --paper: #fff; --ink: #1d2733; --faint: #66727f; --ground: #f1f4f7; --done: #2f7d5b; --failed: #d1453b;
              --unknown: #c78a00; --process: #d1453b; --link: #3469c9; --clock: #8a4fc0; --disk: #a0682a; --group: #0f8a96; }
            @media (prefers-color-scheme: dark) { :root { --paper: #12171d; --ink: #e2e8ee; --faint: #8c99a6;
              --ground: #1b232c; --done: #4fb088; --failed: #f0736a; --unknown: #e3b341; --process: #f0736a; --link: #6f9df0;
              --clock: #b98ae6; --disk: #d29a58; --group: #3fbcc8; } }
            body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem auto;
              max-width: 1340px; padding: 0 1rem; }
            h1 { font-size: 1.5rem; margin: 0; } h1.good { color: var(--done); } h1.bad { color: var(--failed); }
            .scroll { overflow-x: auto; } svg { min-width: 900px; width: 100%; height: auto; }
            svg text { fill: var(--ink); font: 11px system-ui, sans-serif; }
            svg .name { font-size: 10px; fill: var(--faint); } svg .process-name { font-size: 14px; font-weight: 600; }
            svg .scale, svg .tick { fill: var(--faint); font-size: 10px; } svg .tick { text-anchor: middle; }
            .ground { fill: var(--ground); } .done { fill: var(--done); } .failed { fill: var(--failed); }
            .unknown { fill: var(--unknown); } .band { opacity: .22; } .after { fill: var(--faint); opacity: .14; }
            .process { fill: var(--process); } .link { fill: var(--link); } .clock { fill: var(--clock); }
            .disk { fill: var(--disk); } .group { fill: var(--group); } .leader { fill: var(--ink); }
            .anomaly { fill: var(--failed); } svg .anomaly-name { fill: var(--failed); font-weight: 700; }
            .key { color: var(--faint); font-size: .9rem; } .key i { display: inline-block; width: .8em; height: .8em;
              margin: 0 .3em 0 .9em; border-radius: 2px; } .key .ok { background: var(--done); }
            .key .no { background: var(--failed); } .key .un { background: var(--unknown); }
            .key .cut { background: var(--link); opacity: .4; } .key .rec { background: var(--faint); opacity: .3; }
            .key .lead { background: var(--ink); clip-path: polygon(0 0, 100% 0, 50% 100%); }
            table { border-collapse: collapse; font-size: .85rem; } td, th { padding: .15rem .7rem; text-align: left; }
            tr:nth-child(even) { background: var(--ground); } pre { overflow-x: auto; background: var(--ground);
              padding: .7rem; } summary { cursor: pointer; margin: .8rem 0; }
            </style></head><body>
            """;
}
