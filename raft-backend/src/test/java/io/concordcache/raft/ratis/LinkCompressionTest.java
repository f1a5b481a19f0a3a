package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.marshal.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Bodies of frames come back whole; damaged ones do no harm. */
class LinkCompressionTest {
    @Provide
    Arbitrary<Compression> libraries() {
        return Arbitraries.of(Compression.LZ4, Compression.ZSTD);
    }

    /** Some pattern again and again, so that it can be made smaller; or noise. */
    private static byte[] body(byte[] pattern, int length) {
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) {
            body[i] = pattern[i % pattern.length];
        }
        return body;
    }

    @Property(tries = 500)
    void aBodyComesBackOrStaysAsItIs(
            @ForAll("libraries") Compression how,
            @ForAll @Size(min = 1, max = 3000) byte[] pattern,
            @ForAll @IntRange(max = 20_000) int length,
            @ForAll @IntRange(max = 100) int before,
            @ForAll @IntRange(max = 100) int after)
            throws IOException {
        byte[] body = body(pattern, length);
        byte[] around = new byte[before + length + after];
        System.arraycopy(body, 0, around, before, length);
        LinkCompression compression = new LinkCompression(how);
        ByteBuffer packed = compression.compress(
                how, ByteBuffer.wrap(around, before, length).slice());
        if (packed == null) {
            assertThat(compression.savedBytes()).isZero();
            return;
        }
        assertThat(length).isGreaterThanOrEqualTo(LinkCompression.THRESHOLD_BYTES);
        assertThat(packed.remaining()).isLessThan(length);
        assertThat(compression.savedBytes()).isEqualTo(length - packed.remaining());
        byte[] sent = Arrays.copyOfRange(packed.array(), packed.arrayOffset(), packed.arrayOffset() + packed.limit());
        assertThat(LinkCompression.decompress(how, sent)).isEqualTo(body);
    }

    @Property(tries = 500)
    void foreignBytesAreReadOrRefused(@ForAll("libraries") Compression how, @ForAll @Size(max = 200) byte[] bytes) {
        readOrRefuse(how, bytes);
    }

    @Property(tries = 500)
    void damagedBytesAreReadOrRefused(
            @ForAll("libraries") Compression how,
            @ForAll @Size(min = 1, max = 100) byte[] pattern,
            @ForAll @IntRange(max = 1_000_000) int where,
            @ForAll @IntRange(max = 7) int bit,
            @ForAll boolean cut) {
        ByteBuffer packed = new LinkCompression(how).compress(how, ByteBuffer.wrap(body(pattern, 2000)));
        byte[] bytes = Arrays.copyOf(packed.array(), packed.limit());
        int at = where % bytes.length;
        if (cut) {
            byte[] rest = Arrays.copyOf(bytes, at);
            assertThatThrownBy(() -> LinkCompression.decompress(how, rest)).isInstanceOf(IOException.class);
        } else {
            bytes[at] ^= (byte) (1 << bit);
            readOrRefuse(how, bytes);
        }
    }

    private static void readOrRefuse(Compression how, byte[] bytes) {
        try {
            int declared = ByteBuffer.wrap(Arrays.copyOf(bytes, 4)).getInt();
            assertThat(LinkCompression.decompress(how, bytes)).hasSize(declared);
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
