package io.concordcache.raft.ratis;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.tls.Secret;
import io.concordcache.raft.tls.TlsSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a client of a cluster whose members run elsewhere.
 *
 * @param clusterName must be that of the members
 * @param servers some members, at least one; the others are learnt from them
 * @param tls null for none
 * @param token shown to the members, which know what its holder may do; null for none. Only with TLS: else it could be read
 *     on its way
 * @param operationTimeout how long a call may wait
 * @param maxKeyBytes largest marshalled key
 * @param maxValueBytes largest marshalled value
 * @param maxLogEntryBytes largest entry of the log, below 4 MiB; larger commands are sent in parts
 */
public record RemoteSettings(
        String clusterName,
        List<Member> servers,
        @Nullable TlsSettings tls,
        @Nullable Secret token,
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
        if (token != null && tls == null) {
            throw new IllegalArgumentException("a token needs tls.enabled: without TLS it could be read on its way");
        }
    }

    @Override
    public RemoteStore open() {
        return RemoteStore.connect(this);
    }

    /** The same client with TLS. */
    public RemoteSettings with(TlsSettings how) {
        return new RemoteSettings(
                clusterName, servers, how, token, operationTimeout, maxKeyBytes, maxValueBytes, maxLogEntryBytes);
    }

    /** The same client with a token. */
    public RemoteSettings with(Secret shown) {
        return new RemoteSettings(
                clusterName, servers, tls, shown, operationTimeout, maxKeyBytes, maxValueBytes, maxLogEntryBytes);
    }

    /** Default limits. */
    public static RemoteSettings of(String clusterName, List<Member> servers) {
        RatisSettings defaults = RatisSettings.memory();
        return new RemoteSettings(
                clusterName,
                servers,
                null,
                null,
                defaults.operationTimeout(),
                defaults.maxKeyBytes(),
                defaults.maxValueBytes(),
                defaults.maxLogEntryBytes());
    }
}
