package io.concordcache.examples;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.tukaani.xz.XZInputStream;

/** The keys of a workload, one for each request. */
public final class Trace {
    static final int GENERATED_REQUESTS = 1_000_000;

    private static final int GENERATED_KEYS = 100_000;
    private static final long SEED = 107;
    private static final int CHUNK = 1 << 16;

    private final String description;
    private final int[] keys;

    private Trace(String description, int[] keys) {
        this.description = description;
        this.keys = keys;
    }

    public String description() {
        return description;
    }

    /** One for each request; not a copy. */
    public int[] keys() {
        return keys;
    }

    /**
     * Reads big-endian 32-bit integers, xz-compressed if the name says so (the format of the cache2k benchmark traces).
     *
     * @param limit requests to read at most
     */
    public static Trace read(Path file, int limit) throws IOException {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), CHUNK);
                InputStream in = file.toString().endsWith(".xz") ? new XZInputStream(raw) : raw) {
            int[] keys = new int[0];
            int count = 0;
            while (count < limit) {
                byte[] bytes = in.readNBytes(CHUNK);
                if (bytes.length % Integer.BYTES != 0) {
                    throw new EOFException("the trace ends within a number");
                }
                int more = Math.min(bytes.length / Integer.BYTES, limit - count);
                if (more == 0) {
                    break;
                }
                if (count + more > keys.length) {
                    keys = Arrays.copyOf(keys, Math.max(count + more, keys.length * 2));
                }
                ByteBuffer.wrap(bytes).asIntBuffer().get(keys, count, more);
                count += more;
            }
            return new Trace(String.valueOf(file.getFileName()), Arrays.copyOf(keys, count));
        }
    }

    /** Requests whose keys follow Zipf's law with exponent 1: the k-th most frequent comes 1/k as often as the first. */
    public static Trace zipf(int requests) {
        double[] cumulated = new double[GENERATED_KEYS];
        double sum = 0;
        for (int i = 0; i < GENERATED_KEYS; i++) {
            sum += 1.0 / (i + 1);
            cumulated[i] = sum;
        }
        SplittableRandom random = new SplittableRandom(SEED);
        int[] keys = new int[requests];
        for (int i = 0; i < requests; i++) {
            int found = Arrays.binarySearch(cumulated, random.nextDouble() * sum);
            keys[i] = found < 0 ? -found - 1 : found;
        }
        return new Trace("generated, Zipf over %,d keys".formatted(GENERATED_KEYS), keys);
    }

    long distinctKeys() {
        return Arrays.stream(keys).distinct().count();
    }
}
