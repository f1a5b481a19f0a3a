package io.concordcache.server;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints records as a table or as JSON (RFC 8259). */
final class Output {
    /** How. */
    enum Format {
        TABLE,
        JSON
    }

    private final PrintWriter out;
    private final Format format;

    Output(PrintWriter out, Format format) {
        this.out = out;
        this.format = format;
    }

    /** A record from names and values in turn; values are texts, numbers, booleans or null. */
    static Map<String, @Nullable Object> row(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            row.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return row;
    }

    /** One record: a line for each of its fields. */
    void one(Map<String, @Nullable Object> row) {
        if (format == Format.JSON) {
            out.println(json(row));
        } else {
            int width = row.keySet().stream().mapToInt(String::length).max().orElse(0);
            row.forEach((name, value) -> out.println(pad(name, width) + "  " + shown(value)));
        }
        out.flush();
    }

    /** Several records under a head; none at all prints {@code none} in its place. */
    void many(List<Map<String, @Nullable Object>> rows, String none) {
        if (format == Format.JSON) {
            List<String> lines = rows.stream().map(Output::json).toList();
            out.println(lines.isEmpty() ? "[]" : "[\n  " + String.join(",\n  ", lines) + "\n]");
        } else if (rows.isEmpty()) {
            out.println(none);
        } else {
            table(rows);
        }
        out.flush();
    }

    private void table(List<Map<String, @Nullable Object>> rows) {
        List<String> names = List.copyOf(rows.get(0).keySet());
        List<List<String>> lines = new ArrayList<>();
        lines.add(names.stream()
                .map(name -> name.toUpperCase(java.util.Locale.ROOT))
                .toList());
        rows.forEach(row -> lines.add(row.values().stream().map(Output::shown).toList()));
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int column = 0; column < names.size(); column++) {
                int at = column;
                int width = lines.stream()
                        .mapToInt(each -> each.get(at).length())
                        .max()
                        .orElse(0);
                text.append(pad(line.get(column), width)).append("  ");
            }
            out.println(text.toString().stripTrailing());
        }
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private static String shown(@Nullable Object value) {
        return value == null ? "-" : value.toString();
    }

    private static String json(Map<String, @Nullable Object> row) {
        List<String> fields = new ArrayList<>();
        row.forEach((name, value) -> fields.add(quote(name) + ": " + json(value)));
        return "{" + String.join(", ", fields) + "}";
    }

    private static String json(@Nullable Object value) {
        return value == null || value instanceof Number || value instanceof Boolean
                ? String.valueOf(value)
                : quote(value.toString());
    }

    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
