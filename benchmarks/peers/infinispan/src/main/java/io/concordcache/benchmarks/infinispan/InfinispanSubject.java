package io.concordcache.benchmarks.infinispan;

import io.concordcache.benchmarks.member.Entries;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject;
import io.concordcache.benchmarks.member.ValueType;
import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.infinispan.Cache;
import org.infinispan.commons.marshall.JavaSerializationMarshaller;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.Configuration;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;
import org.jspecify.annotations.Nullable;

/** Infinispan: an embedded cache that is replicated to all members, each write acknowledged by all. */
public final class InfinispanSubject implements Subject {
    private @Nullable DefaultCacheManager manager;

    @Override
    public void start(Seat seat) {
        System.setProperty("jgroups.bind.address", Seat.HOST);
        System.setProperty("jgroups.bind.port", String.valueOf(seat.port()));
        System.setProperty(
                "benchmarks.hosts",
                seat.ports().stream().map(port -> Seat.HOST + "[" + port + "]").collect(Collectors.joining(",")));
        GlobalConfigurationBuilder global = GlobalConfigurationBuilder.defaultClusteredBuilder();
        global.transport()
                .defaultTransport()
                .clusterName("benchmarks")
                .initialClusterSize(seat.members())
                .initialClusterTimeout(1, TimeUnit.MINUTES)
                .addProperty(JGroupsTransport.CONFIGURATION_FILE, "benchmarks-tcp.xml");
        global.serialization()
                .marshaller(new JavaSerializationMarshaller())
                .allowList()
                .addClasses(ArrayList.class);
        global.jmx().disable();
        global.metrics().gauges(false);
        Configuration replicated = new ConfigurationBuilder()
                .clustering()
                .cacheMode(CacheMode.REPL_SYNC)
                .build();
        DefaultCacheManager started = new DefaultCacheManager(global.build());
        for (ValueType type : ValueType.values()) {
            started.defineConfiguration(type.name(), replicated);
            started.getCache(type.name());
        }
        manager = started;
    }

    @Override
    public Entries open(ValueType type) {
        return new Replicated(Objects.requireNonNull(manager, "not started").getCache(type.name()));
    }

    private record Replicated(Cache<String, Object> cache) implements Entries {
        @Override
        public @Nullable Object get(String key) {
            return cache.get(key);
        }

        @Override
        public void put(String key, Object value) {
            cache.put(key, value);
        }

        @Override
        public void putAll(Map<String, Object> entries) {
            cache.putAll(entries);
        }
    }
}
