package io.concordcache.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
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
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long LOOK_MILLIS = 1000;
    private static final int MAX_SILENT = 1000;

    /** Who takes the links. */
    interface Links {
        void accept(SocketChannel link);

        /** One that has TLS where it should not, or has not where it should. */
        void refuse(SocketChannel link);
    }

    private final Links links;
    private final byte[] wanted;
    private final byte[] refused;
    private final Queue<SocketChannel> accepted = new ConcurrentLinkedQueue<>();
    private final Selector selector;

    /** @param secured whether links must use TLS */
    SharedPort(Links links, boolean secured) {
        this.links = links;
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
                        .filter(SharedPort::hasStarted)
                        .toList();
                selector.selectedKeys().clear();
                if (!started.isEmpty()) {
                    started.forEach(SelectionKey::cancel);
                    selector.selectNow(); // lets go of them
                    started.forEach(this::hand);
                }
                closeSilent();
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
            if (selector.keys().size() >= MAX_SILENT) {
                close(channel);
                return;
            }
            channel.configureBlocking(false);
            channel.register(
                    selector,
                    SelectionKey.OP_READ,
                    new Start(ByteBuffer.allocate(Link.MAGIC.length), System.nanoTime()));
        } catch (IOException e) {
            close(channel);
        }
    }

    private static boolean hasStarted(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        ByteBuffer start = ((Start) key.attachment()).bytes;
        try {
            if (channel.read(start) >= 0) {
                return !start.hasRemaining();
            }
            close(channel);
        } catch (IOException | CancelledKeyException e) {
            close(channel);
        }
        return false;
    }

    private void hand(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        byte[] start = new byte[Link.MAGIC.length];
        ((Start) key.attachment()).bytes.flip().get(start);
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

    /** A connection of which the first bytes were read already. More follow, since HTTP/2 starts with 24. */
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
