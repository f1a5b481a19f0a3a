package io.concordcache.raft.marshal;

import static io.concordcache.raft.marshal.Samples.marshaller;
import static io.concordcache.raft.marshal.Samples.roundTrip;
import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.marshal.Samples.Animal;
import io.concordcache.raft.marshal.Samples.Basket;
import io.concordcache.raft.marshal.Samples.Bone;
import io.concordcache.raft.marshal.Samples.Colour;
import io.concordcache.raft.marshal.Samples.Dog;
import io.concordcache.raft.marshal.Samples.Ignored;
import io.concordcache.raft.marshal.Samples.Order;
import io.concordcache.raft.marshal.Samples.Point;
import io.concordcache.raft.marshal.Samples.StandIn;
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
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {
    private final StandardMarshaller marshaller =
            marshaller(Order.class, Basket.class, Animal.class, StandIn.class, Ignored.class);

    @Property
    void stringsOfAnyCharacters(@ForAll String text) {
        assertThat(roundTrip(marshaller, text)).isEqualTo(text);
    }

    @Property
    void stringsOfOneAlphabet(@ForAll("texts") String text) {
        assertThat(roundTrip(marshaller, text)).isEqualTo(text);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings().withCharRange('a', 'z'),
                Arbitraries.strings().withCharRange('\u0000', '\u00ff'),
                Arbitraries.strings().withCharRange('\u0400', '\u04ff'),
                Arbitraries.strings().withCharRange('\u4e00', '\u9fff'),
                Arbitraries.strings().withCharRange('\ud800', '\udfff'),
                Arbitraries.strings().withCharRange('\ud7f0', '\uffff'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a", "\u00ff", "\u0100", "\uFFFD", "\uD83D\uDE00", "\uD83D", "\uDE00\uD83D", "a\u0000b"})
    void stringsAtTheEdges(String text) {
        assertThat(roundTrip(marshaller, text)).isEqualTo(text);
    }

    @Property
    void numbers(
            @ForAll byte b,
            @ForAll short s,
            @ForAll char c,
            @ForAll int i,
            @ForAll long l,
            @ForAll float f,
            @ForAll double d,
            @ForAll BigInteger bigInteger,
            @ForAll BigDecimal bigDecimal,
            @ForAll boolean truth) {
        for (Object each : List.of(b, s, c, i, l, f, d, bigInteger, bigDecimal, truth, new UUID(l, ~l))) {
            assertThat(roundTrip(marshaller, each)).isEqualTo(each).hasSameClassAs(each);
        }
    }

    @Test
    void extremeNumbers() {
        for (Object each : List.of(
                Integer.MIN_VALUE,
                Integer.MAX_VALUE,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                Double.NaN,
                -0.0,
                0.0,
                Float.NEGATIVE_INFINITY,
                new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE),
                new BigDecimal("1.00"),
                BigInteger.ONE.shiftLeft(5000))) {
            assertThat(roundTrip(marshaller, each)).isEqualTo(each);
        }
    }

    @Property
    void times(@ForAll("zoned") ZonedDateTime time) {
        for (Object each : List.of(
                time,
                time.toInstant(),
                time.toLocalDate(),
                time.toLocalTime(),
                time.toLocalDateTime(),
                time.toOffsetDateTime(),
                time.getOffset(),
                Year.from(time),
                YearMonth.from(time),
                Duration.between(Instant.EPOCH, time),
                Period.between(LocalDate.EPOCH, time.toLocalDate()),
                Date.from(time.toInstant().truncatedTo(java.time.temporal.ChronoUnit.MILLIS)))) {
            assertThat(roundTrip(marshaller, each)).isEqualTo(each).hasSameClassAs(each);
        }
    }

    @Provide
    Arbitrary<ZonedDateTime> zoned() {
        Arbitrary<ZoneId> zones = Arbitraries.of(
                ZoneId.of("Europe/Berlin"),
                ZoneId.of("America/New_York"),
                ZoneId.of("UTC"),
                ZoneId.of("UTC+2"),
                ZoneOffset.UTC,
                ZoneOffset.ofTotalSeconds(-12345));
        return Combinators.combine(
                        Arbitraries.longs().between(-300_000_000_000L, 300_000_000_000L),
                        Arbitraries.integers().between(0, 999_999_999),
                        zones)
                .as((seconds, nanos, zone) ->
                        Instant.ofEpochSecond(seconds, nanos).atZone(zone));
    }

    @Test
    void extremeTimes() {
        LocalDateTime overlap = LocalDateTime.of(2023, 10, 29, 2, 30);
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        for (Object each : List.of(
                Instant.MIN,
                Instant.MAX,
                Duration.ofSeconds(Long.MIN_VALUE),
                LocalDate.MIN,
                LocalDate.MAX,
                LocalTime.MAX,
                LocalDateTime.MIN,
                OffsetDateTime.MAX,
                Year.of(Year.MIN_VALUE),
                YearMonth.of(Year.MAX_VALUE, 12),
                Period.of(Integer.MIN_VALUE, 0, Integer.MAX_VALUE),
                ZonedDateTime.ofLocal(overlap, berlin, ZoneOffset.ofHours(1)),
                ZonedDateTime.ofLocal(overlap, berlin, ZoneOffset.ofHours(2)))) {
            assertThat(roundTrip(marshaller, each)).isEqualTo(each);
        }
    }

    @Property
    void arrays(
            @ForAll byte[] bytes, @ForAll int[] ints, @ForAll long[] longs, @ForAll @Size(max = 20) String[] texts) {
        assertThat(roundTrip(marshaller, bytes)).isEqualTo(bytes).isNotSameAs(bytes);
        assertThat(roundTrip(marshaller, ints)).isEqualTo(ints);
        assertThat(roundTrip(marshaller, longs)).isEqualTo(longs);
        assertThat(roundTrip(marshaller, texts)).isEqualTo(texts);
    }

    @Test
    void arraysOfOtherElements() {
        String[] withNull = {"a", null, ""};
        assertThat(roundTrip(marshaller, withNull)).isEqualTo(withNull);
        double[][] grid = {{1, 2}, {}};
        assertThat(roundTrip(marshaller, grid)).isDeepEqualTo(grid);
        Point[] points = {new Point(1, 2), null};
        assertThat(roundTrip(marshaller, points)).isEqualTo(points);
        Object[] mixed = {1, "b", new Class<?>[] {int.class, Point.class, String[].class}};
        assertThat(roundTrip(marshaller, mixed)).isEqualTo(mixed);
    }

    @Test
    void enumsAlsoWithABodyOfTheirOwn() {
        for (Colour each : Colour.values()) {
            assertThat(roundTrip(marshaller, each)).isSameAs(each);
        }
    }

    @Test
    void recordsOfPlainData() {
        Order order = new Order(
                "4711", null, new BigDecimal("9.99"), Colour.GREEN, new Point(-1, 1 << 30), Instant.ofEpochMilli(1));
        assertThat(roundTrip(marshaller, order)).isEqualTo(order);
        assertThat(marshaller.marshal(order)[0]).isEqualTo(Tag.RECORD);
        assertThat(marshaller.marshal(order).length).isLessThan(Samples.crafted(order).length / 2);
        Ignored notSerializable = new Ignored("a");
        assertThat(roundTrip(marshaller, notSerializable)).isEqualTo(notSerializable);
    }

    @Test
    void whatIsLeftToJavaSerialization() {
        Basket basket = new Basket(List.of(new Point(1, 2)), Map.of("a", Colour.RED));
        assertThat(roundTrip(marshaller, basket)).isEqualTo(basket);
        StandIn standIn = new StandIn(7);
        assertThat(roundTrip(marshaller, standIn)).isEqualTo(standIn);

        Dog dog = new Dog();
        dog.name = "Rex";
        dog.bone = new Bone();
        dog.bone.length = 5;
        Dog copy = roundTrip(marshaller, dog);
        assertThat(copy.name).isEqualTo("Rex");
        assertThat(copy.bone).isNotNull().isNotSameAs(dog.bone);
        java.sql.Timestamp timestamp = new java.sql.Timestamp(1);
        timestamp.setNanos(17);
        assertThat(roundTrip(marshaller, timestamp)).isEqualTo(timestamp).hasSameClassAs(timestamp);
    }

    @Test
    void exceptionsWithTheirCausesAndTraces() {
        Exception failure = new IllegalStateException("outer", new java.io.IOException("inner"));
        failure.addSuppressed(new ArithmeticException());
        Exception copy = roundTrip(marshaller, failure);
        assertThat(copy).hasMessage("outer").hasCauseInstanceOf(java.io.IOException.class);
        assertThat(copy.getStackTrace()).isEqualTo(failure.getStackTrace());
        assertThat(copy.getSuppressed()).hasSize(1);
    }
}
