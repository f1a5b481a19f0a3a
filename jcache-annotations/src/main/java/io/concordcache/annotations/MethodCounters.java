package io.concordcache.annotations;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import javax.cache.annotation.CacheMethodDetails;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** The counters that are built in, each an MXBean too. Thread-safe. */
final class MethodCounters implements MethodMeters, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(MethodCounters.class.getName());

    private final Map<ObjectName, Counter> registered = new ConcurrentHashMap<>();
    private final List<Counter> all = new CopyOnWriteArrayList<>();

    @Override
    public MethodMeter meterOf(CacheMethodDetails<?> method) {
        Counter counter = new Counter(MethodNames.of(method.getMethod()), method.getCacheName());
        all.add(counter);
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            ObjectName name = freeName(server, counter.method);
            server.registerMBean(counter, name);
            registered.put(name, counter);
        } catch (JMException e) {
            LOG.log(System.Logger.Level.WARNING, "no MXBean for " + counter.method, e);
        }
        return counter;
    }

    /** Another container of this JVM may have the method too. */
    private static ObjectName freeName(MBeanServer server, String method) throws JMException {
        String base = "io.concordcache.annotations:type=CacheMethod,name=" + ObjectName.quote(method);
        ObjectName name = new ObjectName(base);
        for (int i = 2; server.isRegistered(name); i++) {
            name = new ObjectName(base + ",container=" + i);
        }
        return name;
    }

    /** The counters by method; of several beans with one method, the first. */
    Map<String, MethodStatisticsMXBean> byMethod() {
        Map<String, MethodStatisticsMXBean> counters = new TreeMap<>();
        all.forEach(counter -> counters.putIfAbsent(counter.method, counter));
        return counters;
    }

    @Override
    public void close() {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : registered.keySet()) {
            try {
                server.unregisterMBean(name);
            } catch (JMException e) {
                LOG.log(System.Logger.Level.DEBUG, "the MXBean was gone", e);
            }
        }
        registered.clear();
    }

    private static final class Counter implements MethodMeter, MethodStatisticsMXBean {
        private final String method;
        private final String cacheName;
        private final LongAdder hits = new LongAdder();
        private final LongAdder misses = new LongAdder();
        private final LongAdder puts = new LongAdder();
        private final LongAdder removals = new LongAdder();
        private final LongAdder nullResults = new LongAdder();
        private final LongAdder errors = new LongAdder();

        Counter(String method, String cacheName) {
            this.method = method;
            this.cacheName = cacheName;
        }

        @Override
        public void hit() {
            hits.increment();
        }

        @Override
        public void miss() {
            misses.increment();
        }

        @Override
        public void put() {
            puts.increment();
        }

        @Override
        public void removal() {
            removals.increment();
        }

        @Override
        public void nullResult() {
            nullResults.increment();
        }

        @Override
        public void error() {
            errors.increment();
        }

        @Override
        public String getMethod() {
            return method;
        }

        @Override
        public String getCacheName() {
            return cacheName;
        }

        @Override
        public long getHits() {
            return hits.sum();
        }

        @Override
        public long getMisses() {
            return misses.sum();
        }

        @Override
        public long getPuts() {
            return puts.sum();
        }

        @Override
        public long getRemovals() {
            return removals.sum();
        }

        @Override
        public long getNullResults() {
            return nullResults.sum();
        }

        @Override
        public long getErrors() {
            return errors.sum();
        }
    }
}
