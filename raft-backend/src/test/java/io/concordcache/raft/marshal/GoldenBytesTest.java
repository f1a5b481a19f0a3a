package io.concordcache.raft.marshal;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.marshal.Samples.Colour;
import io.concordcache.raft.marshal.Samples.Pair;
import io.concordcache.raft.marshal.Samples.Point;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes as they are on disks. Cases are added and never edited. */
class GoldenBytesTest {
    private static final LocalDateTime NOON = LocalDateTime.of(2024, 2, 29, 12, 0);

    private final StandardMarshaller marshaller = Samples.marshaller(Colour.class, Point.class, Pair.class);

    record Golden(Object value, String hex) {}

    static List<Golden> golden() {
        return List.of(
                new Golden("Grün", "014772fc6e"),
                new Golden("Zoё", "025a6fd191"),
                new Golden("日本", "0365e5672c"),
                new Golden("\uD83D", "03d83d"),
                new Golden(false, "04"),
                new Golden(true, "05"),
                new Golden((byte) -2, "06fe"),
                new Golden((short) -300, "07fed4"),
                new Golden('€', "0820ac"),
                new Golden(0, "0900"),
                new Golden(-1, "0901"),
                new Golden(300, "09d804"),
                new Golden(Integer.MIN_VALUE, "09ffffffff0f"),
                new Golden(1L, "0a02"),
                new Golden(Long.MIN_VALUE, "0affffffffffffffffff01"),
                new Golden(1.5f, "0b3fc00000"),
                new Golden(Float.NaN, "0b7fc00000"),
                new Golden(-0.0, "0c8000000000000000"),
                new Golden(new byte[] {1, -1}, "1001ff"),
                new Golden(new int[] {1, -1}, "1100000001ffffffff"),
                new Golden(new long[] {1, -1}, "120000000000000001ffffffffffffffff"),
                new Golden(new String[] {"a", null, ""}, "13020161000101"),
                new Golden(new UUID(1, -2), "180000000000000001fffffffffffffffe"),
                new Golden(BigInteger.valueOf(-300), "19fed4"),
                new Golden(new BigDecimal("-1.50"), "1a04ff6a"),
                new Golden(Instant.ofEpochSecond(1_700_000_000, 5), "2080c49fd50c05"),
                new Golden(Duration.ofMillis(-1), "2101c08faedc03"),
                new Golden(LocalDate.of(2024, 2, 29), "228cb502"),
                new Golden(LocalTime.NOON, "2380809ec5a4e909"),
                new Golden(NOON, "248cb50280809ec5a4e909"),
                new Golden(OffsetDateTime.of(NOON, ZoneOffset.ofHours(-5)), "258cb50280809ec5a4e9099f9902"),
                new Golden(
                        ZonedDateTime.of(NOON, ZoneId.of("Europe/Berlin")),
                        "268cb50280809ec5a4e909a038014575726f70652f4265726c696e"),
                new Golden(Year.of(2024), "27d01f"),
                new Golden(YearMonth.of(2024, 2), "28d01f02"),
                new Golden(Period.of(1, -2, 3), "29020306"),
                new Golden(ZoneOffset.ofHoursMinutes(5, 30), "2ab0b502"),
                new Golden(new Date(1_700_000_000_000L), "2b80a0abfef962"),
                new Golden(
                        Colour.GREEN,
                        "302c01696f2e636f6e636f726463616368652e726166742e6d61727368616c2e53616d706c657324436f6c6f75720601475245454e"),
                new Golden(
                        new Point(1, -1),
                        "312b01696f2e636f6e636f726463616368652e726166742e6d61727368616c2e53616d706c657324506f696e7402020178020179020902020901"),
                new Golden(
                        new Pair("a", null),
                        "312a01696f2e636f6e636f726463616368652e726166742e6d61727368616c2e53616d706c65732450616972020601666972737407017365636f6e6402016100"),
                new Golden(
                        new ArrayList<>(Arrays.asList("a", "b")),
                        "38aced0005737200136a6176612e7574696c2e41727261794c6973747881d21d99c7619d03000149000473697a65787000000002770400000002740001617400016278"));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void isWritten(Golden golden) {
        assertThat(HexFormat.of().formatHex(marshaller.marshal(golden.value))).isEqualTo(golden.hex);
    }

    @ParameterizedTest
    @MethodSource("golden")
    void isRead(Golden golden) {
        assertThat(marshaller.unmarshal(HexFormat.of().parseHex(golden.hex))).isEqualTo(golden.value);
    }

    @Test
    void hasEveryTag() throws IllegalAccessException {
        Set<Integer> tags = new TreeSet<>();
        for (Field field : Tag.class.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == byte.class) {
                assertThat(tags.add((int) field.getByte(null)))
                        .as("number of " + field)
                        .isTrue();
            }
        }
        Set<Integer> covered = new TreeSet<>();
        for (Golden each : golden()) {
            covered.add(Integer.parseInt(each.hex.substring(0, 2), 16));
        }
        assertThat(covered).isEqualTo(tags);
    }
}
