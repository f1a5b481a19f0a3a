package io.concordcache.raft.ratis;

import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.StateView;
import io.concordcache.raft.wire.SnapshotCodec;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots by entries, bytes and time, so that the log stays short. The apply thread only marks the moment; another
 * thread writes the file, and then Ratis is told, which drops the log up to there.
 *
 * <p>A member that keeps nothing writes no file: its snapshot is the leave to drop the log.
 */
final class Snapshots {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
    private static final int BUFFER = 1 << 16;

    private final RatisSettings settings;
    private final SimpleStateMachineStorage storage;
    private final Executor writer;
    private final Runnable taken;

    // The apply thread's.
    private long entries;
    private long bytes;
    private long sinceNanos = System.nanoTime();

    private record Copy(Path file, CompletableFuture<Void> written) {}

    private final Queue<Copy> copies = new ConcurrentLinkedQueue<>();

    private volatile @Nullable SingleFileSnapshotInfo written;
    private volatile boolean wanted;
    private volatile boolean writing;
    private volatile long lastSize;
    private volatile long lastIndex = RaftLog.INVALID_LOG_INDEX;

    /** Writes on {@code writer} and runs {@code taken} there after each snapshot. */
    Snapshots(RatisSettings settings, SimpleStateMachineStorage storage, Executor writer, Runnable taken) {
        this.settings = settings;
        this.storage = storage;
        this.writer = writer;
        this.taken = taken;
    }

    /** Reads the latest snapshot; null if there is none. */
    @Nullable
    CacheMachine load() throws IOException {
        SingleFileSnapshotInfo latest = storage.getLatestSnapshot();
        if (latest == null) {
            return null;
        }
        Path file = latest.getFile().getPath();
        CacheMachine machine = SnapshotCodec.read(file, settings.clusterName());
        lastIndex = latest.getIndex();
        lastSize = Files.size(file);
        return machine;
    }

    /**
     * Lets Ratis know of the latest snapshot, when it asks for one to drop the log. If it knew before, it would take that for
     * fulfilled, unless there were newer entries, and would drop nothing ({@code RaftServerImpl.takeSnapshotAsync}, 3.3.0).
     */
    void announce() {
        SingleFileSnapshotInfo latest = written;
        if (latest != null) {
            var unused = storage.updateLatestSnapshot(latest);
        }
    }

    /** Index of the latest snapshot that is complete. */
    long lastIndex() {
        return lastIndex;
    }

    /** The next entry brings a snapshot, whatever the triggers say. */
    void want() {
        wanted = true;
    }

    /** The state as of one of the next entries is written there, once no snapshot is being written. */
    CompletableFuture<Void> copy(Path file) {
        Copy copy = new Copy(file, new CompletableFuture<>());
        copies.add(copy);
        return copy.written;
    }

    /** Called by the apply thread after each entry. */
    void applied(CacheMachine machine, TermIndex upTo, long size) {
        entries++;
        bytes += size;
        if (!writing && !copies.isEmpty()) {
            writing = true;
            Copy copy = copies.remove();
            StateView view = machine.view();
            writer.execute(() -> write(view, copy));
        }
        if (writing
                || (!wanted
                        && entries < settings.snapshotEntries()
                        && bytes < Math.max(settings.snapshotBytes(), lastSize)
                        && System.nanoTime() - sinceNanos
                                < settings.snapshotInterval().toNanos())) {
            return;
        }
        wanted = false;
        entries = 0;
        bytes = 0;
        sinceNanos = System.nanoTime();
        if (settings.durability() == Durability.MEMORY) {
            lastIndex = upTo.getIndex();
            writer.execute(taken);
            return;
        }
        writing = true;
        StateView view = machine.view();
        writer.execute(() -> write(view, upTo));
    }

    private void write(StateView view, TermIndex upTo) {
        File file = storage.getSnapshotFile(upTo.getTerm(), upTo.getIndex());
        Path target = file.toPath();
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            long size = writeFile(view, temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            var md5 = saveSum(target);
            written = new SingleFileSnapshotInfo(new FileInfo(target, md5), upTo);
            lastSize = size;
            lastIndex = upTo.getIndex();
        } catch (IOException | RuntimeException e) {
            LOG.error("no snapshot could be written to {}; the log grows until one can", target, e);
            return;
        } finally {
            writing = false; // after the view is closed: a machine has one at a time
        }
        taken.run();
    }

    /** Writes the checksum beside it; if that fails nothing is left of it, which would hide all others, see {@link #mendSums}. */
    static MD5Hash saveSum(Path snapshot) throws IOException {
        MD5Hash sum = MD5FileUtil.computeMd5ForFile(snapshot.toFile());
        try {
            MD5FileUtil.saveMD5File(snapshot.toFile(), sum);
        } catch (IOException e) {
            Files.deleteIfExists(sum(snapshot));
            throw e;
        }
        return sum;
    }

    private static Path sum(Path snapshot) {
        return snapshot.resolveSibling(snapshot.getFileName() + MD5FileUtil.MD5_SUFFIX);
    }

    /**
     * Makes the checksums anew that Ratis keeps beside snapshots and cannot read, as a disk that fails leaves them: beside one
     * of them Ratis 3.3.0 ({@code SimpleStateMachineStorage.findLatestSnapshot}) finds no snapshot at all, and without its
     * beginning the log is of no use. Snapshots have checksums of their own.
     */
    static void mendSums(Path directory, String clusterName) throws IOException {
        for (SnapshotRepair.Snapshot snapshot : SnapshotRepair.list(directory)) {
            Path file = snapshot.file();
            try {
                var unused = MD5FileUtil.readStoredMd5ForFile(file.toFile());
            } catch (IOException e) {
                LOG.warn("{}; it is made anew if the snapshot is whole", e.getMessage());
                Files.delete(sum(file));
                if (SnapshotRepair.isWhole(file, clusterName)) {
                    var unused = saveSum(file);
                }
            }
        }
    }

    private void write(StateView view, Copy copy) {
        try {
            var unused = writeFile(view, copy.file);
        } catch (IOException | RuntimeException e) {
            copy.written.completeExceptionally(e);
        } finally {
            writing = false;
        }
        copy.written.complete(null);
    }

    /** Closes the view. */
    private long writeFile(StateView view, Path file) throws IOException {
        try (view;
                FileChannel channel = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)) {
            long size = SnapshotCodec.write(view, settings.clusterName(), out);
            out.flush();
            channel.force(true);
            return size;
        }
    }
}
