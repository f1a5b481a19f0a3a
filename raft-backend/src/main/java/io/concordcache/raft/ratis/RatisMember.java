package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.wire.CorruptDataException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Ratis server with one group, called in-process. */
final class RatisMember implements GroupCommit.Log, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RatisMember.class);
    private static final RaftPeerId ID = RaftPeerId.valueOf("member");
    private static final TimeDuration NEVER = TimeDuration.valueOf(36_500, TimeUnit.DAYS);
    private static final long MIN_FREE_BYTES = 32 << 20;
    private static final long SNAPSHOT_TIMEOUT_MILLIS = 60_000;

    static {
        // Ratis ends the JVM when something goes badly wrong, and when any thread at all ends with an exception: not in
        // the JVM of a user.
        Thread.UncaughtExceptionHandler users = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        Thread.setDefaultUncaughtExceptionHandler(users);
    }

    private final RaftServer server;
    private final RaftGroupId groupId;
    /** The division as it takes requests without a hop to another thread; an interface that it does not declare. */
    private final RaftClientAsynchronousProtocol division;

    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callId = new AtomicLong();

    private RatisMember(RaftServer server, RaftGroupId groupId) throws IOException {
        this.server = server;
        this.groupId = groupId;
        this.division = (RaftClientAsynchronousProtocol) server.getDivision(groupId);
    }

    /** Starts a member that stands alone. It leads when the state machine hears so. */
    static RatisMember start(RatisSettings settings, Path directory, RatisStateMachine stateMachine) {
        RaftGroupId groupId = RaftGroupId.valueOf(
                UUID.nameUUIDFromBytes(("concord:" + settings.clusterName()).getBytes(StandardCharsets.UTF_8)));
        refuseOtherCluster(settings, directory, groupId);
        refuseLostLog(directory, groupId);
        refuseFullDisk(directory);
        InetSocketAddress listen = settings.listen();
        if (listen != null) {
            probe(listen);
        }
        RaftServer server = null;
        try {
            server = RaftServer.newBuilder()
                    .setServerId(ID)
                    .setGroup(RaftGroup.valueOf(
                            groupId,
                            RaftPeer.newBuilder()
                                    .setId(ID)
                                    .setAddress(
                                            listen == null
                                                    ? "127.0.0.1:0"
                                                    : listen.getHostString() + ":" + listen.getPort())
                                    .build()))
                    .setStateMachine(stateMachine)
                    .setOption(RaftStorage.StartupOption.RECOVER)
                    .setProperties(properties(settings, directory))
                    .build();
            server.start();
            return new RatisMember(server, groupId);
        } catch (IOException | RuntimeException e) {
            if (server != null) {
                close(server);
            }
            throw startException(directory, e);
        }
    }

    private static RaftProperties properties(RatisSettings settings, Path directory) {
        RaftProperties p = new RaftProperties();
        InetSocketAddress listen = settings.listen();
        if (listen == null) {
            RaftConfigKeys.Rpc.setType(p, new LocalRpcType());
        } else {
            RaftConfigKeys.Rpc.setType(p, SupportedRpcType.GRPC);
            GrpcConfigKeys.Server.setHost(p, listen.getHostString());
            GrpcConfigKeys.Server.setPort(p, listen.getPort());
        }
        RaftServerConfigKeys.setStorageDir(p, List.of(directory.toFile()));
        RaftServerConfigKeys.setRemovedGroupsDir(p, directory.resolve("removed").toFile());
        RaftServerConfigKeys.setStorageFreeSpaceMin(p, SizeInBytes.valueOf(MIN_FREE_BYTES));

        // Alone there is nobody to lose the lead to: elected at once, and no pause is a reason to step down or to
        // close.
        RaftServerConfigKeys.Rpc.setTimeoutMin(p, millis(1000));
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, millis(2000));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, millis(1));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, millis(2));
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, NEVER);
        RaftServerConfigKeys.setCloseThreshold(p, NEVER);
        // Outcomes are kept in the state machine; Ratis' own cache of replies only costs memory.
        RaftServerConfigKeys.RetryCache.setExpiryTime(p, millis(1000));
        RaftServerConfigKeys.RetryCache.setStatisticsExpiryTime(p, millis(1000));

        int entry = settings.maxLogEntryBytes() + (64 << 10); // what Ratis adds
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(p, SizeInBytes.valueOf(entry));
        RaftServerConfigKeys.Log.setWriteBufferSize(p, SizeInBytes.valueOf(entry + (1 << 10)));
        RaftServerConfigKeys.Log.setSegmentSizeMax(p, SizeInBytes.valueOf("8MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(p, SizeInBytes.valueOf("1MB"));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(p, 1);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(p, SizeInBytes.valueOf("8MB"));
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

    /** Ratis would open every group that it finds in the directory. */
    private static void refuseOtherCluster(RatisSettings settings, Path directory, RaftGroupId groupId) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, Files::isDirectory)) {
            for (Path path : found) {
                String name = String.valueOf(path.getFileName());
                if (isUuid(name) && !name.equals(groupId.getUuid().toString())) {
                    throw new StartException("the directory " + directory + " holds the data of another cluster than '"
                            + settings.clusterName() + "'; use that cluster's name, or another directory");
                }
            }
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    private static boolean isUuid(String name) {
        try {
            return UUID.fromString(name).toString().equals(name);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A failed bind inside Ratis would end the JVM, so we try first. */
    private static void probe(InetSocketAddress listen) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(
                    listen.isUnresolved()
                            ? new InetSocketAddress(InetAddress.getByName(listen.getHostString()), listen.getPort())
                            : listen);
        } catch (IOException e) {
            throw new StartException(
                    "cannot listen on " + listen.getHostString() + ":" + listen.getPort() + ": " + e.getMessage()
                            + "; choose a free address with the setting 'listen'",
                    e);
        }
    }

    private static StartException startException(Path directory, Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof CorruptDataException)) {
            root = root.getCause();
        }
        String what = root instanceof CorruptDataException
                ? String.valueOf(root.getMessage())
                : root.getClass().getSimpleName() + ": " + root.getMessage();
        return new StartException(
                "the store in " + directory + " cannot be started: " + what
                        + "; nothing was changed. Restore the directory from a backup, or remove it to start empty",
                failure);
    }

    /** Ratis would take a directory whose log was lost for a new one. */
    private static void refuseLostLog(Path directory, RaftGroupId groupId) {
        Path group = directory.resolve(groupId.getUuid().toString());
        try {
            if (Files.exists(group.resolve("current/raft-meta.conf"))
                    && isWithout(group.resolve("current"), "log_*")
                    && isWithout(group.resolve("sm"), "snapshot.*")) {
                throw new StartException("the store in " + directory + " cannot be started: its log is missing"
                        + "; nothing was changed. Restore the directory from a backup, or remove it to start empty");
            }
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    private static void refuseFullDisk(Path directory) {
        try {
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < MIN_FREE_BYTES) {
                throw new StartException("the directory " + directory + " has only " + free
                        + " bytes of free space; make" + " at least " + MIN_FREE_BYTES + " free");
            }
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    private static boolean isWithout(Path directory, String names) throws IOException {
        if (!Files.isDirectory(directory)) {
            return true;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, names)) {
            return !found.iterator().hasNext();
        }
    }

    private static StartException unreadable(Path directory, IOException e) {
        return new StartException("the directory " + directory + " cannot be read: " + e, e);
    }

    @Override
    public CompletableFuture<Applied> append(LogEntry entry) {
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(ID)
                .setGroupId(groupId)
                .setCallId(callId.incrementAndGet())
                .setMessage(new EntryMessage(entry))
                .setType(RaftClientRequest.writeRequestType())
                .build();
        try {
            CompletableFuture<Applied> result = new CompletableFuture<>();
            var unused = division.submitClientRequestAsync(request).whenComplete((reply, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else {
                    complete(result, reply);
                }
            });
            return result;
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static void complete(CompletableFuture<Applied> result, RaftClientReply reply) {
        if (reply.getException() instanceof ResourceUnavailableException
                || reply.getException() instanceof LeaderNotReadyException) {
            result.completeExceptionally(new GroupCommit.NotAppendedException(
                    String.valueOf(reply.getException().getMessage()), reply.getException()));
        } else if (reply.getException() != null) {
            result.completeExceptionally(reply.getException());
        } else if (reply.getMessage() instanceof EntryMessage.Reply local) {
            result.complete(local.take());
        } else {
            result.completeExceptionally(new IllegalStateException("an answer without content: " + reply));
        }
    }

    /** Tells Ratis of a snapshot that was taken, so that it drops the log before. Does not wait. */
    void snapshotTaken() {
        try {
            var unused = server.snapshotManagementAsync(SnapshotManagementRequest.newCreate(
                            clientId, ID, groupId, callId.incrementAndGet(), SNAPSHOT_TIMEOUT_MILLIS, 1))
                    .whenComplete((reply, failure) -> {
                        if (failure != null) {
                            LOG.debug("the log was not shortened this time", failure);
                        }
                    });
        } catch (CompletionException e) {
            LOG.debug("the log was not shortened this time", e);
        }
    }

    boolean isRunning() {
        return server.getLifeCycleState() == LifeCycle.State.RUNNING;
    }

    @Override
    public void close() {
        close(server);
    }

    private static void close(RaftServer server) {
        try {
            server.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("the Raft server did not end cleanly", e);
        }
    }
}
