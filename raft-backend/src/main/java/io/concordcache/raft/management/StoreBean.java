package io.concordcache.raft.management;

import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StoreMetrics;
import io.concordcache.raft.store.StoreMetrics.MemberMetrics;
import io.concordcache.raft.store.StoreMetrics.Stored;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/** {@link StoreMXBean} of a store, in the platform's MBean server. */
public final class StoreBean implements StoreMXBean {
    private static final String CLIENT = "client";

    private final CacheStore store;

    private StoreBean(CacheStore store) {
        this.store = store;
    }

    /** Keeps the bean shown until it is closed. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Shows a store as {@code io.concordcache:type=Store,cluster=…,id=…}; {@code id} is that of the member, or {@code
     * client}. If that name is taken {@code ,number=2} follows, or more.
     */
    public static Registration register(CacheStore store) {
        MemberMetrics member = store.metrics().member();
        String name = "io.concordcache:type=Store,"
                + (member == null
                        ? "id=" + CLIENT
                        : "cluster=" + ObjectName.quote(member.cluster()) + ",id=" + ObjectName.quote(member.id()));
        StoreBean bean = new StoreBean(store);
        ObjectName shown = null;
        for (int number = 1; shown == null; number++) {
            shown = register(bean, number == 1 ? name : name + ",number=" + number);
        }
        ObjectName registered = shown;
        return () -> unregister(registered);
    }

    /** Null if the name is taken. */
    private static @Nullable ObjectName register(StoreBean bean, String name) {
        try {
            return ManagementFactory.getPlatformMBeanServer()
                    .registerMBean(bean, new ObjectName(name))
                    .getObjectName();
        } catch (InstanceAlreadyExistsException e) {
            return null;
        } catch (JMException e) {
            throw new IllegalStateException("the MBean " + name + " cannot be registered", e);
        }
    }

    private static void unregister(ObjectName name) {
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            return; // closed twice, or by somebody else
        } catch (JMException e) {
            throw new IllegalStateException("the MBean " + name + " cannot be unregistered", e);
        }
    }

    private @Nullable MemberMetrics member() {
        return store.metrics().member();
    }

    private long number(ToLongFunction<MemberMetrics> of) {
        MemberMetrics member = member();
        return member == null ? 0 : of.applyAsLong(member);
    }

    private Map<String, Long> ofCaches(ToLongFunction<Stored> of) {
        Map<String, Long> all = new TreeMap<>();
        for (StoreMetrics.CacheMetrics cache : store.metrics().caches()) {
            Stored stored = cache.stored();
            if (stored != null) {
                all.put(cache.name(), of.applyAsLong(stored));
            }
        }
        return all;
    }

    @Override
    public String getCluster() {
        MemberMetrics member = member();
        return member == null ? "" : member.cluster();
    }

    @Override
    public String getRole() {
        MemberMetrics member = member();
        return member == null ? "CLIENT" : member.role().name();
    }

    @Override
    public @Nullable String getLeader() {
        MemberMetrics member = member();
        return member == null ? null : member.leader();
    }

    @Override
    public boolean isServing() {
        MemberMetrics member = member();
        return member != null && member.serves();
    }

    @Override
    public @Nullable String getProblem() {
        MemberMetrics member = member();
        return member == null ? null : member.problem();
    }

    @Override
    public long getTerm() {
        return number(MemberMetrics::term);
    }

    @Override
    public long getElections() {
        return number(MemberMetrics::elections);
    }

    @Override
    public long getLeaderUptimeMillis() {
        return number(MemberMetrics::leaderMillis);
    }

    @Override
    public long getLastIndex() {
        return number(MemberMetrics::lastIndex);
    }

    @Override
    public long getCommitIndex() {
        return number(MemberMetrics::commitIndex);
    }

    @Override
    public long getAppliedIndex() {
        return number(MemberMetrics::appliedIndex);
    }

    @Override
    public long getLagEntries() {
        return number(MemberMetrics::lagEntries);
    }

    @Override
    public long getLagMillis() {
        return number(MemberMetrics::lagMillis);
    }

    @Override
    public boolean isReadLeaseHeld() {
        MemberMetrics member = member();
        return member != null && member.leased();
    }

    @Override
    public long getReadBarriers() {
        return number(MemberMetrics::barriers);
    }

    @Override
    public long getReadsWaiting() {
        return number(MemberMetrics::readers);
    }

    @Override
    public long getLogBytes() {
        return number(MemberMetrics::logBytes);
    }

    @Override
    public long getSnapshotBytes() {
        return number(MemberMetrics::snapshotBytes);
    }

    @Override
    public long getCommandsSent() {
        return store.metrics().commit().commands();
    }

    @Override
    public long getEntriesSent() {
        return store.metrics().commit().entries();
    }

    @Override
    public long getCommandsQueued() {
        return store.metrics().commit().queued();
    }

    @Override
    public Map<String, Long> getEntriesOfCaches() {
        return ofCaches(Stored::entries);
    }

    @Override
    public Map<String, Long> getBytesOfCaches() {
        return ofCaches(Stored::bytes);
    }
}
