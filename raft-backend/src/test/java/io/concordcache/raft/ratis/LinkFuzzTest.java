package io.concordcache.raft.ratis;

import io.concordcache.raft.fuzz.Fuzz;
import io.concordcache.raft.marshal.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Example;

/** Bodies of frames as another side compressed them. */
class LinkFuzzTest {
    private static byte[] compressed(Compression how, int length) {
        byte[] plain = new byte[length];
        for (int i = 0; i < length; i++) {
            plain[i] = (byte) (i % 17);
        }
        ByteBuffer packed = Objects.requireNonNull(new LinkCompression(how).compress(how, ByteBuffer.wrap(plain)));
        return Arrays.copyOfRange(packed.array(), packed.arrayOffset(), packed.arrayOffset() + packed.remaining());
    }

    private static void bodies(Compression how, long beside, int share) throws Exception {
        List<byte[]> valid = List.of(compressed(how, 600), compressed(how, 20_000));
        new Fuzz<>("frames compressed by " + how, valid, bytes -> LinkCompression.decompress(how, bytes))
                .refusing(IOException.class)
                .allocating(300, beside)
                .share(share)
                .run();
    }

    @Example
    void bodiesOfLz4() throws Exception {
        bodies(Compression.LZ4, 100_000, 1);
    }

    /** A few bytes may stand for a whole frame, which takes its time. */
    @Example
    void bodiesOfZstandard() throws Exception {
        bodies(Compression.ZSTD, Rpc.MAX_MESSAGE_BYTES + 100_000, 20);
    }
}
