package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinkTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private ServerSocket listener;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void end() throws IOException {
        listener.close();
        timer.shutdownNow();
    }

    /** Remembers what came. */
    private static final class Seen implements Link.Receiver {
        private final Map<Long, byte[]> bodies = new ConcurrentHashMap<>();
        private final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public void received(Link.Kind kind, long id, ByteBuffer body) {
            byte[] bytes = new byte[body.remaining()];
            body.get(bytes);
            bodies.put(id, bytes);
        }

        @Override
        public void closed() {
            closed.countDown();
        }
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort());
    }

    private Socket accepted() throws IOException {
        Socket socket = listener.accept();
        assertThat(socket.getInputStream().readNBytes(Link.MAGIC.length)).isEqualTo(Link.MAGIC);
        return socket;
    }

    private static ByteBuffer body(int length, long id) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (id + i);
        }
        return ByteBuffer.wrap(bytes);
    }

    @Test
    void framesOfManyThreadsArriveWholeAndOnce() throws Exception {
        Seen there = new Seen();
        Seen here = new Seen();
        try (Link from = Link.connect(address(), "from", timer, here);
                Link to = Link.serve(accepted(), "to", timer, link -> there)) {
            List<Thread> threads = new ArrayList<>();
            int each = 300;
            for (int t = 0; t < 8; t++) {
                long first = (long) t * each;
                Thread thread = new Thread(() -> {
                    for (long id = first; id < first + each; id++) {
                        // Below and above the buffer of a link.
                        int length = id % 100 == 0 ? 300_000 : (int) (id % 50) * 41;
                        try {
                            assertThat(from.send(Link.Kind.CALL, id, body(length, id)))
                                    .isTrue();
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            await().until(() -> there.bodies.size() == 8 * each);
            there.bodies.forEach((id, bytes) -> assertThat(bytes)
                    .isEqualTo(body(id % 100 == 0 ? 300_000 : (int) (id % 50) * 41, id)
                            .array()));
            assertThat(to.send(Link.Kind.ANSWER, 7, body(3, 7))).isTrue();
            await().until(() -> here.bodies.containsKey(7L));
        }
    }

    @Test
    void bothSidesHearOfTheEnd() throws Exception {
        Seen there = new Seen();
        Seen here = new Seen();
        Link from = Link.connect(address(), "from", timer, here);
        Link to = Link.serve(accepted(), "to", timer, link -> there);
        from.close();
        assertThat(here.closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(there.closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(to.isOpen()).isFalse();
        assertThat(from.send(Link.Kind.CALL, 1, body(1, 1))).isFalse();
    }

    @Test
    void whoDoesNotReadHoldsNobodyForLong() throws Exception {
        Seen here = new Seen();
        Link from = Link.connect(address(), "from", timer, here);
        try (Socket deaf = accepted()) {
            assertThat(deaf.isConnected()).isTrue();
            assertThatThrownBy(() -> {
                        for (long id = 0; id < 1000; id++) {
                            from.send(Link.Kind.CALL, id, body(1 << 20, id));
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(here.closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void whatIsNoFrameEndsTheLink() throws Exception {
        for (byte[] junk : List.of(
                new byte[] {-1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                new byte[] {0x7f, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                new byte[] {0, 0, 0, 9, 99, 0, 0, 0, 0, 0, 0, 0, 0},
                new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})) {
            Seen there = new Seen();
            try (Socket from = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
                OutputStream out = from.getOutputStream();
                out.write(Link.MAGIC);
                Link.serve(accepted(), "to", timer, link -> there);
                out.write(junk);
                assertThat(there.closed.await(10, TimeUnit.SECONDS)).isTrue();
                assertThat(there.bodies).isEmpty();
            }
        }
    }

    @Test
    void aPortWhereNobodyListensIsAnError() throws Exception {
        InetSocketAddress nobody = address();
        listener.close();
        assertThatThrownBy(() -> Link.connect(nobody, "from", timer, new Seen()))
                .isInstanceOf(IOException.class);
    }
}
