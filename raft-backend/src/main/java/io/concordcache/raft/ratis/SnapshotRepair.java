package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.wire.CorruptDataException;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import io.concordcache.raft.wire.SnapshotCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets a member whose snapshot is damaged the snapshot of another, before it starts. Its own log and vote stay as they are,
 * so it forgets nothing that it has acknowledged: a snapshot that goes as far as the damaged one holds only what is
 * committed.
 */
final class SnapshotRepair {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotRepair.class);
    private static final Duration PIECE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_MILLIS = 200;

    private final String clusterName;
    private final ClusterSettings cluster;
    private final Path current;
    private final Path snapshots;
    private final Channels channels;
    private final BooleanSupplier givenUp;

    /**
     * @param group the directory of the group
     * @param givenUp whether nobody waits for the member any more
     */
    SnapshotRepair(
            String clusterName, ClusterSettings cluster, Path group, Channels channels, BooleanSupplier givenUp) {
        this.clusterName = clusterName;
        this.cluster = cluster;
        this.current = group.resolve("current");
        this.snapshots = group.resolve("sm");
        this.channels = channels;
        this.givenUp = givenUp;
    }

    /** A file by its name; nothing is known of its content. */
    record Snapshot(Path file, long index) {}

    /**
     * Replaces the newest snapshot if it is damaged; blocks until another member has given its own.
     *
     * @return false if it is not damaged, or nobody has given one in time
     */
    boolean mend() {
        try {
            List<Snapshot> mine = list(snapshots);
            Snapshot newest = newest(mine);
            if (newest == null || isWhole(newest.file, clusterName)) {
                return false;
            }
            LOG.warn("the snapshot {} is damaged; asking {} for theirs", newest.file, cluster.others());
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!givenUp.getAsBoolean() && System.nanoTime() - deadline < 0) {
                for (Member other : cluster.others()) {
                    if (fetch(other, newest.index, mine)) {
                        return true;
                    }
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
            }
        } catch (IOException e) {
            LOG.warn("the damaged snapshot in {} cannot be replaced: {}", snapshots, e.toString());
        }
        return false;
    }

    static @Nullable Snapshot newest(List<Snapshot> all) {
        return all.stream().max(Comparator.comparingLong(Snapshot::index)).orElse(null);
    }

    static List<Snapshot> list(Path snapshots) throws IOException {
        List<Snapshot> all = new ArrayList<>();
        if (Files.isDirectory(snapshots)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(snapshots, "snapshot.*")) {
                for (Path file : files) {
                    Matcher name = SimpleStateMachineStorage.SNAPSHOT_REGEX.matcher(String.valueOf(file.getFileName()));
                    if (name.matches()) {
                        all.add(new Snapshot(file, Long.parseLong(name.group(2))));
                    }
                }
            }
        }
        return all;
    }

    static boolean isWhole(Path file, String clusterName) throws IOException {
        try {
            var unused = SnapshotCodec.read(file, clusterName);
            return true;
        } catch (CorruptDataException e) {
            LOG.debug("{}", e.getMessage());
            return false;
        }
    }

    /** Whether the member has given a whole snapshot, which is in place now. */
    private boolean fetch(Member other, long from, List<Snapshot> damaged) throws IOException {
        Path temporary = snapshots.resolve("fetched.tmp");
        Response.@Nullable Piece last = null;
        try (FileChannel file = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            do {
                last = piece(other, last, from, file.position());
                if (last == null || last.content().length() == 0) {
                    return false;
                }
                ByteBuffer content = ByteBuffer.wrap(last.content().unwrap());
                while (content.hasRemaining()) {
                    var unused = file.write(content);
                }
            } while (file.position() < last.length());
            file.force(true);
        }
        if (!isWhole(temporary, clusterName)) {
            return false;
        }
        adoptMembers(last.members());
        Path target = snapshots.resolve(SimpleStateMachineStorage.getSnapshotFileName(last.term(), last.index()));
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        var unused = Snapshots.saveSum(target);
        for (Snapshot old : damaged) {
            if (!old.file.equals(target)) {
                Files.deleteIfExists(old.file);
                Files.deleteIfExists(old.file.resolveSibling(old.file.getFileName() + MD5FileUtil.MD5_SUFFIX));
            }
        }
        LOG.warn("took the snapshot of {} at {} in place of the damaged one", other, last.index());
        return true;
    }

    /** Null if there is none for now. */
    private Response.@Nullable Piece piece(Member other, Response.@Nullable Piece before, long from, long offset) {
        Request.Fetch fetch = before == null
                ? new Request.Fetch(from, -1, -1, 0)
                : new Request.Fetch(from, before.term(), before.index(), offset);
        try {
            Response answer =
                    channels.call(other, fetch, PIECE_TIMEOUT).get(2 * PIECE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            LOG.debug("{} answered {}", other, answer.getClass());
            return answer instanceof Response.Piece piece ? piece : null;
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("{} does not answer", other, e);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while a damaged snapshot was replaced", e);
        }
    }

    /** The snapshot may go beyond the last change of the members that this one has heard of. */
    private void adoptMembers(Bytes theirs) throws IOException {
        Path file = current.resolve("raft-meta.conf");
        LogEntryProto offered = LogEntryProto.parseFrom(theirs.unwrap());
        if (Files.exists(file)
                && LogEntryProto.parseFrom(Files.readAllBytes(file)).getIndex() >= offered.getIndex()) {
            return;
        }
        Path temporary = file.resolveSibling("raft-meta.conf.fetched");
        Files.write(temporary, theirs.unwrap());
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
