package io.concordcache.raft.ratis;

import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.wire.CorruptDataException;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What would make Ratis end the JVM, or start with something else than what it had: refused before, with a reason. */
final class StartChecks {
    private static final Logger LOG = LoggerFactory.getLogger(StartChecks.class);
    static final long MIN_FREE_BYTES = 32 << 20;

    private StartChecks() {}

    static void check(RatisSettings settings, Path directory, RaftGroupId groupId) {
        refuseOtherCluster(settings, directory, groupId);
        refuseDamage(settings, directory, groupId);
        refuseFullDisk(directory);
        InetSocketAddress listen = settings.address();
        if (listen != null) {
            probe(listen, settings.security());
        }
    }

    /** Whether the directory holds the data of this group. */
    static boolean hasGroup(Path directory, RaftGroupId groupId) {
        return Files.isDirectory(directory.resolve(groupId.getUuid().toString()));
    }

    static boolean hasRoom(Path directory) throws IOException {
        return Files.getFileStore(directory).getUsableSpace() >= MIN_FREE_BYTES;
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
    private static void probe(InetSocketAddress listen, Security security) {
        try (ServerSocket socket = new ServerSocket()) {
            InetAddress address = InetAddress.getByName(listen.getHostString());
            if (security.tls() == null && !security.plaintextAllowed() && !address.isLoopbackAddress()) {
                throw new StartException("whoever reaches " + listen.getHostString() + ":" + listen.getPort()
                        + " could read and write all entries, since TLS is off. Set tls.enabled, with tls.certificate,"
                        + " tls.key and tls.trust; or listen on a loopback address; or, if the network keeps others"
                        + " out, say so by plaintext: allowed");
            }
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, listen.getPort()));
        } catch (IOException e) {
            throw new StartException(
                    "cannot listen on " + listen.getHostString() + ":" + listen.getPort() + ": " + e.getMessage()
                            + "; choose a free address with the setting 'listen'",
                    e);
        }
    }

    static StartException startException(RatisSettings settings, Path directory, Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof CorruptDataException)) {
            root = root.getCause();
        }
        String what = root instanceof CorruptDataException
                ? String.valueOf(root.getMessage())
                : root.getClass().getSimpleName() + ": " + root.getMessage();
        return new StartException(
                "the store in " + directory + " cannot be started: " + what + "; nothing was changed. "
                        + (settings.cluster() == null
                                        || settings.cluster().members().size() == 1
                                ? "Restore the directory from a backup, or remove it to start empty"
                                : "Remove this member from the cluster, start one with join, another id and an empty"
                                        + " directory, and add that; a backup would have forgotten what this member"
                                        + " has acknowledged since"),
                failure);
    }

    /** What Ratis would not notice, or would take for something else. */
    private static void refuseDamage(RatisSettings settings, Path directory, RaftGroupId groupId) {
        Path group = directory.resolve(groupId.getUuid().toString());
        Path current = group.resolve("current");
        if (!Files.isDirectory(group)) {
            return;
        }
        Path vote = current.resolve("raft-meta");
        Path members = current.resolve("raft-meta.conf");
        try {
            boolean hasLog = !isWithout(current, "log_*");
            boolean hasSnapshot = !isWithout(group.resolve("sm"), "snapshot.*");
            Snapshots.mendSums(group.resolve("sm"), settings.clusterName());
            SnapshotRepair.Snapshot newest = SnapshotRepair.newest(SnapshotRepair.list(group.resolve("sm")));
            if (!Files.exists(vote) && (hasLog || hasSnapshot || Files.exists(members))) {
                throw new CorruptDataException("the file " + vote
                        + " is missing, which says for whom this member has voted; without it it might vote twice");
            }
            if (Files.exists(vote)) {
                refuseUnreadableVote(vote);
                new MembersFile(current).restore(LogFiles.first(current, newest == null ? -1 : newest.index()));
            }
            if (Files.exists(members) && !hasLog && !hasSnapshot) {
                throw new CorruptDataException("its log is missing");
            }
            if (hasSnapshot && settings.cluster() != null) {
                refuseUnreadable(members);
            }
            refuseOtherKind(settings, directory, members);
            if (hasLog) {
                checkLog(settings, current, newest);
            }
        } catch (InvalidProtocolBufferException e) {
            throw startException(
                    settings,
                    directory,
                    new CorruptDataException("the file " + members + ", which names the members, is damaged", e));
        } catch (CorruptDataException e) {
            throw startException(settings, directory, e);
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    private static void refuseUnreadableVote(Path vote) throws IOException {
        Properties content = new Properties();
        try (Reader in = Files.newBufferedReader(vote)) {
            content.load(in);
            long term = Long.parseLong(content.getProperty("term", "none"));
            if (term < 0 || content.getProperty("votedFor") == null) {
                throw new IllegalArgumentException("term " + term + " and no vote");
            }
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw new CorruptDataException(
                    "the file " + vote + ", which says for whom this member has voted, is damaged", e);
        }
    }

    /** Ratis would go on with an older list of members, or none. */
    private static void refuseUnreadable(Path members) throws IOException {
        try {
            if (!LogEntryProto.parseFrom(Files.readAllBytes(members)).hasConfigurationEntry()) {
                throw new CorruptDataException("the file " + members + ", which names the members, is damaged");
            }
        } catch (NoSuchFileException e) {
            throw new CorruptDataException("the file " + members + " is missing, which names the members", e);
        }
    }

    /** One that stood alone is no member of a cluster, nor the other way about: nobody would ever lead. */
    private static void refuseOtherKind(RatisSettings settings, Path directory, Path members) throws IOException {
        if (!Files.exists(members)) {
            return;
        }
        List<String> ids =
                LogEntryProto.parseFrom(Files.readAllBytes(members)).getConfigurationEntry().getPeersList().stream()
                        .map(peer -> RatisMember.memberId(RaftPeerId.valueOf(peer.getId())))
                        .toList();
        boolean stoodAlone = ids.equals(List.of(RatisMember.ALONE.toString()));
        ClusterSettings cluster = settings.cluster();
        if (cluster == null && !stoodAlone) {
            throw new StartException("the directory " + directory + " is that of a member of the cluster of " + ids
                    + "; say who the members are and which one this is, or use another directory");
        }
        if (cluster != null && stoodAlone && !cluster.self().id().equals(ids.get(0))) {
            throw new StartException("the directory " + directory + " is that of a store that stood alone, which is no"
                    + " member of a cluster; start it without members, or with another directory");
        }
    }

    /**
     * A log that ends before the snapshot, as a loss of power may leave it, is dropped: the leader would offer what follows
     * it and what follows the snapshot in turn, and Ratis 3.3.0 take neither.
     */
    private static void checkLog(RatisSettings settings, Path current, SnapshotRepair.@Nullable Snapshot newest)
            throws IOException {
        long last = LogFiles.check(current, newest == null ? -1 : newest.index());
        if (newest != null && last < newest.index() && SnapshotRepair.isWhole(newest.file(), settings.clusterName())) {
            LOG.warn(
                    "the log in {} ends at {}, and the snapshot goes to {}: the log is dropped",
                    current,
                    last,
                    newest.index());
            LogFiles.delete(current);
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
}
