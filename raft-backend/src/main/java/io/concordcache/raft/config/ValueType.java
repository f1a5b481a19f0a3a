package io.concordcache.raft.config;

import io.concordcache.raft.store.Member;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How one kind of value is written: its forms, its range, its parser and its printer. What the printer writes,
 * the parser reads back to an equal value.
 *
 * @param unit what a value is, with its unit
 * @param allowed the legal values in words
 * @param forms examples of how to write one
 * @param list whether a file may give a sequence
 * @param parser throws IllegalArgumentException with a phrase that follows the value: "is not a duration"
 * @param word one more legal word, or null
 * @param wordValue what that word stands for; may be null, "no value"
 */
record ValueType<T>(
        String unit,
        String allowed,
        String forms,
        boolean list,
        Function<String, T> parser,
        Function<T, String> printer,
        @Nullable String word,
        @Nullable T wordValue) {

    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");
    private static final Map<String, ChronoUnit> DURATION_UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS);
    private static final List<String> DURATION_UNITS_DOWN = List.of("d", "h", "m", "s", "ms");

    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(?:([KMG])I?B|B)?", Pattern.CASE_INSENSITIVE);
    private static final String SIZE_UNITS = "KMG";
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    /** More digits than any legal number has; to read very many takes very long. */
    private static final int MOST_DIGITS = 100;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** Part by part, since a pattern for all of them would call itself for each. */
    private static final Pattern IDENTIFIER =
            Pattern.compile("\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*");

    /** The value that the text stands for; null only if the type has a word for "no value". */
    @Nullable
    T parse(String text) {
        return word != null && text.equals(word) ? wordValue : parser.apply(text);
    }

    /** The canonical text of a value, "not set" for null where the type has no word for it. */
    String print(@Nullable T value) {
        if (word != null && Objects.equals(value, wordValue)) {
            return word;
        }
        return value == null ? "not set" : printer.apply(value);
    }

    /** This type with one more legal word. */
    ValueType<T> orWord(String extra, @Nullable T value) {
        return new ValueType<>(
                unit, allowed + ", or " + extra, forms + ", or " + extra, list, parser, printer, extra, value);
    }

    static ValueType<Duration> duration(Duration min, Duration max) {
        return between(
                "duration, to the millisecond",
                "250ms, 30s, 5m, 2h, 1d or PT1M30S",
                min,
                max,
                ValueType::parseDuration,
                ValueType::printDuration);
    }

    static ValueType<Long> size(long min, long max) {
        return between(
                "size in bytes", "65536, 512KB, 64MB or 1GB", min, max, ValueType::parseSize, ValueType::printSize);
    }

    static ValueType<Long> count(String unit, long min, long max) {
        return between(unit, "a plain number such as 10000", min, max, ValueType::parseCount, n -> Long.toString(n));
    }

    static ValueType<Boolean> bool() {
        return choice("switch", List.of(true, false));
    }

    /** A switch that reads as on or off. */
    static ValueType<Boolean> onOff() {
        return of(
                "word",
                "on or off",
                "on or off",
                text -> switch (text.toLowerCase(Locale.ROOT)) {
                    case "on" -> true;
                    case "off" -> false;
                    default -> throw new IllegalArgumentException("is none of the legal words");
                },
                on -> on ? "on" : "off");
    }

    /** One of these words, as text. */
    static ValueType<String> choiceOf(String unit, String... words) {
        return choice(unit, List.of(words));
    }

    static <T> ValueType<T> choice(String unit, List<T> values) {
        Map<String, T> words = values.stream().collect(Collectors.toMap(ValueType::lowerCase, v -> v));
        List<String> names = values.stream().map(ValueType::lowerCase).toList();
        String all = String.join(", ", names.subList(0, names.size() - 1)) + " or " + names.get(names.size() - 1);
        return of(
                unit,
                all,
                all,
                text -> {
                    T value = words.get(text.toLowerCase(Locale.ROOT));
                    if (value == null) {
                        throw new IllegalArgumentException("is none of the legal words");
                    }
                    return value;
                },
                ValueType::lowerCase);
    }

    static ValueType<String> name() {
        return of(
                "name",
                "1 to 64 letters, digits, dots, underscores and hyphens, a letter or digit first",
                "a name such as orders-eu",
                text -> {
                    if (!NAME.matcher(text).matches()) {
                        throw new IllegalArgumentException("is not such a name");
                    }
                    return text;
                },
                name -> name);
    }

    static ValueType<Path> directory() {
        return of(
                "path, relative ones from the working directory of the JVM",
                "any path",
                "a path such as /var/lib/concord",
                text -> {
                    if (text.isEmpty()) {
                        throw new IllegalArgumentException("is empty");
                    }
                    try {
                        return Path.of(text);
                    } catch (InvalidPathException e) {
                        throw new IllegalArgumentException("is no legal path", e);
                    }
                },
                Path::toString);
    }

    static ValueType<HostPort> address() {
        return of(
                "address and port",
                "a host name or address and a port from 1 to 65535",
                "127.0.0.1:7400 or [::1]:7400",
                HostPort::parse,
                HostPort::toString);
    }

    static ValueType<List<Member>> members() {
        return new ValueType<>(
                "list of members; separated by commas where the source has one line",
                "host:port, or id=host:port",
                "a:7800,b:7800,c:7800 or one=10.0.0.1:7800,two=10.0.0.2:7800,three=10.0.0.3:7800",
                true,
                ValueType::parseMembers,
                list -> list.stream().map(Member::toString).collect(Collectors.joining(",")),
                null,
                null);
    }

    private static List<Member> parseMembers(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(ValueType::parseMember)
                .toList();
    }

    private static Member parseMember(String text) {
        try {
            return Member.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("holds " + Text.quote(text) + ", which names no member", e);
        }
    }

    static ValueType<String> text(String unit, String forms) {
        return of(unit, "any text", forms, text -> text, text -> text);
    }

    static ValueType<List<String>> classPatterns() {
        return new ValueType<>(
                "list of class name patterns; separated by commas where the source has one line",
                "classes, packages ending in .*, packages with all below them ending in .**, or ** for every class",
                "com.acme.Order,com.acme.model.*",
                true,
                ValueType::parsePatterns,
                list -> String.join(",", list),
                null,
                null);
    }

    private static <T> ValueType<T> of(
            String unit, String allowed, String forms, Function<String, T> parser, Function<T, String> printer) {
        return new ValueType<>(unit, allowed, forms, false, parser, printer, null, null);
    }

    private static <T extends Comparable<T>> ValueType<T> between(
            String unit, String forms, T min, T max, Function<String, T> parser, Function<T, String> printer) {
        String range = printer.apply(min) + " to " + printer.apply(max);
        return of(
                unit,
                range,
                forms,
                text -> {
                    if (text.startsWith("-")) {
                        throw new IllegalArgumentException("is negative");
                    }
                    T value = parser.apply(text);
                    if (value.compareTo(min) < 0) {
                        throw new IllegalArgumentException("is too small");
                    }
                    if (value.compareTo(max) > 0) {
                        throw new IllegalArgumentException("is too large");
                    }
                    return value;
                },
                printer);
    }

    private static Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (matcher.matches()) {
            ChronoUnit unit = Objects.requireNonNull(DURATION_UNITS.get(matcher.group(2)));
            try {
                return Duration.of(parseCount(matcher.group(1)), unit);
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException("is too large", e);
            }
        }
        if (NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("has no unit");
        }
        return parseIsoDuration(text);
    }

    private static Duration parseIsoDuration(String text) {
        Duration duration;
        try {
            duration = Duration.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("is not a duration", e);
        }
        if (!duration.equals(duration.truncatedTo(ChronoUnit.MILLIS))) {
            throw new IllegalArgumentException("is finer than a millisecond");
        }
        return duration;
    }

    private static String printDuration(Duration duration) {
        for (String unit : DURATION_UNITS_DOWN) {
            Duration one = Objects.requireNonNull(DURATION_UNITS.get(unit)).getDuration();
            long count = duration.dividedBy(one);
            if (count > 0 && one.multipliedBy(count).equals(duration)) {
                return count + unit;
            }
        }
        return duration.toString();
    }

    private static long parseSize(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is not a size");
        }
        String unit = matcher.group(2);
        int power = unit == null ? 0 : SIZE_UNITS.indexOf(unit.toUpperCase(Locale.ROOT)) + 1;
        try {
            return Math.multiplyExact(parseCount(matcher.group(1)), 1L << (10 * power));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("is too large", e);
        }
    }

    private static String printSize(long bytes) {
        for (int power = SIZE_UNITS.length(); power > 0; power--) {
            long one = 1L << (10 * power);
            if (bytes >= one && bytes % one == 0) {
                return bytes / one + SIZE_UNITS.substring(power - 1, power) + "B";
            }
        }
        return Long.toString(bytes);
    }

    private static long parseCount(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("is not a whole number");
        }
        if (text.length() > MOST_DIGITS) {
            throw new IllegalArgumentException("is too large");
        }
        try {
            return new BigInteger(text).longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("is too large", e);
        }
    }

    private static List<String> parsePatterns(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        List<String> patterns =
                Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        for (String pattern : patterns) {
            if (!isClassPattern(pattern)) {
                throw new IllegalArgumentException("holds " + Text.quote(pattern) + ", which names no classes");
            }
        }
        return patterns;
    }

    private static boolean isClassPattern(String pattern) {
        if (pattern.equals("**")) {
            return true;
        }
        String names = pattern.endsWith(".**")
                ? pattern.substring(0, pattern.length() - 3)
                : pattern.endsWith(".*") ? pattern.substring(0, pattern.length() - 2) : pattern;
        return Arrays.stream(names.split("\\.", -1))
                .allMatch(part -> IDENTIFIER.matcher(part).matches());
    }

    private static String lowerCase(Object value) {
        return value.toString().toLowerCase(Locale.ROOT);
    }
}
