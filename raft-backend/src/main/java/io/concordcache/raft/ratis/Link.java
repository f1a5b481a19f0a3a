package io.concordcache.raft.ratis;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that carries frames both ways. Whoever sends writes to the socket itself, without a hop to another thread;
 * while one thread writes, frames of others queue and leave with its next write. One thread reads.
 *
 * <p>A frame is its length after this field (4 bytes), a {@link Kind} (1), an id (8) that the answer repeats, a body. The
 * side that connected first sends {@link #MAGIC}.
 */
final class Link implements Closeable {
    /** What a connection starts with that is no HTTP/2. */
    static final byte[] MAGIC = {'C', 'N', 'C', 1};

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final int HEAD_BYTES = 13;
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int CONNECT_MILLIS = 500;
    /** A link that takes no byte for so long is given up, so that who sends is not held for longer. */
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long WATCH_MILLIS = 500;

    /** What a frame carries. The order is part of the protocol. */
    enum Kind {
        APPEND_ENTRIES,
        APPEND_ENTRIES_REPLY,
        INSTALL_SNAPSHOT,
        INSTALL_SNAPSHOT_REPLY,
        CALL,
        ANSWER,
        /** An answer that says in words what went wrong. */
        FAILURE;

        private static final Kind[] ALL = values();
    }

    /** Hears what comes; called by the thread that reads. */
    interface Receiver {
        void received(Kind kind, long id, ByteBuffer body) throws IOException;

        /** Nothing comes any more, once. */
        void closed();
    }

    private record Frame(Kind kind, long id, ByteBuffer body) {}

    private final Socket socket;
    private final OutputStream out;
    private final Queue<Frame> waiting = new ArrayDeque<>();
    private final ReentrantLock writing = new ReentrantLock();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final Future<?> watch;
    /** Since when the socket takes nothing, while a thread writes; 0 while none does. */
    private volatile long stuckSince;

    private volatile boolean closed;

    private Link(Socket socket, ScheduledExecutorService timer) throws IOException {
        this.socket = socket;
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        socket.setKeepAlive(true);
        out = socket.getOutputStream();
        watch = timer.scheduleWithFixedDelay(this::look, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        long since = stuckSince;
        if (since != 0 && System.nanoTime() - since > STUCK_NANOS) {
            LOG.debug("{} reads nothing; the connection is given up", socket.getRemoteSocketAddress());
            close();
        }
    }

    /**
     * Connects within half a second and starts to read.
     *
     * @param timer must not be blocked
     */
    static Link connect(InetSocketAddress address, String threadName, ScheduledExecutorService timer, Receiver receiver)
            throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address.getHostString(), address.getPort()), CONNECT_MILLIS);
            Link link = new Link(socket, timer);
            link.out.write(MAGIC);
            link.read(threadName, receiver);
            return link;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Serves a connection that another side made, of which {@link #MAGIC} was read. */
    static Link serve(
            Socket socket, String threadName, ScheduledExecutorService timer, Function<Link, Receiver> receiver)
            throws IOException {
        Link link = new Link(socket, timer);
        link.read(threadName, receiver.apply(link));
        return link;
    }

    private void read(String threadName, Receiver receiver) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
        RatisStore.daemon(threadName).newThread(() -> read(in, receiver)).start();
    }

    private void read(DataInputStream in, Receiver receiver) {
        try {
            while (!closed) {
                int length = in.readInt() - (HEAD_BYTES - Integer.BYTES);
                int kind = in.readByte();
                if (length < 0 || length > Rpc.MAX_MESSAGE_BYTES || kind < 0 || kind >= Kind.ALL.length) {
                    throw new IOException("a frame of kind " + kind + " with " + length + " bytes");
                }
                long id = in.readLong();
                byte[] body = in.readNBytes(length);
                if (body.length < length) {
                    break;
                }
                receiver.received(Kind.ALL[kind], id, ByteBuffer.wrap(body));
            }
        } catch (java.io.EOFException | java.net.SocketException e) {
            LOG.debug("the connection with {} ended: {}", socket.getRemoteSocketAddress(), e.getMessage());
        } catch (IOException | RuntimeException e) {
            LOG.warn("the connection with {} is given up: {}", socket.getRemoteSocketAddress(), e.toString());
        } finally {
            close();
            receiver.closed();
        }
    }

    /**
     * Sends a frame, or leaves it to the thread that is sending just now. May wait for the other side to read.
     *
     * @return false if the link is closed and the frame was surely not sent
     * @throws IOException if the link breaks; whether a frame arrives is unknown until it is answered
     */
    boolean send(Kind kind, long id, ByteBuffer body) throws IOException {
        synchronized (waiting) {
            if (closed) {
                return false;
            }
            waiting.add(new Frame(kind, id, body));
        }
        while (hasWaiting() && writing.tryLock()) {
            try {
                write();
            } catch (IOException | RuntimeException e) {
                close();
                throw e;
            } finally {
                writing.unlock();
            }
        }
        return true;
    }

    private boolean hasWaiting() {
        synchronized (waiting) {
            return !waiting.isEmpty();
        }
    }

    private @Nullable Frame next() {
        synchronized (waiting) {
            return waiting.poll();
        }
    }

    @SuppressWarnings("EnumOrdinal") // the order is part of the protocol
    private void write() throws IOException {
        for (Frame frame = next(); frame != null; frame = next()) {
            ByteBuffer body = frame.body;
            if (buffer.remaining() < HEAD_BYTES) {
                flush();
            }
            buffer.putInt(HEAD_BYTES - Integer.BYTES + body.remaining())
                    .put((byte) frame.kind.ordinal())
                    .putLong(frame.id);
            if (body.remaining() <= buffer.remaining()) {
                buffer.put(body.duplicate());
            } else {
                flush();
                write(body.array(), body.arrayOffset() + body.position(), body.remaining());
            }
        }
        flush();
    }

    private void flush() throws IOException {
        write(buffer.array(), 0, buffer.position());
        buffer.clear();
    }

    private void write(byte[] bytes, int from, int length) throws IOException {
        try {
            for (int done = 0; done < length; done += BUFFER_BYTES) {
                stuckSince = System.nanoTime() | 1;
                out.write(bytes, from + done, Math.min(BUFFER_BYTES, length - done));
            }
        } finally {
            stuckSince = 0;
        }
    }

    boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        synchronized (waiting) {
            closed = true;
            waiting.clear();
        }
        watch.cancel(false);
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("a connection did not close cleanly", e);
        }
    }
}
