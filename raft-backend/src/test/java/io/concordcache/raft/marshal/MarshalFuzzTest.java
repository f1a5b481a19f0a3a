package io.concordcache.raft.marshal;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.fuzz.Fuzz;
import io.concordcache.raft.marshal.Samples.Animal;
import io.concordcache.raft.marshal.Samples.Chain;
import io.concordcache.raft.marshal.Samples.Colour;
import io.concordcache.raft.marshal.Samples.Dog;
import io.concordcache.raft.marshal.Samples.Gadget;
import io.concordcache.raft.marshal.Samples.Holder;
import io.concordcache.raft.marshal.Samples.Node;
import io.concordcache.raft.marshal.Samples.Point;
import io.concordcache.raft.marshal.Samples.Strict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Set;
import java.util.SimpleTimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import net.jqwik.api.Example;

/** Foreign bytes are read or refused, without harm, and no class that the filter refuses is ever read. */
class MarshalFuzzTest {
    private static final int MAX_BYTES = 1 << 20;

    private final StandardMarshaller marshaller = Samples.marshaller(
            Colour.class, Point.class, Strict.class, Holder.class, Node.class, Animal.class, Chain.class);

    private static List<Object> graphs() {
        Map<String, Object> map = new HashMap<>(Map.of("a", 1, "b", List.of("c", "d")));
        Dog dog = new Dog();
        dog.bone = new Samples.Bone();
        Properties properties = new Properties();
        properties.setProperty("k", "v");
        BitSet bits = new BitSet();
        bits.set(70);
        List<Object> itself = new ArrayList<>(List.of("x"));
        itself.add(itself);
        return List.of(
                map,
                dog,
                properties,
                bits,
                itself,
                new Holder(new HashSet<>(List.of(1L, "two", new Point(3, 4)))),
                new ArrayList<>(List.of("a", "b", "a")),
                new LinkedList<>(List.of(1, 2)),
                new Vector<>(List.of("v")),
                new ArrayDeque<>(List.of("q")),
                new PriorityQueue<>(List.of(3, 1, 2)),
                new LinkedHashMap<>(map),
                new TreeMap<>(map),
                new TreeSet<>(List.of("t", "u")),
                new IdentityHashMap<>(Map.of("i", 1)),
                new ConcurrentHashMap<>(Map.of("c", 2)),
                new CopyOnWriteArrayList<>(List.of("w")),
                new LinkedHashSet<>(List.of(5, 6)),
                new EnumMap<>(Map.of(Colour.RED, 1)),
                EnumSet.of(Colour.GREEN),
                new AtomicLongArray(new long[] {1, 2}),
                new AtomicReference<>("r"),
                Collections.unmodifiableMap(map),
                Arrays.asList(1, null, "three"),
                new Object[] {1, new int[] {2}, new Object[] {"3"}},
                new GregorianCalendar(2026, 1, 2),
                new SimpleTimeZone(5, "T"),
                Locale.ROOT,
                new IllegalStateException("e", new RuntimeException("cause")),
                Set.of(1, 2));
    }

    /** What the writer made, what it would not make, and gadgets in it. */
    private List<byte[]> valid() {
        List<byte[]> valid = new ArrayList<>();
        GoldenBytesTest.golden().forEach(each -> valid.add(HexFormat.of().parseHex(each.hex())));
        valid.removeIf(bytes -> !isRead(bytes));
        for (Object graph : graphs()) {
            valid.add(Samples.crafted(graph));
        }
        valid.add(marshaller.marshal(new Chain(1, new Chain(2, null))));
        valid.add(marshaller.marshal(new String[] {"a", null, "ü"}));
        return valid;
    }

    private boolean isRead(byte[] bytes) {
        try {
            return marshaller.unmarshal(bytes) != null;
        } catch (MarshalException e) {
            return false; // of a class that is not admitted here
        }
    }

    private Object read(byte[] bytes) {
        try {
            return marshaller.unmarshal(bytes);
        } finally {
            assertThat(Gadget.hasRun).isFalse();
        }
    }

    private static void encodes(Marshaller by, Object value) {
        try {
            assertThat(by.marshal(value)).isNotEmpty();
        } catch (MarshalException e) {
            // Reading leaves room above what is written, and what was damaged may have lost a part.
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Example
    void objects() throws Exception {
        Gadget.hasRun = false;
        new Fuzz<>("objects", valid(), this::read)
                .alsoOf(gadgets())
                .refusing(MarshalException.class)
                .allocating(500, 2_000_000)
                .then(value -> encodes(marshaller, value))
                .run();
    }

    /** Streams with gadgets in them, which the filter must find whatever else is damaged. */
    private static List<byte[]> gadgets() {
        Gadget gadget = new Gadget();
        return Stream.of(
                        gadget,
                        new ArrayList<>(List.of(gadget, "a")),
                        new HashMap<>(Map.of("k", gadget)),
                        new HashSet<>(Set.of(gadget)),
                        new Object[] {new Object[] {gadget}},
                        new Holder(new Holder(gadget)))
                .map(Samples::crafted)
                .toList();
    }

    @Example
    void compressedObjects() throws Exception {
        List<byte[]> valid = new ArrayList<>(valid());
        for (Compression compression : List.of(Compression.LZ4, Compression.ZSTD)) {
            Marshaller writer = new CompressingMarshaller(marshaller, compression, 10, MAX_BYTES);
            valid.add(writer.marshal("a text that is long enough ".repeat(20)));
            valid.add(writer.marshal(new ArrayList<>(Collections.nCopies(100, "element"))));
        }
        Marshaller reader = new CompressingMarshaller(marshaller, Compression.OFF, 10, MAX_BYTES);
        new Fuzz<>("compressed objects", valid, reader::unmarshal)
                .refusing(MarshalException.class)
                .allocating(500, 2_000_000 + 500L * MAX_BYTES) // of what it says that it was before
                .then(value -> encodes(reader, value))
                .run();
    }
}
