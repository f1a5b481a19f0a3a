package io.concordcache.raft.config;

/** How foreign text is shown in messages: on one line, in quotes, of bounded length. */
final class Text {
    private static final int LONGEST = 120;

    private Text() {}

    static String quote(String text) {
        return "'" + shorten(text) + "'";
    }

    /** As {@link #quote}, without the quotes. */
    static String shorten(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(LONGEST).forEach(c -> out.append(escape(c)));
        return out.append(text.codePointCount(0, text.length()) > LONGEST ? "…" : "")
                .toString();
    }

    /** The whole text, on one line. */
    static String line(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> out.append(escape(c)));
        return out.toString();
    }

    /** The character itself, or its escape if it could break or disguise a line of a log. */
    static String escape(int codePoint) {
        return switch (codePoint) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> isUnsafe(codePoint) ? String.format("\\u%04X", codePoint) : Character.toString(codePoint);
        };
    }

    /** Control characters, line and paragraph separators, and halves of surrogate pairs. */
    static boolean isUnsafe(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            default -> false;
        };
    }
}
