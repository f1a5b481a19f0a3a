package io.concordcache.raft.marshal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Lists of strings are read as {@link GraphReader} would, or left to it. */
class StringListsTest {
    private final StandardMarshaller marshaller = Samples.marshaller();

    private Object quick(Object value) {
        byte[] bytes = marshaller.marshal(value);
        Object read = marshaller.unmarshal(bytes);
        assertThat(read).isEqualTo(value);
        Object quick = StringLists.read(bytes, 1, bytes.length);
        if (quick != null) {
            assertThat(quick.getClass()).isEqualTo(value.getClass());
        }
        return quick;
    }

    @Test
    void plainStringsAreReadQuickly() {
        for (List<String> each : List.of(
                List.<String>of(),
                List.of(""),
                List.of("one", "two", "three", "four"),
                Arrays.asList("a", null, "b", null),
                List.of("x".repeat(65_535)))) {
            ArrayList<String> list = new ArrayList<>(each);
            assertThat(quick(list)).isEqualTo(list);
        }
    }

    @Test
    void theSameStringStaysTheSame() {
        String a = "a";
        String b = "b";
        ArrayList<String> list = new ArrayList<>(Arrays.asList(a, null, b, a, b, "c", b));
        ArrayList<?> read = (ArrayList<?>) quick(list);
        assertThat(read).isEqualTo(list);
        assertThat((Object) read.get(3)).isSameAs(read.get(0));
        assertThat((Object) read.get(6)).isSameAs(read.get(2));
    }

    @Test
    void capacityCountsForNothing() {
        ArrayList<String> list = new ArrayList<>(1000);
        list.add("a");
        assertThat(quick(list)).isEqualTo(list);
    }

    @Test
    void everythingElseIsLeftToTheOther() {
        ArrayList<Object> itself = new ArrayList<>();
        itself.add("a");
        List<Object> itselfInside = itself;
        byte[] cyclic = marshaller.marshal(holding(itself, itselfInside));
        assertThat(StringLists.read(cyclic, 1, cyclic.length)).isNull();
        for (Object each : List.of(
                new ArrayList<>(List.of("Grün")),
                new ArrayList<>(List.of("\0")),
                new ArrayList<>(List.of("x".repeat(65_536))),
                new ArrayList<>(List.of(1, 2)),
                new ArrayList<>(List.of("a", 1)),
                new ArrayList<>(List.of(new ArrayList<>(List.of("a")))),
                new LinkedList<>(List.of("a")),
                new ArrayList<>(Collections.nCopies(20_000, "a")))) {
            assertThat(quick(each)).as("%s", each.getClass()).isNull();
        }
    }

    private static Object holding(List<Object> list, Object more) {
        list.add(more);
        return list;
    }

    @Test
    void damagedBytesAreReadTheSameOrRefused() {
        byte[] good = marshaller.marshal(new ArrayList<>(Arrays.asList("one", null, "two", "one")));
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            for (int flips = random.nextInt(3); flips >= 0 && bad.length > 1; flips--) {
                bad[1 + random.nextInt(bad.length - 1)] = (byte) random.nextInt(256);
            }
            Object quick = bad.length < 2 ? null : StringLists.read(bad, 1, bad.length);
            if (quick != null) {
                assertThat(graph(bad)).isEqualTo(quick);
            }
        }
        assertThatThrownBy(() -> marshaller.unmarshal(Arrays.copyOf(good, good.length - 1)))
                .isInstanceOf(MarshalException.class);
    }

    private static Object graph(byte[] bytes) {
        ClassFilter filter = ClassFilter.forTypes();
        try (GraphReader in = new GraphReader(
                bytes, 1, bytes.length, new ClassResolver(StringListsTest.class.getClassLoader()), filter.pass())) {
            Object read = in.readObject();
            assertThat(in.read()).isNegative();
            return read;
        } catch (java.io.IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
