package io.concordcache.raft.marshal;

import static io.concordcache.raft.marshal.Samples.crafted;
import static io.concordcache.raft.marshal.Samples.marshaller;
import static io.concordcache.raft.marshal.Samples.roundTrip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import io.concordcache.raft.marshal.Samples.Animal;
import io.concordcache.raft.marshal.Samples.Bone;
import io.concordcache.raft.marshal.Samples.Chain;
import io.concordcache.raft.marshal.Samples.Colour;
import io.concordcache.raft.marshal.Samples.Dog;
import io.concordcache.raft.marshal.Samples.Gadget;
import io.concordcache.raft.marshal.Samples.Holder;
import io.concordcache.raft.marshal.Samples.Node;
import io.concordcache.raft.marshal.Samples.NotSerializable;
import io.concordcache.raft.marshal.Samples.Point;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalTest {
    private static final Duration PATIENCE =
            Duration.ofMinutes(5); // alone three seconds; without the limits it is hours

    private final StandardMarshaller marshaller = marshaller(Holder.class, Node.class, Animal.class, Chain.class);

    @BeforeEach
    void reset() {
        Gadget.hasRun = false;
    }

    static Stream<Arguments> hidingPlaces() {
        Gadget gadget = new Gadget();
        return Stream.<Object>of(
                        gadget,
                        List.of(gadget),
                        new ArrayList<>(List.of("a", gadget)),
                        Arrays.asList(1, gadget),
                        new Object[] {gadget},
                        new Gadget[] {gadget},
                        new Object[][] {{}, {1, gadget}},
                        new HashMap<>(Map.of("a", gadget)),
                        new HashMap<>(Map.of(gadget, 1)),
                        new TreeMap<>(Map.of("a", List.of(Set.of(gadget)))),
                        new HashSet<>(Set.of(gadget)),
                        new Holder(gadget),
                        new Holder(List.of(new Holder(Map.of(1, gadget)))),
                        new java.util.concurrent.atomic.AtomicReference<>(gadget),
                        new IllegalStateException().initCause(new Failure(gadget)),
                        Gadget.class,
                        new Gadget[0])
                // An array would be taken for the arguments.
                .map(each -> Arguments.of(each));
    }

    static final class Failure extends RuntimeException {
        final Gadget gadget;

        Failure(Gadget gadget) {
            this.gadget = gadget;
        }
    }

    @ParameterizedTest
    @MethodSource("hidingPlaces")
    @DisplayName("Rows 18 to 20: a gadget in each hiding place")
    void gadgetIsNeitherWrittenNorRead(Object value) {
        for (Runnable attempt :
                List.<Runnable>of(() -> marshaller.marshal(value), () -> marshaller.unmarshal(crafted(value)))) {
            assertThatThrownBy(attempt::run)
                    .isInstanceOf(MarshalException.class)
                    .hasMessageMatching("(?s).*(Gadget|Failure) is not allowed.*")
                    .hasMessageContaining("concord.serialization.allow=" + Samples.class.getPackageName());
        }
        assertThat(Gadget.hasRun).isFalse();
    }

    @Test
    void gadgetRunsOnceItIsAllowed() {
        StandardMarshaller permissive =
                new StandardMarshaller(ClassFilter.of(List.of(Gadget.class.getName())), Gadget.class.getClassLoader());
        assertThat(roundTrip(permissive, List.of(new Gadget()))).hasSize(1);
        assertThat(Gadget.hasRun).isTrue();
    }

    @Test
    void enumsAndRecordsAreNoWayAroundTheFilter() {
        StandardMarshaller permissive = marshaller(Colour.class, Point.class);
        for (Object value : List.of(Colour.RED, Colour.GREEN, new Point(1, 2))) {
            byte[] bytes = permissive.marshal(value);
            assertThatThrownBy(() -> marshaller.marshal(value)).isInstanceOf(MarshalException.class);
            assertThatThrownBy(() -> marshaller.unmarshal(bytes))
                    .isInstanceOf(MarshalException.class)
                    .hasMessageContaining("not allowed");
        }
    }

    @Test
    void proxiesAreRefusedWhateverTheyImplement() {
        StandardMarshaller all = new StandardMarshaller(
                ClassFilter.of(List.of("**"), Greeter.class), getClass().getClassLoader());
        Object proxy =
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Greeter.class}, new Handler());
        for (Object value : List.of(proxy, List.of(proxy), proxy.getClass())) {
            assertThatThrownBy(() -> all.marshal(value))
                    .isInstanceOf(MarshalException.class)
                    .hasMessageContaining("proxies")
                    .hasMessageContaining("Greeter");
            assertThatThrownBy(() -> all.unmarshal(crafted(value)))
                    .isInstanceOf(MarshalException.class)
                    .hasMessageContaining("proxies")
                    .hasMessageContaining("Greeter");
        }
    }

    interface Greeter extends Serializable {}

    static final class Handler implements InvocationHandler, Serializable {
        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] arguments) {
            return 1;
        }
    }

    @Test
    void refusalThatAClassSwallowsStillCounts() {
        assertThatThrownBy(() -> marshaller(Swallowing.class).marshal(new Swallowing()))
                .isInstanceOf(MarshalException.class)
                .hasMessageContaining("Gadget is not allowed");
    }

    static final class Swallowing implements Serializable {
        private void writeObject(java.io.ObjectOutputStream out) throws java.io.IOException {
            out.defaultWriteObject();
            try {
                out.writeObject(List.of(new Gadget()));
            } catch (MarshalException e) {
                out.writeInt(1);
            }
        }
    }

    @Test
    void fieldsOfASubtypeAreJudgedAlikeByWriterAndReader() {
        Dog dog = new Dog();
        dog.bone = new Bone();
        // A reader that has never seen a Dog, and a writer that has, refuse a Bone by itself.
        byte[] bytes = marshaller.marshal(dog);
        assertThat(marshaller(Animal.class).unmarshal(bytes)).isInstanceOf(Dog.class);
        assertThatThrownBy(() -> marshaller.marshal(new Bone())).isInstanceOf(MarshalException.class);
    }

    @Test
    void classThatIsNotSerializableIsNamed() {
        assertThatThrownBy(() -> marshaller(NotSerializable.class).marshal(new NotSerializable()))
                .isInstanceOf(MarshalException.class)
                .hasMessageContaining("NotSerializable cannot be stored")
                .hasMessageContaining("java.io.Serializable");
        assertThatThrownBy(() -> marshaller.marshal(new Holder(List.of(new NotSerializable()))))
                .isInstanceOf(MarshalException.class)
                .hasMessageContaining("Holder cannot be stored")
                .hasMessageContaining(NotSerializable.class.getName());
    }

    @Test
    void classThatIsMissingIsNamed() {
        ClassLoader empty = new ClassLoader("empty", null) {};
        byte[] bytes = marshaller.marshal(new Holder("a"));
        StandardMarshaller elsewhere = new StandardMarshaller(ClassFilter.forTypes(Holder.class), empty);
        assertThatThrownBy(() -> elsewhere.unmarshal(bytes))
                .isInstanceOf(MarshalException.class)
                .hasMessageContaining(Holder.class.getName())
                .hasMessageContaining(empty.toString());
        // Classes of the JDK are found even so, those outside java.base too.
        assertThat(roundTrip(elsewhere, new java.sql.Timestamp(5))).isEqualTo(new java.sql.Timestamp(5));
    }

    @Test
    void whatIsTooDeepIsRefusedByTheWriter() {
        assertThat(roundTrip(marshaller, nodes(80))).isInstanceOf(Node.class);
        assertThat(roundTrip(marshaller, chain(80))).isEqualTo(chain(80));
        assertThat(roundTrip(marshaller, lists(80))).isInstanceOf(ArrayList.class);
        for (int depth : new int[] {95, 101, 1000, 100_000}) {
            for (Object deep : List.of(nodes(depth), lists(depth))) {
                assertThatThrownBy(() -> marshaller.marshal(deep))
                        .isInstanceOf(MarshalException.class)
                        .hasMessageContaining("levels of nesting");
            }
        }
        Chain deep = chain(1000);
        assertThatThrownBy(() -> marshaller.marshal(deep)).isInstanceOf(MarshalException.class);
    }

    @Test
    void whatTheWriterAcceptsTheReaderAccepts() {
        int accepted = 0;
        for (int depth = 1; depth < 120; depth++) {
            for (Object graph : List.of(nodes(depth), lists(depth), chain(depth), mixed(depth))) {
                byte[] bytes;
                try {
                    bytes = marshaller.marshal(graph);
                } catch (MarshalException tooDeep) {
                    continue;
                }
                accepted++;
                marshaller.unmarshal(bytes);
            }
        }
        assertThat(accepted).isGreaterThan(250);
    }

    @Test
    @DisplayName("Row 21: objects within objects without end")
    void whatIsTooDeepIsRefusedByTheReader() {
        for (Object deep : List.of(nodes(101), lists(101), nodes(500))) {
            assertThatThrownBy(() -> marshaller.unmarshal(crafted(deep)))
                    .isInstanceOf(MarshalException.class)
                    .hasMessageContaining("levels of nesting");
        }
    }

    @Test
    @DisplayName("Row 21: sets within sets")
    void setsWithinSetsTakeNoTimeToRefuse() {
        for (int depth : new int[] {30, 48, 100}) {
            Set<Object> bomb = bomb(depth);
            assertThatThrownBy(() -> marshaller.unmarshal(crafted(bomb)))
                    .isInstanceOf(MarshalException.class)
                    .hasMessageContaining("allowed in one cache key or value");
            assertThatThrownBy(() -> marshaller.marshal(bomb)).isInstanceOf(MarshalException.class);
        }
        assertThat(roundTrip(marshaller, bomb(8))).hasSameHashCodeAs(bomb(8));
    }

    /** Each level holds two sets of the next; made without hashing by filling from the top. */
    private static Set<Object> bomb(int depth) {
        Set<Object> root = new HashSet<>();
        Set<Object> one = root;
        Set<Object> two = new HashSet<>();
        for (int i = 0; i < depth; i++) {
            Set<Object> left = new HashSet<>();
            Set<Object> right = new HashSet<>();
            left.add("differs");
            one.add(left);
            one.add(right);
            two.add(left);
            two.add(right);
            one = left;
            two = right;
        }
        return root;
    }

    /** Views are a few bytes each, and each is measured by walking through all that it shows. */
    @Test
    @DisplayName("Row 21: many views of one large collection")
    void manyViewsOfOneCollectionTakeNoTimeToRefuse() {
        List<Object> large = new ArrayList<>(Collections.nCopies(300_000, null));
        Object[] views = new Object[50_000];
        Arrays.setAll(views, i -> Collections.unmodifiableCollection(large));
        byte[] bytes = crafted(views);
        assertTimeoutPreemptively(
                PATIENCE,
                () -> assertThatThrownBy(() -> marshaller.unmarshal(bytes))
                        .isInstanceOf(MarshalException.class)
                        .hasMessageContaining("more views"));
    }

    /** A set whose elements are all the same large list, by back references: each is hashed anew. */
    @Test
    @DisplayName("Row 21: one large list as the element of a set, many times")
    void oneLargeKeyManyTimesTakesNoTimeToRefuse() {
        List<Object> large = new ArrayList<>(Collections.nCopies(300_000, null));
        byte[] once = crafted(new Object[] {large, new HashSet<>(List.of(large))});
        int reference = once.length - 6; // before the end of the set
        int times = 600_000;
        ByteBuffer many = ByteBuffer.allocate(once.length + 5 * (times - 1)).put(once, 0, reference);
        for (int i = 0; i < times; i++) {
            many.put(once, reference, 5);
        }
        many.put(once, once.length - 1, 1);
        byte[] bytes = many.array();
        int size = sizeOfLastSet(bytes, reference);
        ByteBuffer.wrap(bytes).putInt(size, times);
        assertTimeoutPreemptively(
                PATIENCE,
                () -> assertThatThrownBy(() -> marshaller.unmarshal(bytes))
                        .isInstanceOf(MarshalException.class)
                        .hasMessageContaining("to read"));
    }

    /** Where a set says how many elements follow: before the first, behind its load factor. */
    private static int sizeOfLastSet(byte[] bytes, int firstElement) {
        int size = firstElement - Integer.BYTES;
        assertThat(ByteBuffer.wrap(bytes).getInt(size)).isEqualTo(1);
        assertThat(ByteBuffer.wrap(bytes).getFloat(size - Float.BYTES)).isEqualTo(0.75f);
        return size;
    }

    /** Each array says that all the rest belongs to it. */
    @Test
    @DisplayName("Row 21: arrays that each claim the rest of the stream")
    void arraysInArraysClaimNoByteTwice() {
        Object inner = new Object[0];
        for (int i = 0; i < 60; i++) {
            inner = new Object[] {inner};
        }
        byte[] nested = crafted(inner);
        ByteBuffer bytes = ByteBuffer.allocate(1 << 20).put(nested);
        for (int i = 0; i + 10 < nested.length; i++) {
            if (nested[i] == 0x75 && nested[i + 1] == 0x71) { // an array of a class that was named before
                bytes.putInt(i + 6, 1_000_000);
            }
        }
        long before = allocated();
        assertThatThrownBy(() -> marshaller.unmarshal(bytes.array())).isInstanceOf(MarshalException.class);
        assertThat(allocated() - before).isLessThan(20_000_000);
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    @Test
    void referencesAreBounded() {
        Object[] nulls = new Object[Limits.REFERENCES + 1];
        assertThatThrownBy(() -> marshaller.marshal(nulls))
                .isInstanceOf(MarshalException.class)
                .hasMessageContaining("references");
        assertThatThrownBy(() -> marshaller.unmarshal(crafted(nulls)))
                .isInstanceOf(MarshalException.class)
                .hasMessageContaining("references");
        Object[] fewer = new Object[Limits.REFERENCES - 10];
        assertThat(roundTrip(marshaller, fewer)).hasSize(fewer.length);
    }

    private static Node nodes(int depth) {
        Node first = new Node();
        for (int i = 1; i < depth; i++) {
            Node outer = new Node();
            outer.next = first;
            first = outer;
        }
        return first;
    }

    private static Chain chain(int depth) {
        Chain first = new Chain(0, null);
        for (int i = 1; i < depth; i++) {
            first = new Chain(i, first);
        }
        return first;
    }

    private static Object lists(int depth) {
        Object first = "leaf";
        for (int i = 1; i < depth; i++) {
            first = new Object[] {first, 1};
        }
        return first instanceof Object[] array ? new ArrayList<>(Arrays.asList(array[0])) : first;
    }

    private static Object mixed(int depth) {
        Object first = new IllegalStateException(new IllegalArgumentException());
        for (int i = 0; i < depth; i++) {
            first = i % 2 == 0 ? new Holder(first) : new HashMap<>(Map.of("k" + i, first));
        }
        return first;
    }
}
