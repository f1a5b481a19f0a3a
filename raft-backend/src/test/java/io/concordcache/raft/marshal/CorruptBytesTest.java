package io.concordcache.raft.marshal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.marshal.Samples.Colour;
import io.concordcache.raft.marshal.Samples.Pair;
import io.concordcache.raft.marshal.Samples.Point;
import io.concordcache.raft.marshal.Samples.Strict;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CorruptBytesTest {
    private final StandardMarshaller marshaller =
            Samples.marshaller(Colour.class, Point.class, Pair.class, Strict.class);

    static List<byte[]> goldenBytes() {
        return GoldenBytesTest.golden().stream()
                .map(each -> HexFormat.of().parseHex(each.hex()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("goldenBytes")
    void truncatedBytesAreAnErrorOrAnotherObject(byte[] bytes) {
        for (int length = 0; length < bytes.length; length++) {
            readOrRefuse(Arrays.copyOf(bytes, length));
        }
    }

    @ParameterizedTest
    @MethodSource("goldenBytes")
    void flippedBitsAreAnErrorOrAnotherObject(byte[] bytes) {
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            readOrRefuse(flipped);
        }
    }

    @Property
    void noiseIsAnErrorOrAnObject(@ForAll byte[] noise) {
        readOrRefuse(noise);
    }

    @Property
    void noiseBehindEveryTagIsAnErrorOrAnObject(@ForAll byte[] noise) {
        for (int tag = 0; tag < 64; tag++) {
            byte[] tagged = Arrays.copyOf(new byte[] {(byte) tag}, noise.length + 1);
            System.arraycopy(noise, 0, tagged, 1, noise.length);
            readOrRefuse(tagged);
        }
    }

    @Property
    void noiseInAStreamIsAnErrorOrAnObject(@ForAll byte[] noise, @ForAll int where) {
        byte[] stream = Samples.crafted(new HashMap<>(java.util.Map.of("a", new Point(1, 2), "b", List.of("c"))));
        int from = Math.floorMod(where, stream.length - 1) + 1;
        System.arraycopy(noise, 0, stream, from, Math.min(noise.length, stream.length - from));
        readOrRefuse(stream);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "3f",
                "ff",
                "0b000000", // a short float
                "0980808080808080808002", // a number of 65 bits
                "09ffffffffffffffffff01", // an int of 64 bits
                "090000", // more bytes than needed
                "0400",
                "02ff", // not UTF-8
                "02efbfbdff", // the same, beside the character that stands for damage
                "0300", // half a character
                "19", // a number without digits
                "130502", // a string longer than what is left
                "30", // an enum without a name
                "310201410000", // a record class that does not exist
                "38aced0005", // an empty stream
                "38aced000570" // a stream with null
            })
    void isRefused(String hex) {
        assertThatThrownBy(() -> marshaller.unmarshal(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MarshalException.class);
    }

    @Test
    void unknownTagIsNamed() {
        assertThatThrownBy(() -> marshaller.unmarshal(new byte[] {63, 1}))
                .isInstanceOf(MarshalException.class)
                .hasMessageContaining("unknown tag 63");
    }

    @Test
    void unknownConstantAndForeignKindsAreNamed() {
        byte[] blue = new ByteWriter(Tag.ENUM, 10)
                .writeNested(StringCodec.encode(Colour.class.getName()))
                .writeNested(StringCodec.encode("BLUE\n"))
                .toBytes();
        assertThatThrownBy(() -> marshaller.unmarshal(blue))
                .isInstanceOf(MarshalException.class)
                .hasMessageContaining("Colour has no constant BLUE?");
        byte[] enumNamedPoint = new ByteWriter(Tag.ENUM, 10)
                .writeNested(StringCodec.encode(Point.class.getName()))
                .writeNested(StringCodec.encode("A"))
                .toBytes();
        assertThatThrownBy(() -> marshaller.unmarshal(enumNamedPoint)).isInstanceOf(MarshalException.class);
        byte[] recordNamedColour = new ByteWriter(Tag.RECORD, 10)
                .writeNested(StringCodec.encode(Colour.class.getName()))
                .writeVarint(0)
                .toBytes();
        assertThatThrownBy(() -> marshaller.unmarshal(recordNamedColour)).isInstanceOf(MarshalException.class);
    }

    @Test
    void recordThatRefusesItsComponentsIsNamed() {
        byte[] bytes = marshaller.marshal(new Strict(1));
        bytes[bytes.length - 1] = 1; // -1
        assertThatThrownBy(() -> marshaller.unmarshal(bytes))
                .isInstanceOf(MarshalException.class)
                .hasMessageContaining("Strict")
                .hasRootCauseMessage("not positive");
    }

    @Test
    void recordsOfOtherVersionsAreRead() {
        byte[] other = new ByteWriter(Tag.RECORD, 60)
                .writeNested(StringCodec.encode(Point.class.getName()))
                .writeVarint(2)
                .writeNested(StringCodec.encode("z"))
                .writeNested(StringCodec.encode("y"))
                .writeNested(marshaller.marshal("removed since"))
                .writeNested(marshaller.marshal(5))
                .toBytes();
        assertThat(marshaller.unmarshal(other)).isEqualTo(new Point(0, 5));
    }

    @Test
    void declaredLengthsAreNotAllocated() {
        byte[] ofObjects = withLength(Samples.crafted(new Object[] {"a"}), 1, 1 << 24);
        byte[] ofLongs = withLength(Samples.crafted(new long[][] {{7}}), 1, 1 << 24);
        byte[] list = withLength(Samples.crafted(new ArrayList<>(List.of("a"))), 1, 1 << 24);
        byte[] huge = withLength(Samples.crafted(new byte[][] {{7}}), 1, Integer.MAX_VALUE);
        for (byte[] bytes : List.of(ofObjects, ofLongs, list, huge)) {
            long before = allocated();
            assertThatThrownBy(() -> marshaller.unmarshal(bytes)).isInstanceOf(MarshalException.class);
            assertThat(allocated() - before).isLessThan(8_000_000);
        }
    }

    /** An immutable map checks its number of keys and values by an InternalError. */
    @Test
    void errorsOfTheClassesThatAreReadAreRefusals() {
        byte[] odd =
                withLength(Samples.crafted(new HashMap<>(java.util.Map.of("k", java.util.Map.of("a", "b")))), 2, 1);
        assertThatThrownBy(() -> marshaller.unmarshal(odd)).isInstanceOf(MarshalException.class);
    }

    /** Replaces every int of the one value by the other. */
    private static byte[] withLength(byte[] bytes, int length, int replacement) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        boolean found = false;
        for (int i = 8; i + 4 <= bytes.length; i++) {
            if (buffer.getInt(i) == length) {
                buffer.putInt(i, replacement);
                found = true;
            }
        }
        assertThat(found).isTrue();
        return bytes;
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private void readOrRefuse(byte[] bytes) {
        try {
            assertThat(marshaller.unmarshal(bytes)).isNotNull();
        } catch (MarshalException expected) {
            assertThat(expected).hasMessageNotContaining("\n");
        }
    }
}
