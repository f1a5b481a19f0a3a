package io.concordcache.raft.ratis;

import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.tls.TlsSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of one member.
 *
 * @param clusterName names the group; a directory holds the data of one cluster only
 * @param durability what survives the end of the member
 * @param directory where log and snapshots lie; null for {@link Durability#MEMORY}, else needed
 * @param listen where to listen; null for the address of this member, and for no port at all if it stands alone
 * @param cluster the cluster to be part of, null to stand alone
 * @param readLease how long this member may answer reads by itself after the log granted it (default 1 s, in elapsed time);
 *     zero for not at all. Too short: reads ask the others more often; too long: writes wait as long for a member that is
 *     gone
 * @param linkCompression of what this member sends over connections that it makes to others, and of what comes back
 *     (default off); needs its library on both sides, else what is sent stays as it is
 * @param security how the port is protected (default: no TLS, and so on no address but loopback)
 * @param operationTimeout how long a call may wait (default 5 s). Too small: calls fail in a long garbage collection; too
 *     large: callers hang as long when something is broken
 * @param snapshotEntries a snapshot is taken after so many log entries (default 100,000). Too small: snapshots all the
 *     time; too large: a long log to replay at start
 * @param snapshotBytes or after so many bytes of log (default 64 MiB), though not before as many as the last snapshot had
 * @param snapshotInterval or after this time if anything was written (default 10 min)
 * @param maxKeyBytes largest marshalled key (default 64 KiB)
 * @param maxValueBytes largest marshalled value (default 16 MiB)
 * @param maxLogEntryBytes largest entry of the log (default 3 MiB, below 4 MiB); larger commands are sent in parts
 */
public record RatisSettings(
        String clusterName,
        Durability durability,
        @Nullable Path directory,
        @Nullable InetSocketAddress listen,
        @Nullable ClusterSettings cluster,
        Duration readLease,
        Compression linkCompression,
        Security security,
        Duration operationTimeout,
        long snapshotEntries,
        long snapshotBytes,
        Duration snapshotInterval,
        int maxKeyBytes,
        int maxValueBytes,
        int maxLogEntryBytes)
        implements StoreSettings {
    /** A command larger than this, a putAll for example, is refused. */
    static final int MAX_COMMAND_BYTES = 256 << 20;

    private static final Duration LONGEST_LEASE = Duration.ofHours(1);

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    public RatisSettings {
        if (durability == Durability.MEMORY && directory != null) {
            throw new IllegalArgumentException("durability memory keeps nothing, so it takes no directory (" + directory
                    + "); choose durability disk or fsync to keep the data there");
        }
        if (durability != Durability.MEMORY && directory == null) {
            throw new IllegalArgumentException("durability disk and fsync need a directory");
        }
        if (durability == Durability.MEMORY
                && cluster != null
                && cluster.members().size() > 1) {
            throw new IllegalArgumentException("a member of a cluster must not forget what it has acknowledged: choose"
                    + " durability disk or fsync, with a directory");
        }
        if (readLease.isNegative() || readLease.compareTo(LONGEST_LEASE) > 0) {
            throw new IllegalArgumentException("readLease must be from 0 to one hour, not " + readLease);
        }
        TlsSettings tls = security.tls();
        if (tls != null && !tls.hasCertificate()) {
            throw new IllegalArgumentException(
                    "a member needs a certificate to use TLS: set tls.certificate and tls.key," + " or tls.keystore");
        }
        positive(operationTimeout.toMillis(), "operationTimeout");
        positive(snapshotInterval.toMillis(), "snapshotInterval");
        positive(snapshotEntries, "snapshotEntries");
        positive(snapshotBytes, "snapshotBytes");
        positive(maxKeyBytes, "maxKeyBytes");
        positive(maxValueBytes, "maxValueBytes");
        if (maxLogEntryBytes < 64 * KIB || maxLogEntryBytes >= 4 * MIB) {
            throw new IllegalArgumentException(
                    "maxLogEntryBytes must be from 64 KiB to below 4 MiB, not " + maxLogEntryBytes);
        }
        if (maxKeyBytes > maxLogEntryBytes / 2) {
            throw new IllegalArgumentException("maxKeyBytes (" + maxKeyBytes
                    + ") must be at most half of maxLogEntryBytes (" + maxLogEntryBytes + ")");
        }
    }

    private static void positive(long value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be positive, not " + value);
        }
    }

    @Override
    public RatisStore open() {
        return RatisStore.start(this);
    }

    /** Where this member listens, null for no port at all. */
    @Nullable
    InetSocketAddress address() {
        if (listen != null || cluster == null) {
            return listen;
        }
        return InetSocketAddress.createUnresolved(
                cluster.self().host(), cluster.self().port());
    }

    /** A member alone that keeps nothing. */
    public static RatisSettings memory() {
        return defaults(Durability.MEMORY, null);
    }

    /** A member alone that keeps its data in a directory, which is made if need be. */
    public static RatisSettings durable(Durability durability, Path directory) {
        return defaults(durability, directory);
    }

    /** A member of a cluster that keeps its data in a directory. */
    public static RatisSettings member(Durability durability, Path directory, ClusterSettings cluster) {
        return defaults(durability, directory).with(cluster);
    }

    /** The same member in a cluster. */
    public RatisSettings with(ClusterSettings of) {
        return new RatisSettings(
                clusterName,
                durability,
                directory,
                listen,
                of,
                readLease,
                linkCompression,
                security,
                operationTimeout,
                snapshotEntries,
                snapshotBytes,
                snapshotInterval,
                maxKeyBytes,
                maxValueBytes,
                maxLogEntryBytes);
    }

    /** The same member with a read lease of this length, zero for none. */
    public RatisSettings withReadLease(Duration lease) {
        return new RatisSettings(
                clusterName,
                durability,
                directory,
                listen,
                cluster,
                lease,
                linkCompression,
                security,
                operationTimeout,
                snapshotEntries,
                snapshotBytes,
                snapshotInterval,
                maxKeyBytes,
                maxValueBytes,
                maxLogEntryBytes);
    }

    /** The same member, with what it sends to others compressed so. */
    public RatisSettings withLinkCompression(Compression how) {
        return new RatisSettings(
                clusterName,
                durability,
                directory,
                listen,
                cluster,
                readLease,
                how,
                security,
                operationTimeout,
                snapshotEntries,
                snapshotBytes,
                snapshotInterval,
                maxKeyBytes,
                maxValueBytes,
                maxLogEntryBytes);
    }

    /** The same member, with its port protected so. */
    public RatisSettings with(Security how) {
        return new RatisSettings(
                clusterName,
                durability,
                directory,
                listen,
                cluster,
                readLease,
                linkCompression,
                how,
                operationTimeout,
                snapshotEntries,
                snapshotBytes,
                snapshotInterval,
                maxKeyBytes,
                maxValueBytes,
                maxLogEntryBytes);
    }

    private static RatisSettings defaults(Durability durability, @Nullable Path directory) {
        return new RatisSettings(
                "concord",
                durability,
                directory,
                null,
                null,
                Duration.ofSeconds(1),
                Compression.OFF,
                Security.LOOPBACK,
                Duration.ofSeconds(5),
                100_000,
                64L * MIB,
                Duration.ofMinutes(10),
                64 * KIB,
                16 * MIB,
                3 * MIB);
    }
}
