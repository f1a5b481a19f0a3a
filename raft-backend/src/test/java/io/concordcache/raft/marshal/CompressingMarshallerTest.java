package io.concordcache.raft.marshal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large values become smaller and come back, whoever reads them; foreign bytes do no harm. */
class CompressingMarshallerTest {
    private static final int THRESHOLD = 100;
    private static final int MAX = 1 << 20;
    private static final String TEXT = "{\"name\":\"anna\",\"visits\":[1,2,3]},".repeat(100);

    private final Marshaller standard = Samples.marshaller();

    private CompressingMarshaller with(Compression compression) {
        return new CompressingMarshaller(standard, compression, THRESHOLD, MAX);
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void largeValuesBecomeSmallerAndAnyoneReadsThem(Compression compression) {
        byte[] bytes = with(compression).marshal(TEXT);
        assertThat(bytes).hasSizeLessThan(TEXT.length() / 5);
        for (Compression reader : Compression.values()) {
            assertThat(with(reader).unmarshal(bytes)).isEqualTo(TEXT);
            assertThat(with(reader).unmarshal(standard.marshal(TEXT))).isEqualTo(TEXT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void smallAndIncompressibleValuesStayAsTheyAre(Compression compression) {
        byte[] random = new byte[5000];
        new Random(1).nextBytes(random);
        for (Object value : List.of("short", 7, "a".repeat(THRESHOLD - 2), random)) {
            assertThat(with(compression).marshal(value)).isEqualTo(standard.marshal(value));
        }
    }

    @Test
    void offLeavesLargeValuesAsTheyAre() {
        assertThat(with(Compression.OFF).marshal(TEXT)).isEqualTo(standard.marshal(TEXT));
    }

    /** Bytes as they are on disks: added to, never edited. */
    @Test
    void goldenBytes() {
        String value = "ab".repeat(60);
        for (String hex : List.of("40793f01616202005e506261626162", "417928b52ffd2079550000180161620100b3d40d01")) {
            assertThat(with(Compression.OFF).unmarshal(HexFormat.of().parseHex(hex)))
                    .isEqualTo(value);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    @DisplayName("Row 22: a length beyond the limit")
    void aBombIsRefusedBeforeAnythingIsAllocated(Compression compression) {
        byte tag = with(compression).marshal(TEXT)[0];
        for (long length : new long[] {MAX + 1L, Integer.MAX_VALUE, Long.MAX_VALUE, -1}) {
            byte[] bomb =
                    new ByteWriter(tag, 20).writeVarint(length).writeLong(0).toBytes();
            assertThatThrownBy(() -> with(compression).unmarshal(bomb))
                    .isInstanceOf(MarshalException.class)
                    .hasMessageContaining("limits.value");
        }
        String tooLarge = "a".repeat(MAX);
        assertThat(with(compression).marshal(tooLarge)).isEqualTo(standard.marshal(tooLarge));
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void aWrongLengthIsRefused(Compression compression) {
        byte[] plain = standard.marshal(TEXT);
        byte[] compressed = compression.compress(plain);
        byte tag = with(compression).marshal(TEXT)[0];
        for (int length : new int[] {0, 1, plain.length - 1, plain.length + 1}) {
            byte[] wrong = new ByteWriter(tag, compressed.length + 5)
                    .writeVarint(length)
                    .writeBytes(compressed)
                    .toBytes();
            assertThatThrownBy(() -> with(compression).unmarshal(wrong)).isInstanceOf(MarshalException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void damagedBytesAreReadOrRefused(Compression compression) {
        byte[] good = with(compression).marshal(TEXT);
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> with(compression).unmarshal(cut)).isInstanceOf(MarshalException.class);
        }
        Random random = new Random(2);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            bad[1 + random.nextInt(bad.length - 1)] ^= (byte) (1 << random.nextInt(8));
            try {
                var unused = with(compression).unmarshal(bad);
            } catch (MarshalException e) {
                assertThat(e).hasMessageContaining("");
            }
        }
    }

    /** Takes bytes as they are, so they may begin with anything. */
    private static final class Raw implements Marshaller {
        @Override
        public byte[] marshal(Object value) {
            return ((byte[]) value).clone();
        }

        @Override
        public Object unmarshal(byte[] bytes) {
            return bytes.clone();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anotherMarshallersBytesAreNotMistaken(Compression compression) {
        CompressingMarshaller marshaller = new CompressingMarshaller(new Raw(), compression, THRESHOLD, MAX);
        for (int first = -128; first < 128; first++) {
            byte[] small = {(byte) first, 1, 2};
            byte[] large = new byte[1000];
            large[0] = (byte) first;
            for (byte[] value : List.of(small, large, new byte[0])) {
                assertThat(marshaller.unmarshal(marshaller.marshal(value))).isEqualTo(value);
            }
        }
    }

    /** As an application sees it that turns compression on without the library. */
    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void aMissingLibraryIsNamed(Compression compression) throws Exception {
        List<URL> without = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
            if (Stream.of("lz4", "zstd").noneMatch(Path.of(entry).getFileName().toString()::contains)) {
                without.add(Path.of(entry).toUri().toURL());
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(without.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
            Class<?> type = loader.loadClass(Compression.class.getName());
            Object there = type.getMethod("valueOf", String.class).invoke(null, compression.name());
            Method require = type.getMethod("requireLibrary");
            assertThatThrownBy(() -> require.invoke(there))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .hasMessageContaining(compression == Compression.LZ4 ? "at.yawk.lz4:lz4-java" : "zstd-jni");
            // Without compression nothing looks for the library.
            Class<?> marshaller = loader.loadClass(CompressingMarshaller.class.getName());
            Constructor<?> constructor = marshaller.getConstructors()[0];
            Class<?> raw = loader.loadClass(Raw.class.getName());
            Constructor<?> rawConstructor = raw.getDeclaredConstructor();
            rawConstructor.setAccessible(true);
            Object off = constructor.newInstance(
                    rawConstructor.newInstance(),
                    type.getMethod("valueOf", String.class).invoke(null, "OFF"),
                    THRESHOLD,
                    MAX);
            assertThat(marshaller.getMethod("marshal", Object.class).invoke(off, (Object) new byte[500]))
                    .isEqualTo(new byte[500]);
        }
    }

    @Test
    void theLibrariesAreThereInTheTests() {
        for (Compression compression : Compression.values()) {
            compression.requireLibrary();
        }
    }
}
