package io.concordcache.raft.ratis;

import io.concordcache.raft.store.Member;
import java.time.Duration;
import java.util.List;

/**
 * Settings of a client of a cluster whose members run elsewhere.
 *
 * @param clusterName must be that of the members
 * @param servers some members, at least one; the others are learnt from them
 * @param operationTimeout how long a call may wait
 * @param maxKeyBytes largest marshalled key
 * @param maxValueBytes largest marshalled value
 * @param maxLogEntryBytes largest entry of the log, below 4 MiB; larger commands are sent in parts
 */
public record RemoteSettings(
        String clusterName,
        List<Member> servers,
        Duration operationTimeout,
        int maxKeyBytes,
        int maxValueBytes,
        int maxLogEntryBytes)
        implements StoreSettings {

    public RemoteSettings {
        servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("no server is named; write at least one host:port");
        }
    }

    @Override
    public RemoteStore open() {
        return RemoteStore.connect(this);
    }

    /** Default limits. */
    public static RemoteSettings of(String clusterName, List<Member> servers) {
        RatisSettings defaults = RatisSettings.memory();
        return new RemoteSettings(
                clusterName,
                servers,
                defaults.operationTimeout(),
                defaults.maxKeyBytes(),
                defaults.maxValueBytes(),
                defaults.maxLogEntryBytes());
    }
}
