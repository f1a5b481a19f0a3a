package io.concordcache.raft.marshal;

import org.jspecify.annotations.Nullable;

/**
 * A key or value could not become bytes, or bytes could not become an object. Nothing was stored or
 * changed; trying again without changing the class, the bytes or a setting fails again.
 */
public final class MarshalException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_NAME = 200;

    public MarshalException(String message) {
        super(message);
    }

    public MarshalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** A name out of foreign bytes, fit for a message: short, and without control characters. */
    static String printable(String name) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(name.length(), LONGEST_NAME); i++) {
            char c = name.charAt(i);
            shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return name.length() > LONGEST_NAME ? shown + "..." : shown.toString();
    }
}
