package io.concordcache.raft.ratis;

import io.concordcache.raft.store.StartException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of a member, locked against every other process. A temporary one goes with the store, at the latest when
 * the JVM ends; what a killed process left behind is removed by the next that starts.
 */
final class StoreDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreDirectory.class);
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long MIN_SHARED_MEMORY = 512L << 20;
    private static final String LOCK_FILE = "concord.lock";
    private static final String TEMPORARY_PREFIX = "concord-memory-";
    private static final String LOG_PREFIX = "log_";
    private static final String SNAPSHOT_PREFIX = "snapshot.";

    /** Bytes of the files of Ratis. */
    record Sizes(long log, long snapshots) {}

    private final Path path;
    private final FileChannel channel;
    private final @Nullable Thread removeAtExit;

    private StoreDirectory(Path path, FileChannel channel, boolean temporary) {
        this.path = path;
        this.channel = channel;
        this.removeAtExit = temporary ? new Thread(this::delete, "concord-remove-temporary") : null;
    }

    Path path() {
        return path;
    }

    /** How much lies here now. */
    Sizes sizes() {
        AtomicLong log = new AtomicLong();
        AtomicLong snapshots = new AtomicLong();
        try {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    String name = file.getFileName().toString();
                    if (name.startsWith(LOG_PREFIX)) {
                        log.addAndGet(attributes.size());
                    } else if (name.startsWith(SNAPSHOT_PREFIX)) {
                        snapshots.addAndGet(attributes.size());
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // gone meanwhile
                }
            });
        } catch (IOException e) {
            LOG.debug("cannot look into {}", path, e);
        }
        return new Sizes(log.get(), snapshots.get());
    }

    /** The directory of a durable store, made if need be. */
    static StoreDirectory open(Path path) {
        try {
            Files.createDirectories(path);
        } catch (FileAlreadyExistsException e) {
            throw new StartException("the directory " + path + " cannot be used: a file stands in its place", e);
        } catch (IOException e) {
            throw new StartException("the directory " + path + " cannot be made: " + reason(e), e);
        }
        try {
            FileChannel channel = lock(path);
            if (channel == null) {
                throw new StartException("the directory " + path + " is in use by another store (" + holder(path)
                        + "); give each its own, or end that one first");
            }
            StateCopy.deleteLeftovers(path);
            return new StoreDirectory(path, channel, false);
        } catch (IOException e) {
            throw new StartException("the directory " + path + " cannot be written: " + reason(e), e);
        }
    }

    /** A new directory for a store that keeps nothing: in shared memory if there is enough, else a temporary one. */
    static StoreDirectory temporary() {
        Path parent = enoughSharedMemory() ? SHARED_MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
        try {
            removeLeftovers(parent);
            Path path = Files.createTempDirectory(parent, TEMPORARY_PREFIX);
            FileChannel channel = lock(path);
            if (channel == null) {
                throw new StartException("the new directory " + path + " is locked already");
            }
            StoreDirectory directory = new StoreDirectory(path, channel, true);
            Runtime.getRuntime().addShutdownHook(directory.removeAtExit);
            return directory;
        } catch (IOException e) {
            throw new StartException("no temporary directory can be made in " + parent + ": " + reason(e), e);
        }
    }

    private static boolean enoughSharedMemory() {
        try {
            return Files.isWritable(SHARED_MEMORY)
                    && Files.getFileStore(SHARED_MEMORY).getUsableSpace() >= MIN_SHARED_MEMORY;
        } catch (IOException e) {
            return false;
        }
    }

    private static void removeLeftovers(Path parent) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, TEMPORARY_PREFIX + "*")) {
            for (Path leftover : found) {
                // One without a lock file is being made at this moment by somebody else.
                if (Files.isWritable(leftover) && Files.exists(leftover.resolve(LOCK_FILE))) {
                    removeUnlessLocked(leftover);
                }
            }
        }
    }

    private static void removeUnlessLocked(Path leftover) {
        try (FileChannel held = lock(leftover)) {
            if (held != null) {
                LOG.info("removing what an ended process left in {}", leftover);
                deleteTree(leftover);
            }
        } catch (IOException e) {
            LOG.debug("cannot remove {}", leftover, e);
        }
    }

    /** The locked channel, null if somebody else has it. */
    private static @Nullable FileChannel lock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(LOCK_FILE),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.READ);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            LOG.debug("{} is locked by this process", directory, e);
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            return null;
        }
        channel.truncate(0);
        String holder = "process " + ProcessHandle.current().pid();
        channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)));
        return channel;
    }

    private static String holder(Path directory) {
        try {
            return Files.readString(directory.resolve(LOCK_FILE));
        } catch (IOException e) {
            return "a process";
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    @Override
    public void close() {
        if (removeAtExit != null) {
            delete();
            try {
                Runtime.getRuntime().removeShutdownHook(removeAtExit);
            } catch (IllegalStateException e) {
                LOG.debug("the JVM is ending already", e);
            }
            return;
        }
        unlock();
    }

    private void delete() {
        try {
            deleteTree(path);
        } catch (IOException e) {
            LOG.warn("the temporary directory {} cannot be removed: {}", path, reason(e));
        }
        unlock();
    }

    private void unlock() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("the lock of {} cannot be given back: {}", path, reason(e));
        }
    }

    private static void deleteTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // gone meanwhile
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
