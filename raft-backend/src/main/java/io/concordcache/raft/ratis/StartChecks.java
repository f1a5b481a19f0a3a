package io.concordcache.raft.ratis;

import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.wire.CorruptDataException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.ratis.protocol.RaftGroupId;

/** What would make Ratis end the JVM, or start with something else than what it had: refused before, with a reason. */
final class StartChecks {
    static final long MIN_FREE_BYTES = 32 << 20;

    private StartChecks() {}

    static void check(RatisSettings settings, Path directory, RaftGroupId groupId) {
        refuseOtherCluster(settings, directory, groupId);
        refuseLostLog(directory, groupId);
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

    static StartException startException(Path directory, Throwable failure) {
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
}
