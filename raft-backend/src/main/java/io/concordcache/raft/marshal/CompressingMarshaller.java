package io.concordcache.raft.marshal;

import java.util.Arrays;

/**
 * Makes large values of another marshaller smaller. Reads what was compressed and what was not, whatever is to be written
 * here: nodes may differ, and a setting may change.
 *
 * <p>Compressed bytes are a tag, the length before, and what the library made of them. Bytes of the other marshaller that
 * begin with one of these tags are marked as plain; those of {@link StandardMarshaller} never do. Meant for values: bytes
 * of keys must not depend on a setting.
 */
public final class CompressingMarshaller implements Marshaller {
    /** The length before compression follows, as a varint, then a block of LZ4, or a frame of Zstandard. */
    private static final byte COMPRESSED_LZ4 = 64;

    private static final byte COMPRESSED_ZSTD = 65;

    /** The rest is what the other marshaller wrote, which begins with one of these tags or is empty. */
    private static final byte PLAIN = 66;

    private final Marshaller plain;
    private final Compression compression;
    private final int threshold;
    private final int maxBytes;

    /**
     * @param compression of what is written
     * @param threshold bytes from which on it is tried; what does not become smaller stays as it is
     * @param maxBytes the largest value; a longer one is not compressed, and bytes that say they were longer are refused
     *     before anything is allocated
     */
    public CompressingMarshaller(Marshaller plain, Compression compression, int threshold, int maxBytes) {
        this.plain = plain;
        this.compression = compression;
        this.threshold = threshold;
        this.maxBytes = maxBytes;
    }

    /** {@inheritDoc} */
    @Override
    public byte[] marshal(Object value) {
        byte[] bytes = plain.marshal(value);
        if (compression != Compression.OFF && bytes.length >= threshold && bytes.length <= maxBytes) {
            byte[] compressed = compression.compress(bytes);
            ByteWriter out = new ByteWriter(
                            compression == Compression.LZ4 ? COMPRESSED_LZ4 : COMPRESSED_ZSTD, compressed.length + 5)
                    .writeVarint(bytes.length)
                    .writeBytes(compressed);
            byte[] all = out.toBytes();
            if (all.length < bytes.length) {
                return all;
            }
        }
        return bytes.length == 0 || isOurs(bytes[0])
                ? new ByteWriter(PLAIN, bytes.length).writeBytes(bytes).toBytes()
                : bytes;
    }

    private static boolean isOurs(byte tag) {
        return tag == COMPRESSED_LZ4 || tag == COMPRESSED_ZSTD || tag == PLAIN;
    }

    /** {@inheritDoc} */
    @Override
    public Object unmarshal(byte[] bytes) {
        if (bytes.length == 0) {
            return plain.unmarshal(bytes);
        }
        return switch (bytes[0]) {
            case COMPRESSED_LZ4 -> plain.unmarshal(decompressed(Compression.LZ4, bytes));
            case COMPRESSED_ZSTD -> plain.unmarshal(decompressed(Compression.ZSTD, bytes));
            case PLAIN -> plain.unmarshal(Arrays.copyOfRange(bytes, 1, bytes.length));
            default -> plain.unmarshal(bytes);
        };
    }

    private byte[] decompressed(Compression how, byte[] bytes) {
        ByteReader in = new ByteReader(bytes, 1, bytes.length);
        long length = in.readVarint();
        if (length < 0 || length > maxBytes) {
            throw new MarshalException("the bytes are damaged, or of a value of " + Long.toUnsignedString(length)
                    + " bytes, which is more than the largest allowed of " + maxBytes + " (setting limits.value)");
        }
        return how.decompress(bytes, in.position(), (int) length);
    }

    /** {@inheritDoc} */
    @Override
    public boolean isImmutable(Class<?> type) {
        return plain.isImmutable(type);
    }
}
