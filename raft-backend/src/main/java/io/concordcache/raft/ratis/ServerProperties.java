package io.concordcache.raft.ratis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What we tell Ratis, where its defaults do not fit a cache. */
final class ServerProperties {
    private static final Logger LOG = LoggerFactory.getLogger(ServerProperties.class);
    private static final TimeDuration NEVER = TimeDuration.valueOf(36_500, TimeUnit.DAYS);
    /** Two busy cores lose a leader of 150 ms for nothing; with these a dead one is replaced within a second or so. */
    private static final long ELECTION_MIN_MILLIS = 500;

    private static final long ELECTION_MAX_MILLIS = 900;
    /** Catching up may take a large snapshot. */
    private static final long STAGING_MILLIS = 60_000;

    private ServerProperties() {}

    static RaftProperties of(RatisSettings settings, Path directory) {
        RaftProperties p = new RaftProperties();
        if (settings.cluster() == null) {
            alone(p);
        } else {
            inCluster(p, Objects.requireNonNull(settings.address()));
        }
        RaftServerConfigKeys.setStorageDir(p, List.of(directory.toFile()));
        RaftServerConfigKeys.setRemovedGroupsDir(p, directory.resolve("removed").toFile());
        RaftServerConfigKeys.setStorageFreeSpaceMin(p, SizeInBytes.valueOf(StartChecks.MIN_FREE_BYTES));

        // However long the JVM was paused: it comes back, and Raft sees to the rest.
        RaftServerConfigKeys.setCloseThreshold(p, NEVER);
        // Outcomes are kept in the state machine; Ratis' own cache of replies only costs memory.
        RaftServerConfigKeys.RetryCache.setExpiryTime(p, millis(1000));
        RaftServerConfigKeys.RetryCache.setStatisticsExpiryTime(p, millis(1000));

        int entry = settings.maxLogEntryBytes() + (64 << 10); // what Ratis adds
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(p, SizeInBytes.valueOf(entry));
        RaftServerConfigKeys.Log.setWriteBufferSize(p, SizeInBytes.valueOf(entry + (1 << 10)));
        RaftServerConfigKeys.Log.setSegmentSizeMax(p, SizeInBytes.valueOf("4MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(p, SizeInBytes.valueOf("1MB"));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(p, 1);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(p, SizeInBytes.valueOf("4MB"));
        RaftServerConfigKeys.Log.setLogMetadataEnabled(p, false);
        // Another thread forces what is not waited for; where forcing costs nothing, the thread does.
        RaftServerConfigKeys.Log.setUnsafeFlushEnabled(
                p, settings.durability() != Durability.FSYNC && !isInMemory(directory));
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(p, true);
        RaftServerConfigKeys.Log.setPurgeGap(p, 1);
        // We take snapshots by our own triggers and then ask Ratis to take notice.
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setCreationGap(p, 1);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(p, 2);
        return p;
    }

    private static void alone(RaftProperties p) {
        RaftConfigKeys.Rpc.setType(p, new LocalRpcType());
        // There is nobody to lose the lead to: elected at once, and no pause is a reason to step down.
        RaftServerConfigKeys.Rpc.setTimeoutMin(p, millis(1000));
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, millis(2000));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, millis(1));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, millis(2));
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, NEVER);
    }

    private static void inCluster(RaftProperties p, InetSocketAddress listen) {
        RaftConfigKeys.Rpc.setType(p, new HookedRpcType());
        GrpcConfigKeys.Server.setHost(p, listen.getHostString());
        GrpcConfigKeys.Server.setPort(p, listen.getPort());
        // As the shared port needs them.
        GrpcConfigKeys.setUseEpoll(p, false);
        GrpcConfigKeys.Server.setBossGroupSize(p, 1);
        GrpcConfigKeys.Server.setWorkerGroupSize(p, 1);
        RaftServerConfigKeys.Rpc.setTimeoutMin(p, millis(ELECTION_MIN_MILLIS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, millis(ELECTION_MAX_MILLIS));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, millis(ELECTION_MIN_MILLIS / 5));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, millis(ELECTION_MAX_MILLIS / 3));
        RaftServerConfigKeys.Rpc.setRequestTimeout(p, millis(2 * ELECTION_MAX_MILLIS));
        // One that stepped down without a majority may hold the longest log.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, millis(ELECTION_MIN_MILLIS));
        RaftServerConfigKeys.setStagingTimeout(p, millis(STAGING_MILLIS));
        RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(p, false);
    }

    private static boolean isInMemory(Path directory) {
        try {
            return Files.getFileStore(directory).type().equals("tmpfs");
        } catch (IOException e) {
            LOG.debug("cannot tell what {} lies on", directory, e);
            return false;
        }
    }

    private static TimeDuration millis(long millis) {
        return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
    }
}
