package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.marshal.Compression;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    private Link serve(String name, LinkCompression compression, Function<Link, Link.Receiver> receiver)
            throws IOException {
        Socket socket = accepted();
        return Link.serve(socket, socket, name, timer, compression, receiver);
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
        try (Link from = Link.connect(address(), "from", timer, LinkCompression.OFF, null, here);
                Link to = serve("to", LinkCompression.OFF, link -> there)) {
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

    /** A text as values often are: some hundred bytes with much that comes again. */
    private static ByteBuffer text(long id) {
        return ByteBuffer.wrap(("{\"id\":" + id + ",\"name\":\"anna\",\"visits\":[1,2,3]},")
                .repeat((int) (id % 100))
                .getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void compressedFramesArriveWholeBothWays(Compression how) throws Exception {
        Seen there = new Seen();
        Seen here = new Seen();
        LinkCompression asking = new LinkCompression(how);
        LinkCompression asked = new LinkCompression(Compression.OFF);
        try (Link from = Link.connect(address(), "from", timer, asking, null, here);
                Link to = serve("to", asked, link -> there)) {
            from.awaitCompression(10_000);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                long first = t * 100L;
                Thread thread = new Thread(() -> {
                    for (long id = first; id < first + 100; id++) {
                        try {
                            assertThat(from.send(Link.Kind.CALL, id, text(id))).isTrue();
                            assertThat(to.send(Link.Kind.ANSWER, id, text(id))).isTrue();
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
            await().until(() -> there.bodies.size() == 400 && here.bodies.size() == 400);
            there.bodies.forEach((id, bytes) -> assertThat(bytes).isEqualTo(text(id).array()));
            here.bodies.forEach((id, bytes) -> assertThat(bytes).isEqualTo(text(id).array()));
            assertThat(asking.savedBytes()).isGreaterThan(400_000);
            assertThat(asked.savedBytes()).isGreaterThan(400_000);
        }
    }

    /** A frame as it comes out of the socket. */
    private record Raw(int kind, byte[] body) {
        static Raw read(DataInputStream in) throws IOException {
            int length = in.readInt() - 9;
            int kind = in.readByte();
            var unused = in.readLong();
            return new Raw(kind, in.readNBytes(length));
        }

        void write(DataOutputStream out) throws IOException {
            out.writeInt(9 + body.length);
            out.writeByte(kind);
            out.writeLong(0);
            out.write(body);
        }
    }

    private static final int CALL = Link.Kind.CALL.ordinal();
    private static final int COMPRESS = Link.Kind.COMPRESS.ordinal();
    private static final int COMPRESS_REPLY = Link.Kind.COMPRESS_REPLY.ordinal();

    @Test
    void nothingIsCompressedForOneThatCannot() throws Exception {
        LinkCompression asking = new LinkCompression(Compression.LZ4);
        try (Link from = Link.connect(address(), "from", timer, asking, null, new Seen());
                Socket other = accepted()) {
            DataInputStream in = new DataInputStream(other.getInputStream());
            Raw question = Raw.read(in);
            assertThat(question.kind).isEqualTo(COMPRESS);
            assertThat(question.body).containsExactly(0x20);
            assertThat(from.send(Link.Kind.CALL, 1, text(50))).isTrue(); // before the answer
            assertThat(Raw.read(in).kind).isEqualTo(CALL);
            new Raw(COMPRESS_REPLY, "\0no such library".getBytes(StandardCharsets.UTF_8))
                    .write(new DataOutputStream(other.getOutputStream()));
            from.awaitCompression(10_000);
            assertThat(from.send(Link.Kind.CALL, 2, text(50))).isTrue();
            Raw sent = Raw.read(in);
            assertThat(sent.kind).isEqualTo(CALL);
            assertThat(sent.body).isEqualTo(text(50).array());
            assertThat(asking.savedBytes()).isZero();
            assertThat(from.isOpen()).isTrue();
        }
    }

    @Test
    void aCompressionThatIsNotKnownIsRefusedInWords() throws Exception {
        Seen there = new Seen();
        try (Socket from = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            DataOutputStream out = new DataOutputStream(from.getOutputStream());
            out.write(Link.MAGIC);
            try (Link to = serve("to", LinkCompression.OFF, link -> there)) {
                for (byte[] unknown : List.of(new byte[] {0x60}, new byte[] {1}, new byte[0])) {
                    new Raw(COMPRESS, unknown).write(out);
                    Raw reply = Raw.read(new DataInputStream(from.getInputStream()));
                    assertThat(reply.kind).isEqualTo(COMPRESS_REPLY);
                    assertThat(reply.body[0]).isZero();
                    assertThat(new String(reply.body, StandardCharsets.UTF_8)).contains("update");
                }
                assertThat(to.isOpen()).isTrue();
            }
        }
    }

    /** Whoever can read compressed frames does, be they agreed on or not; what they say of their size is not believed. */
    @Test
    void compressedFramesAreBounded() throws Exception {
        ByteBuffer packed = new LinkCompression(Compression.ZSTD).compress(Compression.ZSTD, text(50));
        byte[] good = Arrays.copyOf(packed.array(), packed.remaining());
        assertThat(framesRead(new Raw(CALL | 0x40, good))).isEqualTo(1);
        for (int length : new int[] {-1, Rpc.MAX_MESSAGE_BYTES + 1, Integer.MAX_VALUE, 0, 7}) {
            byte[] bad = good.clone();
            ByteBuffer.wrap(bad).putInt(length);
            assertThat(framesRead(new Raw(CALL | 0x40, bad))).isZero();
            assertThat(framesRead(new Raw(CALL | 0x20, bad))).isZero();
        }
        assertThat(framesRead(new Raw(CALL | 0x40, new byte[3]))).isZero();
        assertThat(framesRead(new Raw(CALL | 0x60, good))).isZero();
    }

    private int framesRead(Raw frame) throws Exception {
        Seen there = new Seen();
        try (Socket from = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            DataOutputStream out = new DataOutputStream(from.getOutputStream());
            out.write(Link.MAGIC);
            try (Link to = serve("to", LinkCompression.OFF, link -> there)) {
                frame.write(out);
                await().until(() -> there.bodies.size() == 1 || !to.isOpen());
            }
        }
        return there.bodies.size();
    }

    @Test
    void bothSidesHearOfTheEnd() throws Exception {
        Seen there = new Seen();
        Seen here = new Seen();
        Link from = Link.connect(address(), "from", timer, LinkCompression.OFF, null, here);
        Link to = serve("to", LinkCompression.OFF, link -> there);
        from.close();
        assertThat(here.closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(there.closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(to.isOpen()).isFalse();
        assertThat(from.send(Link.Kind.CALL, 1, body(1, 1))).isFalse();
    }

    @Test
    void whoDoesNotReadHoldsNobodyForLong() throws Exception {
        Seen here = new Seen();
        Link from = Link.connect(address(), "from", timer, LinkCompression.OFF, null, here);
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
                serve("to", LinkCompression.OFF, link -> there);
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
        assertThatThrownBy(() -> Link.connect(nobody, "from", timer, LinkCompression.OFF, null, new Seen()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void halfAFrameEndsTheLinkAndAWholeOneDoesNot() throws Exception {
        Seen there = new Seen();
        try (Socket from = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            DataOutputStream out = new DataOutputStream(from.getOutputStream());
            out.write(Link.MAGIC);
            Link to = serve("to", LinkCompression.OFF, link -> there);
            new Raw(CALL, new byte[10]).write(out);
            await().until(() -> there.bodies.size() == 1);
            long idleSince = System.nanoTime();
            await().during(4, TimeUnit.SECONDS).atMost(10, TimeUnit.SECONDS).until(to::isOpen);
            assertThat(System.nanoTime() - idleSince).isGreaterThan(TimeUnit.SECONDS.toNanos(4));

            out.writeInt(1000);
            out.writeByte(CALL);
            assertThat(there.closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aFrameThatIsTooLongIsRefusedInWords() throws Exception {
        try (Socket from = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            DataOutputStream out = new DataOutputStream(from.getOutputStream());
            out.write(Link.MAGIC);
            serve("to", LinkCompression.OFF, link -> new Seen());
            out.writeInt(Integer.MAX_VALUE);
            out.writeByte(CALL);
            DataInputStream in = new DataInputStream(from.getInputStream());
            Raw answer = Raw.read(in);
            assertThat(answer.kind).isEqualTo(Link.Kind.FAILURE.ordinal());
            assertThat(new String(answer.body, StandardCharsets.UTF_8)).contains("TOO_LARGE", "2147483647");
            assertThat(in.read()).isEqualTo(-1);
        }
    }
}
