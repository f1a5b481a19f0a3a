package io.concordcache.benchmarks.ignite;

import io.concordcache.benchmarks.member.Entries;
import io.concordcache.benchmarks.member.JCacheEntries;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject;
import io.concordcache.benchmarks.member.ValueType;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.logger.NullLogger;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.jspecify.annotations.Nullable;

/** Ignite: an atomic cache that is replicated to all members, each write acknowledged by all. */
public final class IgniteSubject implements Subject {
    private static final long PATIENCE_NANOS = Duration.ofMinutes(1).toNanos();

    private @Nullable Ignite ignite;

    @Override
    public void start(Seat seat) {
        System.setProperty("IGNITE_QUIET", "true");
        System.setProperty("IGNITE_NO_ASCII", "true");
        System.setProperty("IGNITE_UPDATE_NOTIFIER", "false");
        TcpDiscoverySpi discovery = new TcpDiscoverySpi();
        discovery.setLocalAddress(Seat.HOST).setLocalPort(seat.port()).setLocalPortRange(0);
        discovery.setIpFinder(new TcpDiscoveryVmIpFinder()
                .setAddresses(seat.ports().stream()
                        .map(port -> Seat.HOST + ":" + port)
                        .toList()));
        TcpCommunicationSpi communication = new TcpCommunicationSpi();
        communication.setLocalAddress(Seat.HOST);
        communication.setLocalPort(seat.morePorts().get(seat.number()));
        communication.setLocalPortRange(0);
        IgniteConfiguration configuration = new IgniteConfiguration()
                .setIgniteInstanceName("m" + seat.number())
                .setConsistentId("m" + seat.number())
                .setWorkDirectory(seat.directory().toString())
                .setGridLogger(new NullLogger())
                .setLocalHost(Seat.HOST)
                .setDiscoverySpi(discovery)
                .setCommunicationSpi(communication)
                .setMetricsLogFrequency(0);
        configuration.setConnectorConfiguration(null);
        configuration.setClientConnectorConfiguration(null);
        Ignite started = Ignition.start(configuration);
        ignite = started;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (started.cluster().nodes().size() < seat.members()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the cluster does not become complete");
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    @Override
    public Entries open(ValueType type) {
        return new JCacheEntries(Objects.requireNonNull(ignite, "not started")
                .getOrCreateCache(new CacheConfiguration<String, Object>(type.name())
                        .setCacheMode(CacheMode.REPLICATED)
                        .setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC)));
    }
}
