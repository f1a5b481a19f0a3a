package io.concordcache.benchmarks;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.concordcache.benchmarks.member.Work;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** All that one call of the driver measured. */
record Results(Setup setup, List<Measured> systems, List<Sample> samples, List<Heap> heaps, List<Pauses> pauses) {
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

    /**
     * A system that was chosen.
     *
     * @param version empty if not known
     * @param notRun why it was not measured, or not to the end; null if it was
     */
    record Measured(
            Candidate candidate, String version, @Nullable String notRun) {}

    /**
     * Where and how.
     *
     * @param seconds of a series in one round
     * @param warmUp seconds of a series before the first
     */
    record Setup(String date, String machine, String jdk, String command, int rounds, double seconds, double warmUp) {}

    /** The heap that a system needs for each entry, of {@link Heap#PAYLOAD} bytes of key and value. */
    record Heap(Candidate candidate, long entries, double bytesPerEntry) {
        static final int PAYLOAD = 116;
    }

    /** Pauses of the collectors of all members in a round of full write load. */
    record Pauses(
            Candidate candidate, int members, double seconds, int count, double totalMillis, double longestMillis) {}

    String toJson() {
        return GSON.toJson(this);
    }

    static Results ofJson(String json) {
        return GSON.fromJson(json, Results.class);
    }

    /** The rounds of a series. */
    List<Sample> of(Series series) {
        return samples.stream().filter(sample -> sample.series().equals(series)).toList();
    }

    /** The size of the cluster in which all work was done. */
    int members() {
        return samples.stream()
                .map(Sample::series)
                .filter(series -> series.work() == Work.MIXED)
                .mapToInt(Series::members)
                .findFirst()
                .orElse(3);
    }

    /** The median of the rounds; empty if there are none. */
    OptionalDouble median(Series series, ToDoubleFunction<Sample> figure) {
        double[] sorted = of(series).stream().mapToDouble(figure).sorted().toArray();
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
