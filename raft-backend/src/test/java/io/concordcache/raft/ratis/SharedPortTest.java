package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.tls.Security;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.grpc.Server;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That gRPC works on the shared port is shown by every test of a cluster. */
@Timeout(30)
class SharedPortTest {
    private final BlockingQueue<SocketChannel> links = new LinkedBlockingQueue<>();
    private final BlockingQueue<SocketChannel> refused = new LinkedBlockingQueue<>();
    private final EventLoopGroup loops = new NioEventLoopGroup(1);
    private Server server;

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelFactory(() -> new SharedPort(
                        new SharedPort.Links() {
                            @Override
                            public void accept(SocketChannel link) {
                                links.add(link);
                            }

                            @Override
                            public void refuse(SocketChannel link) {
                                refused.add(link);
                            }
                        },
                        false,
                        new Security.Limits(6, 5, 1)))
                .build()
                .start();
    }

    @AfterEach
    void end() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    private Socket connected() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.getPort());
    }

    @Test
    void aLinkGoesOnWhereItsFirstBytesEnd() throws Exception {
        try (Socket from = connected()) {
            for (byte one : Link.MAGIC) {
                from.getOutputStream().write(one);
                from.getOutputStream().flush();
            }
            from.getOutputStream().write(42);
            SocketChannel link = links.poll(10, TimeUnit.SECONDS);
            assertThat(link).isNotNull();
            assertThat(link.isBlocking()).isTrue();
            ByteBuffer next = ByteBuffer.allocate(1);
            assertThat(link.read(next)).isOne();
            assertThat(next.get(0)).isEqualTo((byte) 42);
            link.close();
        }
    }

    @Test
    void aLinkWithTlsIsRefusedWhereThereIsNone() throws Exception {
        try (Socket from = connected()) {
            from.getOutputStream().write(Link.MAGIC_TLS);
            try (SocketChannel link = refused.poll(10, TimeUnit.SECONDS)) {
                assertThat(link).isNotNull();
            }
            assertThat(links).isEmpty();
        }
    }

    @Test
    void whoIsSilentKeepsNobodyWaiting() throws Exception {
        try (Socket silent = connected();
                Socket from = connected()) {
            assertThat(silent.isConnected()).isTrue();
            from.getOutputStream().write(Link.MAGIC);
            try (SocketChannel link = links.poll(10, TimeUnit.SECONDS)) {
                assertThat(link).isNotNull();
            }
        }
    }

    @Test
    void whoSpeaksHttp2GetsTheAnswerOfGrpc() throws Exception {
        try (Socket from = connected()) {
            from.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nand then something else".getBytes());
            // Frames of HTTP/2 that say why it ends, and the end.
            assertThat(from.getInputStream().readAllBytes()).isNotEmpty();
            assertThat(links).isEmpty();
        }
    }

    @Test
    void whoSpeaksNothingKnownIsCutOff() throws Exception {
        try (Socket from = connected()) {
            from.getOutputStream().write("GET / HTTP/1.1".getBytes());
            assertThat(ended(from)).isTrue();
        }
        try (Socket from = connected()) {
            from.getOutputStream().write(new byte[] {0x16, 3, 1, 0});
            // The alert that the handshake failed.
            assertThat(from.getInputStream().readAllBytes()).containsExactly(0x15, 3, 1, 0, 2, 2, 40);
        }
        assertThat(links).isEmpty();
    }

    /** Closed with bytes unread a connection is reset. */
    private static boolean ended(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketException e) {
            return true;
        }
    }

    @Test
    void oneAddressHasSoManyConnectionsAndNoMore() throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                Socket socket = connected();
                open.add(socket);
                socket.getOutputStream().write(Link.MAGIC);
                assertThat(links.poll(10, TimeUnit.SECONDS)).isNotNull();
            }
            try (Socket more = connected()) {
                assertThat(ended(more)).isTrue();
            }
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void whoIsGoneMakesRoom() throws Exception {
        for (int i = 0; i < 20; i++) {
            // One after the other: six at a time would be too many.
            await().until(this::isServed);
        }
    }

    private boolean isServed() throws Exception {
        try (Socket from = connected()) {
            from.getOutputStream().write(Link.MAGIC);
            try (SocketChannel link = links.poll(100, TimeUnit.MILLISECONDS)) {
                return link != null;
            }
        } catch (java.net.SocketException e) {
            return false; // closed before it said a word
        }
    }

    @Test
    void whoIsSilentIsCutOff() throws Exception {
        try (Socket silent = connected()) {
            silent.getOutputStream().write(Link.MAGIC[0]);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
    }
}
