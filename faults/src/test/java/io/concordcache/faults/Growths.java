package io.concordcache.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Samples of what may grow, and by how much it does: a straight line, by least squares, through all and through the later
 * half, for a process grows into its work at first.
 */
final class Growths {
    private static final double SECONDS_PER_HOUR = 3_600;

    private record Sample(double seconds, double value) {}

    private final Map<String, Map<String, List<Sample>>> samples = new TreeMap<>();

    void add(String process, String what, double seconds, double value) {
        samples.computeIfAbsent(process, unused -> new TreeMap<>())
                .computeIfAbsent(what, unused -> new ArrayList<>())
                .add(new Sample(seconds, value));
    }

    /** A process began anew, with nothing of what it had. */
    void forget(String process) {
        samples.remove(process);
    }

    List<Report.Growth> all() {
        List<Report.Growth> all = new ArrayList<>();
        samples.forEach((process, of) -> of.forEach((what, list) -> all.add(new Report.Growth(
                process,
                what,
                list.size(),
                list.get(0).value,
                list.get(list.size() - 1).value,
                slope(list) * SECONDS_PER_HOUR,
                slope(later(list)) * SECONDS_PER_HOUR))));
        return all;
    }

    private static List<Sample> later(List<Sample> of) {
        double middle = (of.get(0).seconds + of.get(of.size() - 1).seconds) / 2;
        return of.stream().filter(sample -> sample.seconds >= middle).toList();
    }

    private static double slope(List<Sample> of) {
        double meanSeconds = of.stream().mapToDouble(Sample::seconds).average().orElse(0);
        double meanValue = of.stream().mapToDouble(Sample::value).average().orElse(0);
        double products = 0;
        double squares = 0;
        for (Sample sample : of) {
            products += (sample.seconds - meanSeconds) * (sample.value - meanValue);
            squares += (sample.seconds - meanSeconds) * (sample.seconds - meanSeconds);
        }
        return squares == 0 ? 0 : products / squares;
    }
}
