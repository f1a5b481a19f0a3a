package io.concordcache.raft.ratis;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.server.storage.RaftStorageMetadataFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of the term and the vote, which stays as it was when the next one cannot be written. Ratis 3.3.0 moves what it
 * could write over it, be it nothing ({@code AtomicFileOutputStream.close} after a write that failed), and the member would
 * be refused at its next start. There is no way to give it another file, so it is put into a field; where that cannot be
 * done, all works as before.
 */
final class VoteFile implements RaftStorageMetadataFile {
    private static final Logger LOG = LoggerFactory.getLogger(VoteFile.class);

    private final RaftStorageMetadataFile ratis;
    private final Path file;
    private final Path kept;

    private VoteFile(RaftStorageMetadataFile ratis, Path file) {
        this.ratis = ratis;
        this.file = file;
        this.kept = file.resolveSibling(file.getFileName() + ".kept");
    }

    /** Guards the file of this storage. */
    static void guard(RaftStorage storage) {
        try {
            Field holder = storage.getClass().getDeclaredField("metaFile");
            holder.setAccessible(true);
            Object meta = holder.get(storage);
            Field reference = meta.getClass().getDeclaredField("ref");
            reference.setAccessible(true);
            @SuppressWarnings("unchecked") // its only use is as this interface
            AtomicReference<RaftStorageMetadataFile> ref =
                    (AtomicReference<RaftStorageMetadataFile>) reference.get(meta);
            Path file = storage.getStorageDir().getCurrentDir().toPath().resolve("raft-meta");
            ref.updateAndGet(ratis -> ratis instanceof VoteFile ? ratis : new VoteFile(ratis, file));
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn("this version of Ratis may lose the file of its vote when the disk fails", e);
        }
    }

    @Override
    public RaftStorageMetadata getMetadata() throws IOException {
        return ratis.getMetadata();
    }

    @Override
    public synchronized void persist(RaftStorageMetadata next) throws IOException {
        if (next.equals(ratis.getMetadata())) {
            return;
        }
        Files.copy(file, kept, StandardCopyOption.REPLACE_EXISTING);
        try {
            ratis.persist(next);
        } catch (IOException | RuntimeException e) {
            Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE);
            throw e;
        }
        Files.delete(kept);
    }
}
