package io.concordcache.raft.access;

/** Foreign text for one line of a log. */
public final class Escaped {
    private static final int LONGEST = 500;

    private Escaped() {}

    /** Without anything that could break or disguise a line, or end a text in quotes; of bounded length. */
    public static String of(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(LONGEST).forEach(c -> append(out, c));
        return text.codePointCount(0, text.length()) > LONGEST ? out.append('…').toString() : out.toString();
    }

    private static void append(StringBuilder out, int c) {
        switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> out.append(String.format("\\u%04X", c));
            default -> {
                if (c == '"' || c == '\\') {
                    out.append('\\');
                }
                out.appendCodePoint(c);
            }
        }
    }
}
