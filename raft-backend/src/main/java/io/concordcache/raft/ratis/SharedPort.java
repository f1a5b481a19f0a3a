package io.concordcache.raft.ratis;

import io.concordcache.raft.access.SeldomLog;
import io.concordcache.raft.tls.Security;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.socket.nio.NioServerSocketChannel;
import org.apache.ratis.thirdparty.io.netty.channel.socket.nio.NioSocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one port of a member: connections that start with {@link Link#MAGIC}, or with TLS {@link Link#MAGIC_TLS}, become links,
 * all others are gRPC's, which has its own TLS. Links of the other kind are told so. Looks at
 * the first bytes on a thread of its own, so that nobody waits for one who says nothing.
 */
final class SharedPort extends NioServerSocketChannel {
    private static final Logger LOG = LoggerFactory.getLogger(SharedPort.class);
    /** A connection that has said nothing for so long is closed. */
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long LOOK_MILLIS = 1000;
    private static final int MAX_SILENT = 1000;
    /** What HTTP/2 starts with (RFC 9113, 3.4). */
    private static final byte[] HTTP2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** What TLS starts with: a handshake, of version 3. */
    private static final byte[] TLS = {0x16, 3};
    /** The alert of TLS that says that the handshake failed. */
    private static final byte[] ALERT = {0x15, 3, 1, 0, 2, 2, 40};

    private static final SeldomLog TOO_MANY = new SeldomLog(LOG);
    private static final SeldomLog SILENT = new SeldomLog(LOG);
    private static final SeldomLog UNKNOWN = new SeldomLog(LOG);

    /** Who takes the links. */
    interface Links {
        void accept(SocketChannel link);

        /** One that has TLS where it should not, or has not where it should. */
        void refuse(SocketChannel link);
    }

    private final Links links;
    private final boolean secured;
    private final Connections connections;
    private final byte[] wanted;
    private final byte[] refused;
    private final Queue<SocketChannel> accepted = new ConcurrentLinkedQueue<>();
    private final Selector selector;

    /** @param secured whether links must use TLS */
    SharedPort(Links links, boolean secured, Security.Limits limits) {
        this.links = links;
        this.secured = secured;
        connections = new Connections(limits);
        wanted = secured ? Link.MAGIC_TLS : Link.MAGIC;
        refused = secured ? Link.MAGIC : Link.MAGIC_TLS;
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("no connections can be accepted", e);
        }
        RatisStore.daemon("concord-accept").newThread(this::look).start();
    }

    @Override
    protected int doReadMessages(List<Object> none) throws Exception {
        for (SocketChannel next = javaChannel().accept();
                next != null;
                next = javaChannel().accept()) {
            accepted.add(next);
        }
        selector.wakeup();
        return 0;
    }

    @Override
    protected void doClose() throws Exception {
        super.doClose();
        selector.close();
    }

    /** What is known of a connection so far. */
    private record Start(ByteBuffer bytes, long since) {}

    private void look() {
        try (selector) {
            while (selector.isOpen()) {
                selector.select(LOOK_MILLIS);
                for (SocketChannel next = accepted.poll(); next != null; next = accepted.poll()) {
                    register(next);
                }
                List<SelectionKey> started = selector.selectedKeys().stream()
                        .filter(this::hasStarted)
                        .toList();
                selector.selectedKeys().clear();
                if (!started.isEmpty()) {
                    started.forEach(SelectionKey::cancel);
                    selector.selectNow(); // lets go of them
                    started.forEach(this::hand);
                }
                closeSilent();
                connections.forgetClosed();
            }
        } catch (java.nio.channels.ClosedSelectorException e) {
            LOG.debug("the port is closed", e);
        } catch (IOException | RuntimeException e) {
            LOG.error("no more connections are accepted", e);
        } finally {
            accepted.forEach(SharedPort::close);
        }
    }

    private void register(SocketChannel channel) {
        try {
            if (selector.keys().size() >= MAX_SILENT || !connections.add(channel)) {
                TOO_MANY.warn(
                        "a connection from {} is closed: there are too many, from there or in all (limits.connections,"
                                + " limits.connections-per-address); {} say nothing",
                        channel.socket().getRemoteSocketAddress(),
                        selector.keys().size());
                close(channel);
                return;
            }
            channel.configureBlocking(false);
            channel.register(
                    selector,
                    SelectionKey.OP_READ,
                    new Start(ByteBuffer.allocate(HTTP2.length).limit(Link.MAGIC.length), System.nanoTime()));
        } catch (IOException e) {
            close(channel);
        }
    }

    private boolean hasStarted(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        ByteBuffer start = ((Start) key.attachment()).bytes;
        try {
            int read = channel.read(start);
            if (read >= 0 && !start.hasRemaining() && mayBeHttp2(start)) {
                start.limit(HTTP2.length); // who starts so is to end it, too
                read = channel.read(start);
            }
            if (read >= 0) {
                return !start.hasRemaining();
            }
            close(channel);
        } catch (IOException | CancelledKeyException e) {
            close(channel);
        }
        return false;
    }

    private boolean mayBeHttp2(ByteBuffer start) {
        return !secured
                && start.position() < HTTP2.length
                && start.duplicate().flip().equals(ByteBuffer.wrap(HTTP2, 0, start.position()));
    }

    private void hand(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        ByteBuffer read = ((Start) key.attachment()).bytes.flip();
        byte[] start = new byte[read.remaining()];
        read.get(start);
        try {
            if (Arrays.equals(start, wanted)) {
                channel.configureBlocking(true);
                links.accept(channel);
                return;
            }
            if (Arrays.equals(start, refused)) {
                channel.configureBlocking(true);
                links.refuse(channel);
                return;
            }
            boolean isHttp2 = Arrays.equals(start, HTTP2);
            boolean isTls = start[0] == TLS[0] && start[1] == TLS[1];
            if (secured ? !isTls : !isHttp2) {
                UNKNOWN.warn(
                        "a connection from {} is closed: it starts with {}, which is nothing that this port speaks",
                        channel.socket().getRemoteSocketAddress(),
                        isTls
                                ? "TLS, which this member does not use"
                                : HexFormat.of().formatHex(start));
                if (isTls) {
                    int unused = channel.write(ByteBuffer.wrap(ALERT));
                }
                close(channel);
                return;
            }
            eventLoop().execute(() -> {
                pipeline().fireChannelRead(new Started(this, channel, start));
                pipeline().fireChannelReadComplete();
            });
        } catch (IOException | RuntimeException e) {
            LOG.debug("a connection was lost", e);
            close(channel);
        }
    }

    private void closeSilent() {
        long now = System.nanoTime();
        for (SelectionKey key : selector.keys()) {
            if (key.isValid() && now - ((Start) key.attachment()).since > SILENT_NANOS) {
                SILENT.warn(
                        "a connection from {} is closed: within {} s it did not say what it is",
                        ((SocketChannel) key.channel()).socket().getRemoteSocketAddress(),
                        TimeUnit.NANOSECONDS.toSeconds(SILENT_NANOS));
                close((SocketChannel) key.channel());
            }
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection did not close cleanly", e);
        }
    }

    /** A connection of which the first bytes were read already. More follow: HTTP/2 goes on with its settings. */
    private static final class Started extends NioSocketChannel {
        private byte @Nullable [] start;

        Started(Channel parent, SocketChannel channel, byte[] start) {
            super(parent, channel);
            this.start = start;
        }

        @Override
        protected int doReadBytes(ByteBuf into) throws Exception {
            byte[] first = start;
            if (first == null) {
                return super.doReadBytes(into);
            }
            start = null;
            into.writeBytes(first);
            return first.length;
        }
    }
}
