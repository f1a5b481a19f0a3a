package io.concordcache.raft.ratis;

import io.concordcache.raft.store.EngineMetric;
import io.concordcache.raft.store.EngineMetric.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.impl.RatisMetricRegistryImpl;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.thirdparty.com.codahale.metrics.Counter;
import org.apache.ratis.thirdparty.com.codahale.metrics.Gauge;
import org.apache.ratis.thirdparty.com.codahale.metrics.Metric;
import org.apache.ratis.thirdparty.com.codahale.metrics.Snapshot;
import org.apache.ratis.thirdparty.com.codahale.metrics.Timer;

/** What Ratis counts of a member: its registries are those of the JVM, each for one member. */
final class EngineMeters {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double MEDIAN = 0.5;
    private static final double P95 = 0.95;
    private static final double P99 = 0.99;

    private EngineMeters() {}

    /** Empty if the application has put other registries in place of those of Ratis. */
    static List<EngineMetric> of(RaftGroupMemberId member) {
        List<EngineMetric> all = new ArrayList<>();
        for (RatisMetricRegistry registry : MetricRegistries.global().getMetricRegistries()) {
            MetricRegistryInfo info = registry.getMetricRegistryInfo();
            boolean isOfMember = info.getPrefix().equals(member.toString())
                    || info.getPrefix().equals(member.getPeerId().toString());
            if (isOfMember && registry instanceof RatisMetricRegistryImpl known) {
                String prefix =
                        info.getApplicationName() + "." + info.getMetricsComponentName() + "." + info.getPrefix() + ".";
                known.getDropWizardMetricRegistry()
                        .getMetrics()
                        .forEach((name, metric) -> add(
                                all,
                                info.getMetricsComponentName(),
                                name.startsWith(prefix) ? name.substring(prefix.length()) : name,
                                metric));
            }
        }
        return all;
    }

    private static void add(List<EngineMetric> all, String registry, String name, Metric metric) {
        if (metric instanceof Timer timer) {
            Snapshot times = timer.getSnapshot();
            all.add(new EngineMetric(registry, name, Kind.COUNT, null, (double) timer.getCount()));
            all.add(time(registry, name, MEDIAN, times.getMedian()));
            all.add(time(registry, name, P95, times.get95thPercentile()));
            all.add(time(registry, name, P99, times.get99thPercentile()));
            all.add(time(registry, name, 1, (double) times.getMax()));
        } else if (metric instanceof Counter counter) {
            all.add(new EngineMetric(registry, name, Kind.COUNT, null, (double) counter.getCount()));
        } else if (metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number value) {
            all.add(new EngineMetric(registry, name, Kind.VALUE, null, value.doubleValue()));
        }
    }

    private static EngineMetric time(String registry, String name, double quantile, double nanos) {
        return new EngineMetric(registry, name, Kind.TIME, quantile, nanos / NANOS_PER_SECOND);
    }
}
