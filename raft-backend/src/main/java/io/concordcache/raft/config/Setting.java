package io.concordcache.raft.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table of settings.
 *
 * @param key its name; for a setting of a cache the last part only
 * @param defaultValue the value if nothing is configured; null for "no value"
 * @param secret whether its value must not be shown, neither in messages nor in the printed configuration
 * @param about what it is, in a sentence or more
 * @param tooSmall the harm of a value that is too small; empty if there is no such thing
 * @param tooLarge the harm of a value that is too large; empty if there is no such thing
 */
record Setting<T>(
        String key,
        ValueType<T> type,
        @Nullable T defaultValue,
        boolean secret,
        String about,
        String tooSmall,
        String tooLarge) {

    private static final String MASK = "********";

    static <T> Setting<T> of(String key, ValueType<T> type, @Nullable T defaultValue, String about) {
        return new Setting<>(key, type, defaultValue, false, about, "", "");
    }

    Setting<T> harm(String whenTooSmall, String whenTooLarge) {
        return new Setting<>(key, type, defaultValue, secret, about, whenTooSmall, whenTooLarge);
    }

    /** This setting, with a value that is never shown. */
    Setting<T> asSecret() {
        return new Setting<>(key, type, defaultValue, true, about, tooSmall, tooLarge);
    }

    /** @throws ConfigurationException if the value is malformed or out of range */
    @Nullable
    T parse(RawValue raw) {
        try {
            return type.parse(raw.text());
        } catch (IllegalArgumentException e) {
            // The cause may quote the value as well.
            String problem = secret ? "is not legal" : Text.line(String.valueOf(e.getMessage()));
            String shown = secret ? MASK : Text.quote(raw.text());
            String message = Text.shorten(raw.key()) + " = " + shown + " (" + raw.origin() + ") " + problem
                    + "; allowed: " + type.allowed() + "; write " + type.forms();
            throw secret ? new ConfigurationException(message) : new ConfigurationException(message, e);
        }
    }

    /** The value as it may be shown, in its canonical form. */
    String shown(RawValue raw) {
        T value = parse(raw);
        return secret ? MASK : type.print(value);
    }

    String shownDefault() {
        return type.print(defaultValue);
    }

    /**
     * Returns a value that code set, if it is within the range.
     *
     * @throws IllegalArgumentException if it is not
     */
    T check(T value) {
        String text = type.print(value);
        try {
            type.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    key + " = " + text + " " + e.getMessage() + "; allowed: " + type.allowed(), e);
        }
        return value;
    }

    /** The environment variable for a full key. */
    static String variable(String key) {
        return SettingTable.ENVIRONMENT_PREFIX
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
