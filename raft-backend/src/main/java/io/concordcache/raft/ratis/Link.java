package io.concordcache.raft.ratis;

import io.concordcache.raft.access.Escaped;
import io.concordcache.raft.access.SeldomLog;
import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.marshal.MarshalException;
import io.concordcache.raft.tls.Tls;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that carries frames both ways. Whoever sends writes to the socket itself, without a hop to another thread;
 * while one thread writes, frames of others queue and leave with its next write. One thread reads.
 *
 * <p>A frame is its length after this field (4 bytes), a {@link Kind} (1), an id (8) that the answer repeats, a body. The
 * side that connected first sends {@link #MAGIC}, or {@link #MAGIC_TLS}, and then all goes through TLS.
 *
 * <p>That side may ask for compression. When the other has agreed, both compress bodies that are worth it, and say so by a
 * bit of the kind; see {@link LinkCompression}.
 */
final class Link implements Closeable {
    /** What a connection starts with that is no HTTP/2. */
    static final byte[] MAGIC = {'C', 'N', 'C', 1};

    /** What one over TLS starts with, before the handshake; the other side says the same after it, inside. */
    static final byte[] MAGIC_TLS = {'C', 'N', 'C', 2};

    /** Of a {@link Kind#FAILURE} that refuses the connection, not a request. */
    static final long REFUSAL = -1;

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final int HEAD_BYTES = 13;
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int CONNECT_MILLIS = 500;
    /** For the handshake of TLS, at either side. */
    static final int HANDSHAKE_MILLIS = 2000;

    /** A link that takes no byte for so long is given up, so that who sends is not held for longer. */
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long WATCH_MILLIS = 500;
    /** A frame must be there whole after so long, and as much longer as its length takes at {@link #SLOWEST}. */
    private static final long FRAME_MILLIS = 3000;
    /** Bytes in a millisecond. */
    private static final int SLOWEST = 64;

    private static final long DRAIN_MILLIS = 1000;
    private static final SeldomLog GIVEN_UP = new SeldomLog(LOG);
    /** Bits of the kind of a frame that say how its body is compressed. */
    private static final int LZ4_BIT = 0x20;

    private static final int ZSTD_BIT = 0x40;
    private static final int KIND_BITS = LZ4_BIT - 1;

    /**
     * What a frame carries. The order is part of the protocol, and whoever gets one that it does not know ends the connection;
     * so what is new between members and clients is a {@link io.concordcache.raft.wire.Request}, which is refused alone.
     */
    enum Kind {
        APPEND_ENTRIES,
        APPEND_ENTRIES_REPLY,
        INSTALL_SNAPSHOT,
        INSTALL_SNAPSHOT_REPLY,
        CALL,
        ANSWER,
        /** An answer that says in words what went wrong. */
        FAILURE,
        /** Asks for compression: the bit for it, as in a kind. Of the link itself, as the next. */
        COMPRESS,
        /** The bit that was asked for, or zero and in words why not. */
        COMPRESS_REPLY;

        private static final Kind[] ALL = values();
    }

    /** Hears what comes; called by the thread that reads. */
    interface Receiver {
        void received(Kind kind, long id, ByteBuffer body) throws IOException;

        /** Nothing comes any more, once. */
        void closed();
    }

    private record Frame(Kind kind, Compression how, long id, ByteBuffer body) {}

    private final Socket socket;
    private final java.io.InputStream in;
    private final LinkCompression compression;
    /** What both sides have agreed on; completes once if this side has asked. */
    private final CompletableFuture<Compression> agreed = new CompletableFuture<>();

    private volatile Compression how = Compression.OFF;
    private final OutputStream out;
    private final Queue<Frame> waiting = new ArrayDeque<>();
    private final ReentrantLock writing = new ReentrantLock();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final Future<?> watch;
    /** Since when the socket takes nothing, while a thread writes; 0 while none does. */
    private volatile long stuckSince;

    /** Of the thread that reads. */
    private long frameCount;
    /** How many frames have begun to come. */
    private volatile long begun;
    /** How many of them are whole. */
    private volatile long whole;
    /** Of the frame that comes, what it says; 0 before it is known. */
    private volatile int coming;
    /** Of the thread that watches: as it was at the last look, and for how many looks. */
    private long begunBefore;

    private long looks;

    private volatile boolean closed;
    private volatile @Nullable IOException failure;

    /** @param through what to read and write: the socket, or TLS on it */
    private Link(Socket socket, Socket through, ScheduledExecutorService timer, LinkCompression compression)
            throws IOException {
        this.socket = socket;
        this.compression = compression;
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        socket.setKeepAlive(true);
        in = through.getInputStream();
        out = through.getOutputStream();
        watch = timer.scheduleWithFixedDelay(this::look, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        long since = stuckSince;
        if (since != 0 && System.nanoTime() - since > STUCK_NANOS) {
            LOG.debug("{} reads nothing; the connection is given up", socket.getRemoteSocketAddress());
            close();
        }
        lookForHalves();
    }

    /** Who sends half a frame must not hold a thread and memory for ever; who sends nothing may. */
    private void lookForHalves() {
        long now = begun;
        looks = now == begunBefore && whole != now ? looks + 1 : 0;
        begunBefore = now;
        if (looks * WATCH_MILLIS >= FRAME_MILLIS + coming / SLOWEST) {
            GIVEN_UP.warn(
                    "the connection with {} is given up: half a frame of {} bytes came",
                    socket.getRemoteSocketAddress(),
                    coming);
            close();
        }
    }

    /**
     * Connects within half a second and starts to read.
     *
     * @param timer must not be blocked
     * @param compression asked for if it wants any
     * @param tls null to connect without
     * @throws RefusedLinkException if the other side is reached, but TLS fails
     */
    static Link connect(
            InetSocketAddress address,
            String threadName,
            ScheduledExecutorService timer,
            LinkCompression compression,
            @Nullable Tls tls,
            Receiver receiver)
            throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address.getHostString(), address.getPort()), CONNECT_MILLIS);
            Link link =
                    new Link(socket, tls == null ? start(socket) : secure(socket, address, tls), timer, compression);
            link.read(threadName, receiver);
            link.ask();
            return link;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static Socket start(Socket socket) throws IOException {
        socket.getOutputStream().write(MAGIC);
        return socket;
    }

    private static Socket secure(Socket socket, InetSocketAddress address, Tls tls) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(HANDSHAKE_MILLIS);
        socket.getOutputStream().write(MAGIC_TLS);
        try {
            Socket secured = tls.connect(socket, address.getHostString(), address.getPort());
            // Only now is it known that the other side has accepted our certificate.
            if (!Arrays.equals(secured.getInputStream().readNBytes(MAGIC_TLS.length), MAGIC_TLS)) {
                throw new IOException("the connection ended");
            }
            socket.setSoTimeout(0);
            return secured;
        } catch (IOException e) {
            String problem = "TLS with " + address.getHostString() + ":" + address.getPort() + " failed: "
                    + e.getMessage() + "; check that both sides use TLS, that each trusts the certificate of the other"
                    + " (tls.trust), that none has expired, and that the member's is for this host";
            boolean cutOff = !(e instanceof SSLException) || e.getCause() instanceof EOFException;
            throw cutOff ? new IOException(problem, e) : new RefusedLinkException(problem, e);
        }
    }

    /**
     * Serves a connection that another side made, of which the first bytes were read; compresses as that side asks.
     *
     * @param through the socket itself, or TLS on it
     */
    static Link serve(
            Socket socket,
            Socket through,
            String threadName,
            ScheduledExecutorService timer,
            LinkCompression compression,
            Function<Link, Receiver> receiver)
            throws IOException {
        Link link = new Link(socket, through, timer, compression);
        link.read(threadName, receiver.apply(link));
        return link;
    }

    private void ask() throws IOException {
        if (compression.wanted() != Compression.OFF) {
            var unused = send(Kind.COMPRESS, 0, ByteBuffer.wrap(new byte[] {(byte) bit(compression.wanted())}));
        }
    }

    private static int bit(Compression how) {
        return switch (how) {
            case OFF -> 0;
            case LZ4 -> LZ4_BIT;
            case ZSTD -> ZSTD_BIT;
        };
    }

    /** Null for bits that mean nothing. */
    private static @Nullable Compression ofBit(int bit) {
        return switch (bit) {
            case 0 -> Compression.OFF;
            case LZ4_BIT -> Compression.LZ4;
            case ZSTD_BIT -> Compression.ZSTD;
            default -> null;
        };
    }

    /** The other side asks for compression. */
    private void asked(ByteBuffer body) throws IOException {
        Compression wanted = body.hasRemaining() ? ofBit(body.get()) : null;
        String problem = wanted == null ? "it does not know this compression; update it" : null;
        if (wanted != null) {
            try {
                wanted.requireLibrary();
            } catch (MarshalException e) {
                problem = e.getMessage();
            }
        }
        byte[] words = problem == null ? new byte[0] : problem.getBytes(StandardCharsets.UTF_8);
        Compression given = wanted == null || problem != null ? Compression.OFF : wanted;
        var unused = send(
                Kind.COMPRESS_REPLY,
                0,
                ByteBuffer.allocate(1 + words.length)
                        .put((byte) bit(given))
                        .put(words)
                        .flip());
        how = given;
    }

    private void replied(ByteBuffer body) throws IOException {
        Compression given = body.hasRemaining() ? ofBit(body.get()) : null;
        if (given == null || (given != Compression.OFF && given != compression.wanted())) {
            throw new IOException("an answer that fits to no compression");
        }
        if (given == Compression.OFF) {
            compression.refused(
                    String.valueOf(socket.getRemoteSocketAddress()),
                    StandardCharsets.UTF_8.decode(body).toString());
        }
        how = given;
        agreed.complete(given);
    }

    /** Waits, for so long at most, until the other side has said whether it agrees, if it was asked. */
    void awaitCompression(long millis) {
        if (compression.wanted() != Compression.OFF) {
            try {
                var unused = agreed.get(millis, TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException e) {
                LOG.debug("{} does not say whether it takes compressed frames", socket.getRemoteSocketAddress(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void read(String threadName, Receiver receiver) {
        DataInputStream frames = new DataInputStream(new BufferedInputStream(in, BUFFER_BYTES));
        RatisStore.daemon(threadName).newThread(() -> read(frames, receiver)).start();
    }

    private void read(DataInputStream frames, Receiver receiver) {
        try {
            while (!closed && readFrame(frames, receiver)) {
                // and the next
            }
        } catch (EOFException | java.net.SocketException e) {
            LOG.debug("the connection with {} ended: {}", socket.getRemoteSocketAddress(), e.getMessage());
        } catch (IOException | RuntimeException e) {
            if (closed) {
                LOG.debug("the connection with {} was closed", socket.getRemoteSocketAddress(), e);
            } else {
                GIVEN_UP.warn(
                        "the connection with {} is given up: {}",
                        socket.getRemoteSocketAddress(),
                        Escaped.of(e.toString()));
            }
        } finally {
            close();
            receiver.closed();
        }
    }

    /** Reads a frame and hands it on; false if it is cut off. */
    private boolean readFrame(DataInputStream frames, Receiver receiver) throws IOException {
        int first = frames.read();
        if (first < 0) {
            return false;
        }
        coming = 0;
        begun = ++frameCount;
        int said = (first << 24) | (frames.readUnsignedByte() << 16) | frames.readUnsignedShort();
        int head = frames.readByte();
        int length = said - (HEAD_BYTES - Integer.BYTES);
        int kind = head & KIND_BITS;
        Compression packed = ofBit(head & ~KIND_BITS);
        if (length < 0 || length > Rpc.MAX_MESSAGE_BYTES) {
            throw refused("TOO_LARGE: a frame that says it has " + Integer.toUnsignedString(said) + " bytes; at most "
                    + (Rpc.MAX_MESSAGE_BYTES + HEAD_BYTES) + " are allowed");
        }
        if (kind >= Kind.ALL.length || packed == null) {
            throw refused("UNSUPPORTED: a frame of kind " + (head & 0xff) + ", which is not known here");
        }
        coming = length;
        long id = frames.readLong();
        byte[] body = frames.readNBytes(length); // takes memory as it comes, whatever it says
        if (body.length < length) {
            return false;
        }
        whole = frameCount;
        ByteBuffer plain = ByteBuffer.wrap(packed == Compression.OFF ? body : LinkCompression.decompress(packed, body));
        if (id == REFUSAL && Kind.ALL[kind] == Kind.FAILURE) {
            RefusedLinkException refused = new RefusedLinkException(
                    StandardCharsets.UTF_8.decode(plain).toString());
            failure = refused;
            throw refused;
        }
        switch (Kind.ALL[kind]) {
            case COMPRESS -> asked(plain);
            case COMPRESS_REPLY -> replied(plain);
            default -> receiver.received(Kind.ALL[kind], id, plain);
        }
        return true;
    }

    /** Says to the other side why this link ends, as far as it listens. */
    private IOException refused(String why) {
        try {
            var unused = send(Kind.FAILURE, REFUSAL, ByteBuffer.wrap(why.getBytes(StandardCharsets.UTF_8)));
            // Closed with bytes unread it would be reset, and the words might be lost.
            socket.setSoTimeout((int) DRAIN_MILLIS);
            int unusedBytes = in.read(new byte[BUFFER_BYTES]);
        } catch (IOException e) {
            LOG.debug("{} does not listen", socket.getRemoteSocketAddress(), e);
        }
        return new IOException(why);
    }

    /**
     * Sends a frame, or leaves it to the thread that is sending just now. May wait for the other side to read.
     *
     * @return false if the link is closed and the frame was surely not sent
     * @throws IOException if the link breaks; whether a frame arrives is unknown until it is answered
     */
    boolean send(Kind kind, long id, ByteBuffer body) throws IOException {
        Compression now = how;
        ByteBuffer packed = compression.compress(now, body);
        Frame frame = packed == null ? new Frame(kind, Compression.OFF, id, body) : new Frame(kind, now, id, packed);
        synchronized (waiting) {
            if (closed) {
                return false;
            }
            waiting.add(frame);
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
                    .put((byte) (frame.kind.ordinal() | bit(frame.how)))
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

    /** The frame that refuses a connection, in words. */
    @SuppressWarnings("EnumOrdinal") // the order is part of the protocol
    static ByteBuffer refusal(String why) {
        byte[] words = why.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(HEAD_BYTES + words.length)
                .putInt(HEAD_BYTES - Integer.BYTES + words.length)
                .put((byte) Kind.FAILURE.ordinal())
                .putLong(REFUSAL)
                .put(words)
                .flip();
    }

    /** Why the other side refused this link, null if it did not. */
    @Nullable
    IOException failure() {
        return failure;
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
