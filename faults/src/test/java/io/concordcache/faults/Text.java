package io.concordcache.faults;

import java.util.Locale;

/** How names and figures are written for people. */
final class Text {
    private Text() {}

    /** {@code KILL_LEADER} as {@code kill-leader}. */
    static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** For text and attributes of HTML. */
    static String html(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
