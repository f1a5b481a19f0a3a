package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.store.Tracing;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import io.concordcache.raft.wire.RpcCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is asked within a trace, of members that know of traces and of those that do not. */
@Timeout(60)
class TracedCallsTest {
    private static final String CONTEXT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Traces traces = Traces.none();
    private final Channels channels = new Channels("c", LinkCompression.OFF, null, null, traces);
    private final Told told = new Told();
    private ServerSocket listener;
    private Peer peer;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        traces.set(told);
    }

    @AfterEach
    void end() throws IOException {
        channels.close();
        if (peer != null && peer.link != null) {
            peer.link.close();
        }
        listener.close();
        timer.shutdownNow();
    }

    /** A thread that is in a trace, and how what it asked for ended. */
    private static final class Told implements Tracing {
        private final List<String> requests = new CopyOnWriteArrayList<>();
        private final List<String> ends = new CopyOnWriteArrayList<>();

        @Override
        public Place here() {
            return index -> {};
        }

        @Override
        public Step request(String what, Member asked) {
            requests.add(what);
            return new Step() {
                @Override
                public Scope enter() {
                    return () -> {};
                }

                @Override
                public String toSend() {
                    return CONTEXT;
                }

                @Override
                public void appended(int commands, long index) {}

                @Override
                public void end(@Nullable Throwable failure) {
                    ends.add(failure == null ? "done" : String.valueOf(failure.getMessage()));
                }
            };
        }

        @Override
        public Scope nowhere() {
            return () -> {};
        }

        @Override
        public Step call(String operation, String cache) {
            return request(operation, new Member("x", "x", 1));
        }

        @Override
        public void found(int hits, int misses) {}

        @Override
        public Step commit(List<Place> callers, int commands) {
            return request("commit", new Member("x", "x", 1));
        }

        @Override
        public @Nullable Step served(String what, String context) {
            return null;
        }

        @Override
        public Step waiting(String what) {
            return request(what, new Member("x", "x", 1));
        }

        @Override
        public Executor carrying(Executor executor) {
            return executor;
        }
    }

    /** The other end of a connection. */
    private final class Peer {
        private final boolean knowsTraces;
        private final List<String> came = new CopyOnWriteArrayList<>();
        private volatile @Nullable Link link;

        Peer(boolean knowsTraces) {
            this.knowsTraces = knowsTraces;
            Thread thread = new Thread(() -> {
                try {
                    Socket socket = listener.accept();
                    assertThat(socket.getInputStream().readNBytes(Link.MAGIC.length))
                            .isEqualTo(Link.MAGIC);
                    link = Link.serve(socket, socket, "peer", timer, LinkCompression.OFF, Answering::new);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private final class Answering implements Link.Receiver {
            private final Link to;

            Answering(Link to) {
                this.to = to;
            }

            /** As a member does: one that knows no traces takes their mark for a version. */
            @Override
            public void received(Link.Kind kind, long id, ByteBuffer body) throws IOException {
                boolean marked = body.get(body.position()) != RpcCodec.VERSION;
                came.add(
                        marked && !knowsTraces
                                ? "not understood"
                                : String.valueOf(
                                        RpcCodec.decodeRequest(body.duplicate()).trace()));
                Response answer = marked && !knowsTraces
                        ? new Response.Failed(
                                Response.Failed.Kind.REJECTED,
                                Reason.NOT_UNDERSTOOD.name(),
                                "a request of protocol version 128")
                        : new Response.Done();
                assertThat(to.send(Link.Kind.ANSWER, id, RpcCodec.encode(answer)))
                        .isTrue();
            }

            @Override
            public void closed() {}
        }
    }

    private Response ask(Request request) throws Exception {
        return channels.call(new Member("m", "127.0.0.1", listener.getLocalPort()), request, Duration.ofSeconds(50))
                .get(50, TimeUnit.SECONDS);
    }

    @Test
    void aMemberThatKnowsTracesHearsWhereTheCallerIs() throws Exception {
        peer = new Peer(true);
        assertThat(ask(new Request.Caches())).isInstanceOf(Response.Done.class);
        assertThat(peer.came).containsExactly(CONTEXT);
        assertThat(told.requests).containsExactly("caches");
        assertThat(told.ends).containsExactly("done");
    }

    @Test
    void aMemberThatDoesNotIsAskedAgainWithoutAndNotToldAnyMore() throws Exception {
        peer = new Peer(false);
        assertThat(ask(new Request.Caches())).isInstanceOf(Response.Done.class);
        assertThat(ask(new Request.Status())).isInstanceOf(Response.Done.class);
        assertThat(peer.came).containsExactly("not understood", "null", "null");
        assertThat(told.ends).containsExactly("done", "done");
    }

    @Test
    void joinedQuestionsBelongToNoTrace() throws Exception {
        peer = new Peer(true);
        assertThat(ask(new Request.Position("a"))).isInstanceOf(Response.Done.class);
        assertThat(ask(new Request.Fence())).isInstanceOf(Response.Done.class);
        assertThat(peer.came).containsExactly("null", "null");
        assertThat(told.requests).isEmpty();
    }

    @Test
    void withoutTracingNothingIsAdded() throws Exception {
        traces.set(null);
        peer = new Peer(true);
        assertThat(ask(new Request.Caches())).isInstanceOf(Response.Done.class);
        assertThat(peer.came).containsExactly("null");
    }
}
