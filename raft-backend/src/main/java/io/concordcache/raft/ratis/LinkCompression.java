package io.concordcache.raft.ratis;

import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.marshal.MarshalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the frames of {@link Link}s are compressed: what a member asks for on the links that it makes, and the bytes. A
 * compressed body is the length before (4 bytes) and what the library made of it.
 */
final class LinkCompression {
    /** For those who ask for none. */
    static final LinkCompression OFF = new LinkCompression(Compression.OFF);

    /** Smaller bodies are not worth the time. */
    static final int THRESHOLD_BYTES = 512;

    private static final Logger LOG = LoggerFactory.getLogger(LinkCompression.class);
    /** A byte of LZ4 stands for so many at most. */
    private static final int LZ4_MOST = 255;

    private final Compression wanted;
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final LongAdder before = new LongAdder();
    private final LongAdder after = new LongAdder();

    LinkCompression(Compression wanted) {
        this.wanted = wanted;
    }

    /** What to ask the other side for; {@link Compression#OFF} to ask for nothing. */
    Compression wanted() {
        return wanted;
    }

    /** The other side cannot; said once for each. */
    void refused(String address, String why) {
        if (refused.add(address)) {
            LOG.warn("what is sent to {} is not compressed: {}", address, why);
        }
    }

    /** Bytes that compression has spared so far of what this member sent. */
    long savedBytes() {
        return before.sum() - after.sum();
    }

    /** The compressed body, null if that is not worth it. */
    @Nullable
    ByteBuffer compress(Compression how, ByteBuffer body) {
        int length = body.remaining();
        if (how == Compression.OFF || length < THRESHOLD_BYTES) {
            return null;
        }
        byte[] compressed = how.compress(body.array(), body.arrayOffset() + body.position(), length);
        if (compressed.length + Integer.BYTES >= length) {
            return null;
        }
        before.add(length);
        after.add(compressed.length + (long) Integer.BYTES);
        return ByteBuffer.allocate(compressed.length + Integer.BYTES)
                .putInt(length)
                .put(compressed)
                .flip();
    }

    /**
     * Reads a compressed body. Allocates no more than for a frame that is not compressed.
     *
     * @throws IOException if it is damaged, or the library is not there
     */
    static byte[] decompress(Compression how, byte[] body) throws IOException {
        if (body.length < Integer.BYTES) {
            throw new IOException("a compressed frame of " + body.length + " bytes");
        }
        int length = ByteBuffer.wrap(body).getInt();
        long most = how == Compression.LZ4 ? (long) LZ4_MOST * body.length : Rpc.MAX_MESSAGE_BYTES;
        if (length < 0 || length > Math.min(most, Rpc.MAX_MESSAGE_BYTES)) {
            throw new IOException("a compressed frame of " + body.length + " bytes that says it had " + length);
        }
        try {
            return how.decompress(body, Integer.BYTES, length);
        } catch (MarshalException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
