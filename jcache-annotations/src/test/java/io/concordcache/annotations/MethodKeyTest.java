package io.concordcache.annotations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.marshal.ClassFilter;
import io.concordcache.raft.marshal.KeyTypes;
import io.concordcache.raft.marshal.StandardMarshaller;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Currency;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.cache.annotation.GeneratedCacheKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MethodKeyTest {
    record Point(int x, Integer y) {}

    record Line(Point from, Object to) {}

    /** Golden: keys live in stores. Texts are added, never edited. */
    static Stream<Arguments> golden() {
        return Stream.of(
                Arguments.of(new Object[] {}, ""),
                Arguments.of(new Object[] {null}, "null"),
                Arguments.of(new Object[] {"anna", 42L}, "\"anna\",42L"),
                Arguments.of(new Object[] {"a\"b\\c\n\u2028é"}, "\"a\\\"b\\\\c\\u000a\\u2028é\""),
                Arguments.of(new Object[] {1, -1, (short) 2, (byte) 3}, "1,-1,2s,3b"),
                Arguments.of(new Object[] {1.5, 1.5f, true, 'c', '\''}, "1.5,1.5f,true,'c','\\''"),
                Arguments.of(new Object[] {BigInteger.TEN, new BigDecimal("1.50")}, "10n,1.50m"),
                Arguments.of(new Object[] {new UUID(1, 2)}, "00000000-0000-0001-0000-000000000002"),
                Arguments.of(
                        new Object[] {LocalDate.of(2026, 11, 25), Duration.ofSeconds(90)},
                        "LocalDate(2026-11-25),Duration(PT1M30S)"),
                Arguments.of(
                        new Object[] {ZonedDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneId.of("Europe/Paris"))},
                        "ZonedDateTime(2026-01-02T03:04:05.000000006+01:00[Europe/Paris])"),
                Arguments.of(new Object[] {DayOfWeek.MONDAY}, "java.time.DayOfWeek.MONDAY"),
                Arguments.of(new Object[] {String.class, int[].class}, "java.lang.String.class,int[].class"),
                Arguments.of(new Object[] {Locale.UK, Currency.getInstance("EUR")}, "Locale(en_GB),Currency(EUR)"),
                Arguments.of(new Object[] {new Date(5)}, "Date(5)"),
                Arguments.of(new Object[] {new int[] {1, 2}, new String[] {"a", null}}, "int[1,2],[\"a\",null]"),
                Arguments.of(
                        new Object[] {List.of(1, List.of()), Set.of(2, 1), Map.of("b", 1, "a", 2)},
                        "List(1,List()),Set(1,2),Map(\"a\"=2,\"b\"=1)"),
                Arguments.of(new Object[] {Optional.of("a"), Optional.empty()}, "Optional(\"a\"),Optional()"),
                Arguments.of(new Object[] {Map.entry(1, 2)}, "Entry(1,2)".replace("1,2", "1=2")),
                Arguments.of(
                        new Object[] {new Line(new Point(1, null), "x")},
                        "io.concordcache.annotations.MethodKeyTest$Line("
                                + "io.concordcache.annotations.MethodKeyTest$Point(1,null),\"x\")"),
                Arguments.of(new Object[] {MethodKey.of("a", 1)}, "Key(\"a\",1)"));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void textsStayAsTheyAre(Object[] parameters, String text) {
        assertThat(MethodKey.of(parameters)).hasToString(text);
    }

    @Test
    void equalParametersGiveEqualKeys() {
        assertThat(MethodKey.of(new ArrayList<>(List.of(1)))).isEqualTo(MethodKey.of(new LinkedList<>(List.of(1))));
        assertThat(MethodKey.of(new LinkedHashSet<>(List.of("b", "a"))))
                .isEqualTo(MethodKey.of(new TreeSet<>(List.of("a", "b"))));
        assertThat(MethodKey.of(new HashMap<>(Map.of(1, 2)))).isEqualTo(MethodKey.of(new TreeMap<>(Map.of(1, 2))));
        assertThat(MethodKey.of((Object) new Integer[] {1})).isEqualTo(MethodKey.of((Object) new Object[] {1}));
        assertThat(MethodKey.of(Double.NaN)).isEqualTo(MethodKey.of(0.0 / 0.0));
    }

    /** Each differs from each other, as by {@code Arrays.deepEquals}. */
    @Test
    void otherParametersGiveOtherKeys() {
        Object[][] all = {
            {},
            {(Object) null},
            {"null"},
            {""},
            {"", ""},
            {"\",\""},
            {"a", "b"},
            {"a,b"},
            {"a\",\"b"},
            {1},
            {1L},
            {(short) 1},
            {(byte) 1},
            {"1"},
            {'1'},
            {1.0},
            {1.0f},
            {0.0},
            {-0.0},
            {new BigDecimal("1")},
            {new BigDecimal("1.0")},
            {BigInteger.ONE},
            {List.of(1)},
            {Set.of(1)},
            {List.of(1, 2)},
            {List.of("1,2")},
            {new int[] {1}},
            {new long[] {1}},
            {new Integer[] {1}},
            {List.of(List.of(1), 2)},
            {List.of(List.of(1, 2))},
            {Map.of(1, 2)},
            {Map.entry(1, 2)},
            {Optional.of(1)},
            {new Point(1, 2)},
            {new Line(new Point(1, 2), null)},
            {true},
            {"true"},
            {LocalDate.EPOCH},
            {LocalDate.EPOCH.toString()},
            {Locale.UK},
            {MethodKey.of(1)},
        };
        for (int i = 0; i < all.length; i++) {
            for (int j = 0; j < all.length; j++) {
                assertThat(MethodKey.of(all[i]).equals(MethodKey.of(all[j])))
                        .as("%s and %s", Arrays.deepToString(all[i]), Arrays.deepToString(all[j]))
                        .isEqualTo(Arrays.deepEquals(all[i], all[j]));
            }
        }
    }

    @Test
    void whatHasNoStableFormIsRefused() {
        for (Object unstable : new Object[] {
            new Object(),
            new StringBuilder("a"),
            new ArrayDeque<>(),
            new AtomicInteger(1),
            (Runnable) () -> {},
            InputStream.nullInputStream(),
            List.of(new Object()),
            new Line(new Point(1, 1), new Object()),
            new java.sql.Timestamp(1)
        }) {
            assertThatThrownBy(() -> MethodKey.of(unstable))
                    .as("%s", unstable.getClass())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no stable form");
        }
    }

    @Test
    void aLoopIsRefused() {
        List<Object> loop = new ArrayList<>();
        loop.add(loop);
        assertThatThrownBy(() -> MethodKey.of(loop)).hasMessageContaining("nested more than 100 levels deep");
    }

    @Test
    void equalKeysGiveEqualBytesInConcord() {
        StandardMarshaller marshaller = new StandardMarshaller(
                ClassFilter.forTypes(GeneratedCacheKey.class), MethodKeyTest.class.getClassLoader());
        MethodKey key = MethodKey.of("anna", new LinkedHashSet<>(List.of(2, 1)));
        byte[] bytes = marshaller.marshal(key);
        assertThat(bytes).isEqualTo(marshaller.marshal(MethodKey.of("anna", new TreeSet<>(List.of(1, 2)))));
        assertThat(marshaller.unmarshal(bytes)).isEqualTo(key);
        assertThat(KeyTypes.equalKeysGiveEqualBytes(MethodKey.class)).isTrue();
        // The text, and 49 bytes that say what it is.
        assertThat(bytes).hasSize(key.text().length() + 49);
    }

    @Test
    void keysAreSerializable() throws Exception {
        MethodKey key = MethodKey.of("anna", 42L);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(key);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(key).hasSameHashCodeAs(key);
        }
    }
}
