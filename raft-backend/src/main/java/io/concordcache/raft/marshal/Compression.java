package io.concordcache.raft.marshal;

import com.github.luben.zstd.Zstd;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Factory;

/** How large values are made smaller. The library of each is on the class path only if the application brings it. */
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

    /** What is larger than before is of no use, so the result may be longer than the bytes. */
    byte[] compress(byte[] bytes) {
        try {
            return switch (this) {
                case OFF -> bytes;
                case LZ4 -> Lz4.compress(bytes);
                case ZSTD -> ZstdJni.compress(bytes);
            };
        } catch (LinkageError e) {
            throw missing(e);
        }
    }

    /** Reads what {@link #compress} wrote; {@code length} is allocated, whatever the bytes are. */
    byte[] decompress(byte[] bytes, int from, int length) {
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

        static byte[] compress(byte[] bytes) {
            return FACTORY.fastCompressor().compress(bytes);
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
        static byte[] compress(byte[] bytes) {
            return Zstd.compress(bytes);
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
