package io.concordcache.raft.backup;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Stamp;
import io.concordcache.raft.core.StateView;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.wire.CorruptDataException;
import io.concordcache.raft.wire.SnapshotCodec;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/**
 * All caches of a store as of one moment, in one file: a {@link SnapshotCodec snapshot}, which has a version and a SHA-256,
 * compressed by gzip (RFC 1952). It names caches and keys, never files.
 */
public final class Backup {
    private static final int BUFFER = 1 << 16;
    private static final int BATCH_ENTRIES = 1_000;
    private static final int BATCH_BYTES = 1 << 20;
    /** Caches of a Hibernate session factory: what they hold may be old by the time it is restored. */
    private static final String OF_DATABASES = "hibernate:";

    private Backup() {}

    /**
     * What a backup holds.
     *
     * @param cluster the name of the cluster that it was taken of
     * @param takenAtMillis by the replicated clock, in milliseconds since the epoch
     * @param entries by cache, in the order of the names
     */
    public record Contents(String cluster, long takenAtMillis, Map<String, Long> entries) {
        public Contents {
            entries = new TreeMap<>(entries);
        }

        public long totalEntries() {
            return entries.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * What was restored.
     *
     * @param expired entries whose time was over
     * @param leftOut caches that were not restored, because they hold copies of what is in a database
     */
    public record Restored(int caches, long entries, long expired, List<String> leftOut) {
        public Restored {
            leftOut = List.copyOf(leftOut);
        }
    }

    /**
     * Writes a backup and reads it again to see that it is whole. The file appears only then.
     *
     * @param progress told how many bytes were written so far, before compression
     * @throws BackupException if the file exists or cannot be written
     * @throws StoreException if the store cannot be read
     */
    public static Contents take(CacheStore store, Path file, LongConsumer progress) {
        if (Files.exists(file)) {
            throw new BackupException(file + " exists already; choose another name or remove it", null);
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            write(store, part, progress);
            Contents contents = check(part);
            move(part, file);
            return contents;
        } catch (IOException e) {
            throw new BackupException("the backup cannot be written to " + file + ": " + reason(e), e);
        } finally {
            deleteQuietly(part);
        }
    }

    private static void write(CacheStore store, Path part, LongConsumer progress) throws IOException {
        Files.deleteIfExists(part); // if it is a link, what it points at stays as it is
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            OutputStream buffered = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
            GZIPOutputStream zipped = new GZIPOutputStream(buffered, BUFFER);
            store.copyTo(new Counting(zipped, progress));
            zipped.finish();
            buffered.flush();
            channel.force(true);
        }
    }

    private static void move(Path part, Path file) throws IOException {
        try {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, file);
        }
    }

    private static void deleteQuietly(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            // it says by its name that it is not whole
        }
    }

    private static final class Counting extends FilterOutputStream {
        private final LongConsumer progress;
        private long count;

        Counting(OutputStream out, LongConsumer progress) {
            super(out);
            this.progress = progress;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            count += length;
            progress.accept(count);
        }
    }

    /**
     * Reads a backup through, without trusting anything in it.
     *
     * @throws BackupException if it is none, is damaged or cut off, or of another format version
     */
    public static Contents check(Path file) {
        Map<Long, String> names = new HashMap<>();
        Map<String, Long> entries = new HashMap<>();
        SnapshotCodec.Origin origin = read(file, new Caches() {
            @Override
            public void cache(CacheInfo info) {
                names.put(info.id(), info.definition().name());
                entries.put(info.definition().name(), 0L);
            }

            @Override
            public void entry(long cacheId, Bytes key, Entry entry) {
                String name = names.get(cacheId);
                if (name == null) {
                    throw new CorruptDataException("an entry of no cache");
                }
                entries.merge(name, 1L, Long::sum);
            }
        });
        return new Contents(origin.cluster(), Stamp.millis(origin.lastStamp()), entries);
    }

    /**
     * Makes the caches of a backup and fills them. Entries keep the moment at which they expire, but not their versions;
     * what belongs to callers, as locks, is not restored. Others may use the store meanwhile, and see the caches fill.
     *
     * @param progress told how many entries were restored so far
     * @throws BackupException if the file is no whole backup, or one of its caches exists in the store: nothing was changed
     *     then; or if the store fails while it is filled
     */
    public static Restored restore(CacheStore store, Path file, LongConsumer progress) {
        Contents contents = check(file);
        List<String> existing = store.caches().stream()
                .map(info -> info.definition().name())
                .filter(contents.entries::containsKey)
                .filter(name -> !name.startsWith(OF_DATABASES))
                .sorted()
                .toList();
        if (!existing.isEmpty()) {
            throw new BackupException(
                    "nothing was restored from " + file + ": the cluster has a cache '" + existing.get(0) + "' already"
                            + (existing.size() == 1 ? "" : " (and " + (existing.size() - 1) + " more of the backup)")
                            + "; restore into a new cluster, or destroy what is to be replaced",
                    null);
        }
        Filling filling = new Filling(store, progress);
        try {
            var unused = read(file, filling);
            filling.send();
        } catch (StoreException e) {
            throw new BackupException(
                    "only " + filling.entries + " of " + contents.totalEntries() + " entries were restored from " + file
                            + ": " + e.getMessage() + "; destroy the caches of the backup and try again",
                    e);
        }
        return new Restored(filling.ids.size(), filling.entries, filling.expired, filling.leftOut);
    }

    private static SnapshotCodec.Origin read(Path file, Caches visitor) {
        try (InputStream in =
                new BufferedInputStream(new GZIPInputStream(Files.newInputStream(file), BUFFER), BUFFER)) {
            return SnapshotCodec.read(in, visitor);
        } catch (EOFException e) {
            throw new BackupException(file + " is cut off; it cannot be restored", e);
        } catch (ZipException e) {
            throw new BackupException(file + " is no backup, or damaged: " + e.getMessage(), e);
        } catch (CorruptDataException | IllegalArgumentException e) {
            throw new BackupException(file + " is no whole backup: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new BackupException("the backup " + file + " cannot be read: " + reason(e), e);
        }
    }

    /** What a backup is read for. */
    private abstract static class Caches implements StateView.Visitor<RuntimeException> {
        @Override
        public void session(ClientId client, long acknowledged, long usedAtMillis) {}

        @Override
        public void outcomes(ClientId client, long sequence, List<List<Outcome>> outcomes) {}

        @Override
        public void lease(String holder, long millis) {}

        @Override
        public void transferPart(long id, int count, long deadlineMillis, Bytes content) {}

        @Override
        public void lock(long cacheId, Bytes key, long token, long deadlineMillis) {}
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private static final class Filling extends Caches {
        private final CacheStore store;
        private final LongConsumer progress;
        private final long nowMillis;
        /** Of the caches in the store, by those in the backup. */
        private final Map<Long, Long> ids = new HashMap<>();

        private final List<String> leftOut = new ArrayList<>();
        private final List<Command.Write> batch = new ArrayList<>();
        private int batchBytes;
        private long entries;
        private long expired;

        Filling(CacheStore store, LongConsumer progress) {
            this.store = store;
            this.progress = progress;
            this.nowMillis = store.nowMillis();
        }

        @Override
        public void cache(CacheInfo info) {
            send();
            if (info.definition().name().startsWith(OF_DATABASES)) {
                leftOut.add(info.definition().name());
            } else {
                Outcome made = store.execute(new Command.CreateCache(info.definition()));
                ids.put(info.id(), made.afterVersion());
            }
        }

        @Override
        public void entry(long cacheId, Bytes key, Entry entry) {
            Long id = ids.get(cacheId);
            if (id == null) {
                return;
            }
            boolean isEternal = entry.expiresAtMillis() == Expiry.NEVER;
            long millisLeft = entry.expiresAtMillis() - nowMillis;
            if (!isEternal && millisLeft <= 0) {
                expired++;
                return;
            }
            Expiry expiry = isEternal ? Expiry.ETERNAL : Expiry.after(millisLeft);
            batch.add(new Command.Write(id, key, Condition.ANY, new Mutation.Put(entry.value(), expiry)));
            batchBytes += key.length() + entry.value().length();
            if (batch.size() == BATCH_ENTRIES || batchBytes >= BATCH_BYTES) {
                send();
            }
        }

        void send() {
            if (!batch.isEmpty()) {
                var unused = store.executeAll(new Command.Batch(batch.get(0).cacheId(), batch));
                entries += batch.size();
                batch.clear();
                batchBytes = 0;
                progress.accept(entries);
            }
        }
    }
}
