package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
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
                        false))
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
    void whoSaysSomethingElseGetsTheAnswerOfGrpc() throws Exception {
        try (Socket from = connected()) {
            from.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
            // Frames of HTTP/2 that say why it ends, and the end.
            assertThat(from.getInputStream().readAllBytes()).isNotEmpty();
            assertThat(links).isEmpty();
        }
    }

    @Test
    void whoIsSilentForTenSecondsIsCutOff() throws Exception {
        try (Socket silent = connected()) {
            silent.getOutputStream().write(Link.MAGIC[0]);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
    }
}
