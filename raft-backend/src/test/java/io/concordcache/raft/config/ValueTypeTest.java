package io.concordcache.raft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueTypeTest {
    private static final long HUGE = 1L << 50;

    private final ValueType<Duration> duration = ValueType.duration(Duration.ofMillis(1), Duration.ofDays(3650));
    private final ValueType<Long> size = ValueType.size(1, HUGE);

    @ParameterizedTest
    @CsvSource({
        "250ms, PT0.25S",
        "30s, PT30S",
        "5m, PT5M",
        "2h, PT2H",
        "1d, PT24H",
        "5 m, PT5M",
        "PT1M30S, PT90S",
        "PT0.25S, PT0.25S",
        "P1D, PT24H"
    })
    void readsDurations(String text, Duration expected) {
        assertThat(duration.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "5, has no unit",
        "-5s, is negative",
        "PT-5S, is too small",
        "0s, is too small",
        "4000d, is too large",
        "99999999999999999d, is too large",
        "99999999999999999999999s, is too large",
        "PT0.0001S, is finer than a millisecond",
        "1.5s, is not a duration",
        "5M, is not a duration",
        "5 parsecs, is not a duration",
        "'', is not a duration"
    })
    void refusesOtherDurations(String text, String problem) {
        assertThatThrownBy(() -> duration.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(problem);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "512KB, 524288",
        "64MB, 67108864",
        "64MiB, 67108864",
        "64mb, 67108864",
        "64 MB, 67108864",
        "1GB, 1073741824",
        "7B, 7"
    })
    void readsSizes(String text, long expected) {
        assertThat(size.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, is negative",
        "0, is too small",
        "8589934592GB, is too large",
        "99999999999999999999, is too large",
        "1.5MB, is not a size",
        "1_000, is not a size",
        "64M, is not a size",
        "'', is not a size"
    })
    void refusesOtherSizes(String text, String problem) {
        assertThatThrownBy(() -> size.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(problem);
    }

    @Property
    void printedDurationsReadBack(@ForAll @LongRange(min = 1, max = 315_360_000_000L) long millis) {
        Duration value = Duration.ofMillis(millis);
        assertThat(duration.parse(duration.print(value))).isEqualTo(value);
    }

    @Property
    void printedSizesReadBack(@ForAll @LongRange(min = 1, max = HUGE) long bytes) {
        assertThat(size.parse(size.print(bytes))).isEqualTo(bytes);
    }

    @Property
    void anyTextIsReadOrRefused(@ForAll String text) {
        for (ValueType<?> type : List.of(
                duration,
                size,
                ValueType.count("number", 1, 5),
                ValueType.bool(),
                ValueType.name(),
                ValueType.directory(),
                ValueType.address(),
                ValueType.classPatterns())) {
            try {
                type.parse(text);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void oneMoreWordIsReadAndPrinted() {
        ValueType<Long> type = ValueType.count("number", 1, 5).orWord("unlimited", Long.MAX_VALUE);
        assertThat(type.parse("unlimited")).isEqualTo(Long.MAX_VALUE);
        assertThat(type.print(Long.MAX_VALUE)).isEqualTo("unlimited");
        assertThat(type.parse("3")).isEqualTo(3);
    }

    @Test
    void readsPatternsOfClasses() {
        assertThat(ValueType.classPatterns().parse("com.acme.Order$Line, com.acme.*,com.acme.**,**"))
                .containsExactly("com.acme.Order$Line", "com.acme.*", "com.acme.**", "**");
        assertThat(ValueType.classPatterns().parse("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'a,,b'", "'a,'", "com.acme.O*", "com/acme/Order", "*", "1a"})
    void refusesOtherPatterns(String text) {
        assertThatThrownBy(() -> ValueType.classPatterns().parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names no classes");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:7400", "node-1.example.org:1", "[::1]:65535", "[fe80::1%eth0]:7400"})
    void addressesReadBack(String text) {
        assertThat(HostPort.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "7400",
        ":7400",
        "localhost",
        "localhost:0",
        "localhost:65536",
        "localhost:999999",
        "::1:7400",
        "a b:1",
        "[localhost]:1",
        "[]:1",
        "''"
    })
    void refusesOtherAddresses(String text) {
        assertThatThrownBy(() -> HostPort.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
