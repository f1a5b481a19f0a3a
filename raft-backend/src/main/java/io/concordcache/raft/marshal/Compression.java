package io.concordcache.raft.marshal;

import com.github.luben.zstd.Zstd;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Factory;

/**
 * How bytes are made smaller: large values, and what members send each other. The library of each is on the class path
 * only if the application brings it.
 */
public enum Compression {
    OFF,
    /** Fast. Needs {@code at.yawk.lz4:lz4-java}. */
    LZ4,
    /** Smaller, and slower to write. Needs {@code com.github.luben:zstd-jni}. */
    ZSTD;

    /**
     * Checks that the library is there.
     *
     * @throws MarshalException if it is not; the message names it
     */
    public void requireLibrary() {
        if (this != OFF) {
            byte[] one = {0};
            byte[] unused = decompress(compress(one), 0, one.length);
        }
    }

    byte[] compress(byte[] bytes) {
        return compress(bytes, 0, bytes.length);
    }

    /**
     * Compresses a part of an array. What is larger than before is of no use, so the result may be longer than the part.
     *
     * @throws MarshalException if the library is not there; the message names it
     */
    public byte[] compress(byte[] bytes, int from, int length) {
        try {
            return switch (this) {
                case OFF -> Arrays.copyOfRange(bytes, from, from + length);
                case LZ4 -> Lz4.compress(bytes, from, length);
                case ZSTD -> ZstdJni.compress(bytes, from, length);
            };
        } catch (LinkageError e) {
            throw missing(e);
        }
    }

    /**
     * Reads what {@link #compress} wrote, from there to the end of the array.
     *
     * @param length of the result; it is allocated, whatever the bytes are, so the caller bounds it
     * @throws MarshalException if the bytes are damaged, or the library is not there
     */
    public byte[] decompress(byte[] bytes, int from, int length) {
        try {
            return switch (this) {
                case OFF -> Arrays.copyOfRange(bytes, from, bytes.length);
                case LZ4 -> Lz4.decompress(bytes, from, length);
                case ZSTD -> ZstdJni.decompress(bytes, from, length);
            };
        } catch (LinkageError e) {
            throw missing(e);
        }
    }

    private MarshalException missing(LinkageError cause) {
        String library = this == LZ4 ? "at.yawk.lz4:lz4-java" : "com.github.luben:zstd-jni";
        return new MarshalException(
                "compression " + this + " needs the library " + library
                        + ", which is not on the class path or does not run here; add that artifact to the application",
                cause);
    }

    private static MarshalException damaged(Throwable cause) {
        return new MarshalException("the bytes are damaged: they cannot be decompressed", cause);
    }

    private static MarshalException damaged(long found, int length) {
        return new MarshalException(
                "the bytes are damaged: decompressed to " + found + " bytes, but " + length + " were stored");
    }

    /** Apart, so that the library is looked for only when it is used. */
    private static final class Lz4 {
        private static final LZ4Factory FACTORY = LZ4Factory.fastestInstance();

        static byte[] compress(byte[] bytes, int from, int length) {
            return FACTORY.fastCompressor().compress(bytes, from, length);
        }

        static byte[] decompress(byte[] bytes, int from, int length) {
            byte[] result = new byte[length];
            int found;
            try {
                found = FACTORY.safeDecompressor().decompress(bytes, from, bytes.length - from, result, 0);
            } catch (RuntimeException e) {
                throw damaged(e);
            }
            if (found != length) {
                throw damaged(found, length);
            }
            return result;
        }
    }

    private static final class ZstdJni {
        static byte[] compress(byte[] bytes, int from, int length) {
            byte[] result = new byte[Math.toIntExact(Zstd.compressBound(length))];
            long written = Zstd.compressByteArray(
                    result, 0, result.length, bytes, from, length, Zstd.defaultCompressionLevel());
            if (Zstd.isError(written)) {
                throw new IllegalStateException("Zstandard failed: " + Zstd.getErrorName(written));
            }
            return Arrays.copyOf(result, (int) written);
        }

        static byte[] decompress(byte[] bytes, int from, int length) {
            byte[] result = new byte[length];
            long found;
            try {
                found = Zstd.decompressByteArray(result, 0, length, bytes, from, bytes.length - from);
            } catch (RuntimeException e) {
                throw damaged(e);
            }
            if (Zstd.isError(found) || found != length) {
                throw damaged(Zstd.isError(found) ? -1 : found, length);
            }
            return result;
        }
    }
}
