package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.wire.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole state as of one moment, in a file of its own, which is deleted when it was read. */
final class StateCopy {
    private static final Logger LOG = LoggerFactory.getLogger(StateCopy.class);
    private static final String PREFIX = "copy-";
    private static final String SUFFIX = ".tmp";
    private static final long TIMEOUT_MILLIS = 600_000;
    private static final long PAUSE_MILLIS = 100;
    private static final int CHUNK_BYTES = 64 << 10;

    private StateCopy() {}

    /**
     * Writes a copy that has all that was acknowledged before this call.
     *
     * @throws StoreException if it cannot be made
     */
    static Path make(RatisStore store, Path directory) {
        Path file = null;
        try {
            file = Files.createTempFile(directory, PREFIX, SUFFIX);
            var unused = store.execute(new Command.Tick()); // this replica has seen what was acknowledged
            CompletableFuture<Void> written = store.stateMachine().copy(file);
            long begun = System.nanoTime();
            do {
                unused = store.execute(new Command.Tick()); // the next entry begins it
            } while (!isDone(written, begun));
            return file;
        } catch (IOException | StoreException e) {
            delete(file);
            throw e instanceof StoreException known ? known : failed(directory, e);
        }
    }

    private static boolean isDone(CompletableFuture<Void> written, long begunNanos) throws IOException {
        try {
            var unused = written.get(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            if (System.nanoTime() - begunNanos > TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS)) {
                throw new StoreUnavailableException(
                        "no copy: it was not written in " + TIMEOUT_MILLIS / 60_000 + " min", e);
            }
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("no copy: interrupted", e);
        }
    }

    private static StoreUnavailableException failed(Path directory, Exception e) {
        return new StoreUnavailableException(
                "no copy: it cannot be written to " + directory + ": "
                        + e.getClass().getSimpleName() + ": " + e.getMessage(),
                e);
    }

    static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("the copy {} cannot be deleted: {}", file, e.toString());
        }
    }

    /** Deletes what a process that was killed left. */
    static void deleteLeftovers(Path directory) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
            for (Path leftover : found) {
                Files.delete(leftover);
            }
        }
    }

    /** Sends a copy as fast as the connection takes it. Returns at once. */
    static void stream(RatisStore store, Path directory, RpcService.Sink sink) {
        Sending sending = new Sending(sink);
        sink.onReady(sending::send);
        sink.onCancel(sending::end);
        RatisStore.daemon("concord-copy")
                .newThread(() -> sending.make(store, directory))
                .start();
    }

    private static final class Sending {
        private final RpcService.Sink sink;
        private @Nullable Path file;
        private @Nullable InputStream in;

        Sending(RpcService.Sink sink) {
            this.sink = sink;
        }

        void make(RatisStore store, Path directory) {
            try {
                begin(StateCopy.make(store, directory));
            } catch (StoreException e) {
                fail(e);
            } catch (IOException e) {
                fail(failed(directory, e));
            }
        }

        private synchronized void begin(Path made) throws IOException {
            file = made;
            if (sink.isCancelled()) {
                end();
            } else {
                in = Files.newInputStream(made);
                send();
            }
        }

        private void fail(StoreException failure) {
            sink.send(Forwarding.response(failure));
            sink.complete();
            end();
        }

        synchronized void send() {
            try {
                while (in != null && sink.isReady()) {
                    byte[] some = in.readNBytes(CHUNK_BYTES);
                    if (some.length > 0) {
                        sink.send(new Response.Chunk(Bytes.wrap(some)));
                    } else {
                        sink.complete();
                        end();
                    }
                }
            } catch (IOException e) {
                fail(new StoreUnavailableException("no copy: it cannot be read: " + e.getMessage(), e));
            }
        }

        synchronized void end() {
            try {
                if (in != null) {
                    in.close();
                }
            } catch (IOException e) {
                LOG.debug("a copy did not close cleanly", e);
            }
            in = null;
            delete(file);
            file = null;
        }
    }
}
