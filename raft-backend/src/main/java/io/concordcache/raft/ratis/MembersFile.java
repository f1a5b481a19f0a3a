package io.concordcache.raft.ratis;

import io.concordcache.raft.access.SeldomLog;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in which Ratis keeps who the members are, and a copy. When the next list cannot be written Ratis 3.3.0 moves what
 * it could write over the file, be it nothing ({@code AtomicFileOutputStream.close} after a write that failed), and goes on;
 * the member would be refused at its next start. Then the copy takes its place: it tells up to where in the log no newer
 * list was committed, and is renewed before the log may forget what comes after, so the log has each newer one. Thread-safe.
 */
final class MembersFile {
    private static final Logger LOG = LoggerFactory.getLogger(MembersFile.class);
    private static final SeldomLog FAILED = new SeldomLog(LOG);
    private static final int HEAD_BYTES = Long.BYTES + Integer.BYTES;

    private final Path file;
    private final Path copy;
    /** Committed since the start; null for none. */
    private @Nullable LogEntryProto newest;

    private boolean isKnown = true;
    private long forgettable = RaftLog.INVALID_LOG_INDEX;

    /** @param current the directory of the log */
    MembersFile(Path current) {
        file = current.resolve("raft-meta.conf");
        copy = current.resolve("raft-meta.conf.kept");
    }

    private record Copy(long upTo, LogEntryProto members) {}

    /** Null if it is missing or damaged. */
    private static @Nullable LogEntryProto read(Path file) throws IOException {
        try {
            LogEntryProto read = LogEntryProto.parseFrom(Files.readAllBytes(file));
            return read.hasConfigurationEntry() ? read : null;
        } catch (NoSuchFileException | InvalidProtocolBufferException e) {
            return null;
        }
    }

    private @Nullable Copy readCopy() throws IOException {
        try {
            ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(copy));
            long upTo = content.getLong();
            int sum = content.getInt();
            return sum == sum(upTo, content) ? new Copy(upTo, LogEntryProto.parseFrom(content)) : null;
        } catch (NoSuchFileException | BufferUnderflowException | InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static int sum(long upTo, ByteBuffer members) {
        CRC32C sum = new CRC32C();
        sum.update(ByteBuffer.allocate(Long.BYTES).putLong(upTo).flip());
        sum.update(members.duplicate());
        return (int) sum.getValue();
    }

    /**
     * Puts the copy in place of a file that is missing or damaged, if the log goes on where the copy ends.
     *
     * @param from the first entry that the log has, or would have
     */
    void restore(long from) throws IOException {
        if (read(file) != null) {
            return;
        }
        Copy kept = readCopy();
        if (kept != null && from <= kept.upTo + 1) {
            write(file, ByteBuffer.wrap(kept.members.toByteArray()));
            LOG.warn("the file {}, which names the members, was damaged; its copy took its place", file);
        }
    }

    // While the member runs

    /** Renews the copy at the start of a member, which has checked the file. */
    synchronized void started(long snapshotIndex) {
        forgettable = snapshotIndex;
        keep(RaftLog.INVALID_LOG_INDEX);
    }

    /** A newer list was committed, and Ratis has written it to the file, or has not. */
    synchronized void changed(LogEntryProto members) {
        newest = members;
        isKnown = true;
        keep(members.getIndex());
    }

    /** A snapshot of the leader took the place of the log; perhaps there is a newer list, of which {@link #changed} tells. */
    synchronized void replaced() {
        isKnown = false;
    }

    /** Up to where the log may be dropped, of which a snapshot has all up to an index. */
    synchronized long forgettable(long snapshotIndex) {
        if (snapshotIndex > forgettable && (!isKnown || keep(snapshotIndex))) {
            forgettable = snapshotIndex;
        }
        return forgettable;
    }

    /** Writes the file anew if it is not what it should be, and renews the copy, up to an entry; false if it cannot. */
    private boolean keep(long upTo) {
        try {
            LogEntryProto there = read(file);
            if (newest != null && (there == null || there.getIndex() < newest.getIndex())) {
                write(file, ByteBuffer.wrap(newest.toByteArray()));
                there = newest;
            }
            if (there == null) {
                return false; // there is none yet
            }
            byte[] members = there.toByteArray();
            long covered = Math.max(upTo, there.getIndex());
            ByteBuffer content = ByteBuffer.allocate(HEAD_BYTES + members.length)
                    .putLong(covered)
                    .putInt(sum(covered, ByteBuffer.wrap(members)))
                    .put(members)
                    .flip();
            if (!Files.exists(copy) || !Arrays.equals(Files.readAllBytes(copy), content.array())) {
                write(copy, content);
            }
            return true;
        } catch (IOException e) {
            FAILED.warn(
                    "who the members are cannot be written to {} ({}); the log grows until it can", copy, e.toString());
            return false;
        }
    }

    private static void write(Path target, ByteBuffer content) throws IOException {
        Path temporary = target.resolveSibling(target.getFileName() + ".next");
        try (FileChannel out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (content.hasRemaining()) {
                var unused = out.write(content);
            }
            out.force(true);
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }
}
