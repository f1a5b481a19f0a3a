package io.concordcache.benchmarks.hazelcast;

import com.hazelcast.config.CacheSimpleConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.concordcache.benchmarks.member.Entries;
import io.concordcache.benchmarks.member.JCacheEntries;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject;
import io.concordcache.benchmarks.member.ValueType;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Hazelcast: an ICache whose entries are on all members up to three, each write acknowledged by all that hold it. */
public final class HazelcastSubject implements Subject {
    private static final long PATIENCE_NANOS = Duration.ofMinutes(1).toNanos();

    private @Nullable HazelcastInstance instance;

    @Override
    public void start(Seat seat) {
        Config config = new Config().setClusterName("benchmarks");
        config.setProperty("hazelcast.logging.type", "none")
                .setProperty("hazelcast.phone.home.enabled", "false")
                .setProperty("hazelcast.shutdownhook.enabled", "false")
                .setProperty("hazelcast.initial.min.cluster.size", String.valueOf(seat.members()));
        config.getNetworkConfig().setPort(seat.port()).setPortAutoIncrement(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface(Seat.HOST);
        JoinConfig join = config.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true);
        seat.ports().forEach(port -> join.getTcpIpConfig().addMember(Seat.HOST + ":" + port));
        for (ValueType type : ValueType.values()) {
            CacheSimpleConfig cache =
                    new CacheSimpleConfig(type.name()).setBackupCount(Math.min(2, seat.members() - 1));
            // a cache of Hazelcast has to have a bound and a policy: this one is never reached
            cache.getEvictionConfig().setSize(Integer.MAX_VALUE).setEvictionPolicy(EvictionPolicy.LRU);
            config.addCacheConfig(cache);
        }
        HazelcastInstance started = Hazelcast.newHazelcastInstance(config);
        instance = started;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (started.getCluster().getMembers().size() < seat.members()
                || !started.getPartitionService().isClusterSafe()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the cluster does not become complete");
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    @Override
    public Entries open(ValueType type) {
        return new JCacheEntries(Objects.requireNonNull(instance, "not started")
                .getCacheManager()
                .getCache(type.name()));
    }
}
