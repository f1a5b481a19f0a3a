package io.concordcache.benchmarks.member;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * What came of a {@link Task}.
 *
 * @param operations calls, or entries for {@link Work#PUT_ALL}
 * @param nanos from the first to the last
 * @param batch how many operations each latency is the sum of
 * @param latencies in nanoseconds; empty for {@link Work#MIXED}
 */
public record Done(long operations, long nanos, int batch, Histogram latencies) {

    /** One word for each part. */
    String toLine() {
        return operations + " " + nanos + " " + batch + " " + encodedLatencies();
    }

    public static Done of(String line) {
        String[] words = line.split(" ", -1);
        return new Done(
                Long.parseLong(words[0]), Long.parseLong(words[1]), Integer.parseInt(words[2]), decode(words[3]));
    }

    /** The latencies as one word. */
    public String encodedLatencies() {
        ByteBuffer buffer = ByteBuffer.allocate(latencies.getNeededByteBufferCapacity());
        int length = latencies.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    /** What {@link #encodedLatencies} encoded. */
    public static Histogram decode(String word) {
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(word)), 0);
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("no histogram: " + word, e);
        }
    }
}
