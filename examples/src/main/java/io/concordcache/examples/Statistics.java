package io.concordcache.examples;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import javax.cache.management.CacheStatisticsMXBean;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** Reads a cache's statistics as a monitoring tool would, from the platform's MBean server. */
final class Statistics {
    private Statistics() {}

    static CacheStatisticsMXBean of(String cacheName) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            Set<ObjectName> found = server.queryNames(
                    new ObjectName("javax.cache:type=CacheStatistics,Cache=" + cacheName + ",*"), null);
            ObjectName name = List.copyOf(found).get(0);
            return JMX.newMXBeanProxy(server, name, CacheStatisticsMXBean.class);
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException("not a name for an MBean: " + cacheName, e);
        }
    }

    static void print(PrintStream out, String cacheName) {
        CacheStatisticsMXBean statistics = of(cacheName);
        out.printf(
                "statistics: %d puts, %d gets, %d hits, %d misses; average get %.1f µs, put %.1f µs%n",
                statistics.getCachePuts(),
                statistics.getCacheGets(),
                statistics.getCacheHits(),
                statistics.getCacheMisses(),
                statistics.getAverageGetTime(),
                statistics.getAveragePutTime());
    }
}
