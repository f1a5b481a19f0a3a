package io.concordcache.benchmarks;

import java.util.List;
import java.util.stream.Collectors;

/** A part of a report, which can be shown as Markdown and as HTML. */
sealed interface Block {
    /** With the line break at its end. */
    String toMarkdown();

    String toHtml();

    /** A title; level 1 is that of the whole report. */
    record Heading(int level, String text) implements Block {
        @Override
        public String toMarkdown() {
            return "#".repeat(level) + " " + text + "\n";
        }

        @Override
        public String toHtml() {
            return "<h%d>%s</h%d>".formatted(level, escaped(text), level);
        }
    }

    /** Sentences. */
    record Text(String text) implements Block {
        @Override
        public String toMarkdown() {
            return text + "\n";
        }

        @Override
        public String toHtml() {
            return "<p>" + escaped(text) + "</p>";
        }
    }

    /** A command. */
    record Code(String text) implements Block {
        @Override
        public String toMarkdown() {
            return "```sh\n" + text + "\n```\n";
        }

        @Override
        public String toHtml() {
            return "<pre>" + escaped(text) + "</pre>";
        }
    }

    /** Rows that are as long as the header. */
    record Table(List<String> header, List<List<String>> rows) implements Block {
        @Override
        public String toMarkdown() {
            return row(header) + "|---".repeat(header.size()) + "|\n"
                    + rows.stream().map(Table::row).collect(Collectors.joining());
        }

        private static String row(List<String> cells) {
            return cells.stream()
                    .map(cell -> cell.replace("|", "\\|"))
                    .collect(Collectors.joining(" | ", "| ", " |\n"));
        }

        @Override
        public String toHtml() {
            return "<div class=wide><table><thead>" + row(header, "th") + "</thead><tbody>"
                    + rows.stream().map(cells -> row(cells, "td")).collect(Collectors.joining("\n"))
                    + "</tbody></table></div>";
        }

        private static String row(List<String> cells, String tag) {
            return cells.stream()
                    .map(cell -> "<" + tag + ">" + escaped(cell) + "</" + tag + ">")
                    .collect(Collectors.joining("", "<tr>", "</tr>"));
        }
    }

    /** Charts beside each other; Markdown goes without. */
    record Charts(List<Chart> charts) implements Block {
        @Override
        public String toMarkdown() {
            return "";
        }

        @Override
        public String toHtml() {
            return charts.stream().map(Chart::toHtml).collect(Collectors.joining("\n", "<div class=charts>", "</div>"));
        }
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
