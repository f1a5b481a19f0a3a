package io.concordcache.raft.marshal;

import static io.concordcache.raft.marshal.Samples.marshaller;
import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.marshal.Samples.Basket;
import io.concordcache.raft.marshal.Samples.Chain;
import io.concordcache.raft.marshal.Samples.Colour;
import io.concordcache.raft.marshal.Samples.Id;
import io.concordcache.raft.marshal.Samples.Order;
import io.concordcache.raft.marshal.Samples.Pair;
import io.concordcache.raft.marshal.Samples.Point;
import io.concordcache.raft.marshal.Samples.StandIn;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.MonthDay;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTypesTest {
    static final class Dates implements Serializable {
        LocalDate one = LocalDate.EPOCH;
        Instant two = Instant.EPOCH;
    }

    static final class TwoDates implements Serializable {
        LocalDate one = LocalDate.EPOCH;
        LocalDate two = LocalDate.EPOCH;
    }

    static final class Outer implements Serializable {
        TwoOfOne one = new TwoOfOne();
        transient List<String> ignored = List.of();
    }

    static final class TwoOfOne implements Serializable {
        Colour colour = Colour.RED;
        Colour other = Colour.RED;
        BigDecimal price = BigDecimal.ONE;
    }

    static class Base {}

    static final class OfPlainBase extends Base implements Serializable {}

    record WithDate(Date date) implements Serializable {}

    record WithBytes(byte[] bytes) implements Serializable {}

    @ParameterizedTest
    @ValueSource(
            classes = {
                String.class,
                Integer.class,
                Boolean.class,
                UUID.class,
                BigInteger.class,
                BigDecimal.class,
                Date.class,
                Instant.class,
                ZonedDateTime.class,
                MonthDay.class,
                Colour.class,
                Point.class,
                Order.class,
                Pair.class,
                Chain.class,
                Id.class,
                Dates.class,
                Outer.class
            })
    void keepTheirPromise(Class<?> type) {
        assertThat(KeyTypes.equalKeysGiveEqualBytes(type)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Object.class,
                byte[].class,
                String[].class,
                HashMap.class,
                HashSet.class,
                ArrayList.class,
                Basket.class,
                TwoDates.class,
                OfPlainBase.class,
                WithDate.class,
                WithBytes.class,
                StandIn.class,
                java.net.URI.class,
                java.sql.Timestamp.class
            })
    void cannotPromise(Class<?> type) {
        assertThat(KeyTypes.equalKeysGiveEqualBytes(type)).isFalse();
    }

    @Property
    void sharedInstancesLeaveNoTrace(
            @ForAll @StringLength(max = 3) String text, @ForAll @IntRange(min = -200, max = 200) int number) {
        StandardMarshaller marshaller = marshaller(Pair.class, Id.class);
        Long one = number + 1_000L;
        assertThat(marshaller.marshal(new Id(text, text, one, one)))
                .isEqualTo(marshaller.marshal(new Id(copy(text), copy(text), number + 1_000L, number + 1_000L)));
        assertThat(marshaller.marshal(new Pair(text, text)))
                .isEqualTo(marshaller.marshal(new Pair(copy(text), copy(text))));
    }

    private static String copy(String text) {
        return new String(text.toCharArray());
    }

    @Test
    void numbersThatAreEqualHaveEqualBytes() {
        StandardMarshaller marshaller = marshaller();
        assertThat(marshaller.marshal(Double.longBitsToDouble(0x7ff8_0000_0000_0001L)))
                .isEqualTo(marshaller.marshal(Double.NaN));
        assertThat(marshaller.marshal(Float.intBitsToFloat(0x7fc0_0001))).isEqualTo(marshaller.marshal(Float.NaN));
        assertThat(marshaller.marshal(new BigDecimal(new BigInteger("150"), 2)))
                .isEqualTo(marshaller.marshal(new BigDecimal("1.50")));
        assertThat(marshaller.marshal(0.0)).isNotEqualTo(marshaller.marshal(-0.0));
    }

    @Test
    void warnsOncePerClass() {
        List<String> logged = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry.getLevel() + " " + entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(KeyTypes.class.getName());
        logger.addHandler(handler);
        try {
            KeyTypes.warnIfUnstable(Unstable.class);
            KeyTypes.warnIfUnstable(Unstable.class);
            KeyTypes.warnIfUnstable(Point.class);
        } finally {
            logger.removeHandler(handler);
        }
        assertThat(logged)
                .singleElement()
                .satisfies(message -> assertThat(message).contains("WARNING", "Unstable", "record"));
    }

    static final class Unstable implements Serializable {
        Map<String, String> map = new HashMap<>();
    }

    @Test
    void immutableTypes() {
        StandardMarshaller marshaller = marshaller();
        for (Class<?> type : List.of(
                String.class,
                Long.class,
                Boolean.class,
                Instant.class,
                ZonedDateTime.class,
                UUID.class,
                BigDecimal.class,
                Colour.class,
                Colour.GREEN.getClass(),
                Order.class,
                Chain.class)) {
            assertThat(marshaller.isImmutable(type)).as(type.getName()).isTrue();
        }
        for (Class<?> type : List.of(
                Object.class,
                Date.class,
                byte[].class,
                String[].class,
                List.class,
                ArrayList.class,
                Set.class,
                Basket.class,
                WithDate.class,
                WithBytes.class,
                Id.class,
                Number.class,
                ZoneId.class)) {
            assertThat(marshaller.isImmutable(type)).as(type.getName()).isFalse();
        }
    }
}
