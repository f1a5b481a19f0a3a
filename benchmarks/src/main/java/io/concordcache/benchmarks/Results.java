package io.concordcache.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * All that one call of the driver measured.
 *
 * @param notRun why a system was not measured, or not to the end
 */
record Results(
        Setup setup, List<Sample> samples, List<Heap> heaps, List<Pauses> pauses, Map<Candidate, String> notRun) {

    /**
     * Where and how.
     *
     * @param seconds of a series in one round
     * @param warmUp seconds of a series before the first
     * @param versions of the systems that were chosen
     */
    record Setup(
            String date,
            String machine,
            String jdk,
            String command,
            int rounds,
            double seconds,
            double warmUp,
            Map<Candidate, String> versions) {}

    /** The heap that a system needs for each entry, of {@link Heap#PAYLOAD} bytes of key and value. */
    record Heap(Candidate candidate, long entries, double bytesPerEntry) {
        static final int PAYLOAD = 116;
    }

    /** Pauses of the collectors of all members under a full write load. */
    record Pauses(Candidate candidate, double seconds, int count, double totalMillis, double longestMillis) {}

    /** The median of the rounds; empty if there are none. */
    OptionalDouble median(Series series, ToDoubleFunction<Sample> figure) {
        double[] sorted = samples.stream()
                .filter(sample -> sample.series().equals(series))
                .mapToDouble(figure)
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        int middle = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
    }

    /** Each series once, in the order in which they were first measured. */
    List<Series> series() {
        return samples.stream().map(Sample::series).distinct().toList();
    }
}
