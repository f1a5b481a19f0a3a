package io.concordcache.raft.marshal;

import static io.concordcache.raft.marshal.Samples.marshaller;
import static io.concordcache.raft.marshal.Samples.roundTrip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.marshal.Samples.Colour;
import java.math.MathContext;
import java.math.RoundingMode;
import java.net.URI;
import java.net.URL;
import java.time.DayOfWeek;
import java.time.MonthDay;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.chrono.JapaneseDate;
import java.time.temporal.ChronoUnit;
import java.time.temporal.WeekFields;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Currency;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SimpleTimeZone;
import java.util.Stack;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A class that is admitted is of use only if all that it writes along is admitted too. */
class JdkClassesTest {
    private static final List<String> FEW = List.of("b", "a", "c");
    private static final Map<String, Integer> MAP = Map.of("b", 2, "a", 1, "c", 3);

    private final StandardMarshaller marshaller = marshaller(Colour.class);

    static Stream<Object> withEquals() {
        List<String> many =
                IntStream.range(0, 1000).mapToObj(i -> "s" + i % 700).toList();
        return Stream.of(
                List.of(),
                List.of(1),
                FEW,
                many,
                new ArrayList<>(many),
                new LinkedList<>(many),
                new Vector<>(many),
                new CopyOnWriteArrayList<>(many),
                Arrays.asList(1, null, "x"),
                FEW.stream().collect(Collectors.toList()),
                Stream.of("a", "b").toList(),
                Set.of(),
                Set.of(1, 2, 3, 4),
                new HashSet<>(),
                new HashSet<>(many),
                new HashSet<>(100_000, 0.1f),
                new LinkedHashSet<>(many),
                new TreeSet<>(many),
                new CopyOnWriteArraySet<>(FEW),
                new ConcurrentSkipListSet<>(many),
                ConcurrentHashMap.newKeySet(),
                Map.of(),
                Map.of(1, 2),
                MAP,
                new HashMap<>(MAP),
                new HashMap<>(100_000),
                sparse(),
                new LinkedHashMap<>(MAP),
                new TreeMap<>(MAP),
                new TreeMap<>(MAP).headMap("c"),
                new TreeMap<>(MAP).descendingMap(),
                new Hashtable<>(MAP),
                new ConcurrentHashMap<>(MAP),
                new ConcurrentSkipListMap<>(MAP),
                new ConcurrentSkipListMap<>(MAP).tailMap("b"),
                new EnumMap<>(Map.of(Colour.GREEN, 1)),
                EnumSet.allOf(Colour.class),
                EnumSet.noneOf(Colour.class),
                properties(),
                Collections.emptyList(),
                Collections.emptyMap(),
                Collections.emptySet(),
                Collections.singletonList(1),
                Collections.singletonMap(1, 2),
                Collections.singleton(1),
                Collections.unmodifiableList(new ArrayList<>(FEW)),
                Collections.unmodifiableList(new LinkedList<>(FEW)),
                Collections.unmodifiableSet(new HashSet<>(FEW)),
                Collections.unmodifiableSortedSet(new TreeSet<>(FEW)),
                Collections.unmodifiableNavigableSet(new TreeSet<>(FEW)),
                Collections.unmodifiableMap(new HashMap<>(MAP)),
                Collections.unmodifiableSortedMap(new TreeMap<>(MAP)),
                Collections.unmodifiableNavigableMap(new TreeMap<>(MAP)),
                Collections.synchronizedList(new ArrayList<>(FEW)),
                Collections.synchronizedSet(new HashSet<>(FEW)),
                Collections.synchronizedMap(new HashMap<>(MAP)),
                Collections.synchronizedSortedMap(new TreeMap<>(MAP)),
                Collections.checkedList(new ArrayList<>(FEW), String.class),
                Collections.checkedMap(new HashMap<>(MAP), String.class, Integer.class),
                Collections.newSetFromMap(new ConcurrentHashMap<>()),
                new AbstractMap.SimpleEntry<>("a", 1),
                new AbstractMap.SimpleImmutableEntry<>("a", List.of(1)),
                BitSet.valueOf(new long[] {5, 7}),
                Locale.GERMANY,
                Currency.getInstance("EUR"),
                MathContext.DECIMAL64,
                RoundingMode.HALF_UP,
                DayOfWeek.FRIDAY,
                ChronoUnit.DAYS,
                WeekFields.ISO,
                MonthDay.of(2, 29),
                OffsetTime.MAX,
                ZoneId.of("Europe/Paris"),
                JapaneseDate.of(2020, 1, 1),
                URI.create("http://example.com/a?b#c"),
                new GregorianCalendar(2024, 1, 29),
                TimeZone.getTimeZone("Europe/Rome"),
                new SimpleTimeZone(3_600_000, "x"),
                java.sql.Date.valueOf("2024-02-29"),
                java.sql.Time.valueOf("12:34:56"),
                new HashMap<>(Map.of("a", List.of(Map.of(Set.of(1), new ArrayDeque<>().size())))));
    }

    private static Map<String, Integer> sparse() {
        Map<String, Integer> sparse = new HashMap<>(16, 0.25f);
        IntStream.range(0, 1000).forEach(i -> sparse.put("" + i, null));
        return sparse;
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("a", "b");
        return properties;
    }

    @ParameterizedTest
    @MethodSource("withEquals")
    void comesBackEqual(Object value) {
        assertThat(roundTrip(marshaller, value)).isEqualTo(value);
    }

    static Stream<Collection<?>> withoutEquals() {
        return Stream.of(
                new ArrayDeque<>(),
                new ArrayDeque<>(FEW),
                new java.util.PriorityQueue<>(FEW),
                new java.util.concurrent.ConcurrentLinkedQueue<>(FEW),
                new java.util.concurrent.ConcurrentLinkedDeque<>(FEW),
                Collections.unmodifiableCollection(new ArrayList<>(FEW)),
                Collections.synchronizedCollection(new ArrayList<>(FEW)),
                Collections.asLifoQueue(new ArrayDeque<>(FEW)),
                ordered(new Stack<>()));
    }

    private static Collection<String> ordered(Collection<String> empty) {
        empty.addAll(FEW);
        return empty;
    }

    @ParameterizedTest
    @MethodSource("withoutEquals")
    void comesBackWithItsElements(Collection<?> value) {
        assertThat(new ArrayList<Object>(roundTrip(marshaller, value))).isEqualTo(new ArrayList<Object>(value));
    }

    @Test
    void othersComeBackToo() {
        IdentityHashMap<Object, Object> identity = new IdentityHashMap<>();
        assertThat(roundTrip(marshaller, identity)).isEmpty();
        identity.put("a", "b");
        assertThat(roundTrip(marshaller, identity).values()).containsExactly("b");
        for (Comparator<String> order : List.<Comparator<String>>of(
                Comparator.naturalOrder(),
                Comparator.reverseOrder(),
                String.CASE_INSENSITIVE_ORDER,
                String.CASE_INSENSITIVE_ORDER.reversed(),
                Comparator.nullsFirst(Comparator.naturalOrder()))) {
            TreeSet<String> sorted = new TreeSet<>(order);
            sorted.addAll(FEW);
            assertThat(new ArrayList<>(roundTrip(marshaller, sorted))).isEqualTo(new ArrayList<>(sorted));
        }
        assertThat(roundTrip(marshaller, new java.util.concurrent.atomic.AtomicReference<>("a")))
                .hasValue("a");
        assertThat(roundTrip(marshaller, new java.util.concurrent.atomic.AtomicLong(3)))
                .hasValue(3);
        assertThat(roundTrip(marshaller, new java.util.concurrent.atomic.AtomicInteger(3)))
                .hasValue(3);
        assertThat(roundTrip(marshaller, new java.util.concurrent.atomic.AtomicBoolean(true)))
                .isTrue();
        java.util.concurrent.atomic.LongAdder adder = new java.util.concurrent.atomic.LongAdder();
        adder.add(4);
        assertThat(roundTrip(marshaller, adder).sum()).isEqualTo(4);
        assertThat(roundTrip(marshaller, new java.util.concurrent.atomic.AtomicReferenceArray<>(FEW.toArray()))
                        .get(0))
                .isEqualTo("b");
        List<Object> cyclic = new ArrayList<>();
        cyclic.add(cyclic);
        assertThat(roundTrip(marshaller, cyclic))
                .satisfies(copy -> assertThat(copy.get(0)).isSameAs(copy));
    }

    @Test
    void whatActsWhenReadHashedOrComparedIsRefused() throws Exception {
        for (Object harmful : List.of(
                new URL("http://example.com/"),
                new java.io.File("a"),
                Collections.nCopies(3, 1),
                new javax.management.BadAttributeValueExpException("x"),
                new java.util.Random(),
                java.net.InetAddress.getLoopbackAddress(),
                (Comparator<String> & java.io.Serializable) (a, b) -> 0)) {
            assertThatThrownBy(() -> marshaller.marshal(harmful))
                    .isInstanceOf(MarshalException.class)
                    .hasMessageContaining(ClassFilter.SETTING);
        }
    }
}
