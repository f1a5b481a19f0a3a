package io.concordcache.raft.config;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The rule for names of caches. JSR-107 demands only that a name is not null; names become parts of log
 * entries, MBean names and log lines, so what would break those is refused.
 *
 * <p>Dots, parentheses, commas, colons, equals signs, slashes, blanks and letters of any script are legal: the
 * default name of an annotated method is {@code package.Class.method(java.lang.String,int)}.
 */
public final class CacheNames {
    /** The longest name, in bytes of UTF-8. */
    public static final int MAX_BYTES = 255;

    private CacheNames() {}

    /**
     * Returns the name if it is legal.
     *
     * @throws NullPointerException if the name is null
     * @throws IllegalArgumentException if the name is empty, longer than {@link #MAX_BYTES}, or holds a control
     *     character, a line separator or half a surrogate pair; the message shows the character and its position
     */
    public static String check(String name) {
        Objects.requireNonNull(name, "the name of a cache is null");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the name of a cache is empty; choose one with at least one character");
        }
        for (int i = 0; i < name.length(); i = name.offsetByCodePoints(i, 1)) {
            int c = name.codePointAt(i);
            if (Text.isUnsafe(c)) {
                throw new IllegalArgumentException("the name of a cache " + Text.quote(name) + " holds the character "
                        + Text.escape(c) + " at position " + i + " (from 0); control characters, line separators and"
                        + " halves of surrogate pairs are not allowed in names");
            }
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException("the name of a cache " + Text.quote(name) + " takes " + bytes
                    + " bytes of UTF-8; at most " + MAX_BYTES + " are allowed");
        }
        return name;
    }
}
