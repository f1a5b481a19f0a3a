package io.concordcache.benchmarks;

import io.concordcache.benchmarks.member.Done;
import org.HdrHistogram.Histogram;

/**
 * What was measured of a series in one round. Latencies are in nanoseconds; those of operations that were timed together
 * are means over them.
 *
 * @param round from 1
 * @param perSecond operations, or entries of a putAll
 * @param mean of the whole round, for each operation of a thread
 * @param batch how many operations were timed together
 * @param histogram all latencies, as HdrHistogram encodes them, of the batches
 */
record Sample(
        Series series,
        int round,
        double perSecond,
        double mean,
        double p50,
        double p99,
        double p999,
        double max,
        int batch,
        String histogram) {

    static Sample of(Series series, int round, Done done) {
        Histogram latencies = done.latencies();
        double batch = done.batch();
        return new Sample(
                series,
                round,
                done.operations() * 1e9 / done.nanos(),
                latencies.getMean() / batch,
                latencies.getValueAtPercentile(50) / batch,
                latencies.getValueAtPercentile(99) / batch,
                latencies.getValueAtPercentile(99.9) / batch,
                latencies.getMaxValue() / batch,
                done.batch(),
                done.encodedLatencies());
    }

    Histogram latencies() {
        return Done.decode(histogram);
    }
}
