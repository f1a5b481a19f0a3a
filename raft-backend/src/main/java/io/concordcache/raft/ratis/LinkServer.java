package io.concordcache.raft.ratis;

import io.concordcache.raft.access.SeldomLog;
import io.concordcache.raft.tls.Peer;
import io.concordcache.raft.tls.Tls;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a member answers over the {@link Link}s that others made to it. */
final class LinkServer implements Closeable, SharedPort.Links {
    private static final Logger LOG = LoggerFactory.getLogger(LinkServer.class);

    /** The part of Raft that others call. */
    interface Raft {
        CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request) throws IOException;

        /** May take long. */
        InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException;
    }

    private static final int MAX_HANDSHAKES = 256;
    private static final SeldomLog REFUSED = new SeldomLog(LOG);

    private final String cluster;
    private final RpcService.Handler handler;
    private final LinkCompression compression;
    private final @Nullable Tls tls;
    private final MemberCheck members;
    private final AtomicInteger handshakes = new AtomicInteger();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final ExecutorService executor = Executors.newCachedThreadPool(RatisStore.daemon("concord-call"));
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(1, RatisStore.daemon("concord-link-timer"));

    private volatile @Nullable Raft raft;
    private volatile boolean closed;

    LinkServer(
            String cluster,
            RpcService.Handler handler,
            LinkCompression compression,
            @Nullable Tls tls,
            MemberCheck members) {
        this.cluster = cluster;
        this.handler = handler;
        this.compression = compression;
        this.tls = tls;
        this.members = members;
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Watches links; must not be blocked. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /** Of the member. */
    LinkCompression compression() {
        return compression;
    }

    /** Of the member, for what others make and for what it makes; null for none. */
    @Nullable
    Tls tls() {
        return tls;
    }

    MemberCheck members() {
        return members;
    }

    void serve(Raft with) {
        raft = with;
    }

    @Override
    public void accept(SocketChannel channel) {
        if (tls == null) {
            serve(channel.socket(), channel.socket(), Peer.NOBODY);
            return;
        }
        apart(channel, () -> {
            SSLSocket secured = tls.accept(channel.socket());
            secured.getOutputStream().write(Link.MAGIC_TLS);
            return () -> serve(channel.socket(), secured, Peer.of(secured.getSession()));
        });
    }

    @Override
    public void refuse(SocketChannel channel) {
        String why = tls == null
                ? "this member does not use TLS; connect without, or give the member its certificates (tls.enabled)"
                : "this member speaks TLS alone; set tls.enabled and what belongs to it here too";
        apart(channel, () -> {
            channel.write(Link.refusal(why));
            channel.shutdownOutput();
            // Closed with bytes unread it would be reset, and the words might be lost.
            byte[] rest = new byte[1 << 10];
            for (int read = 0;
                    read >= 0;
                    read = channel.socket().getInputStream().read(rest)) {
                LOG.trace("{} bytes of a connection that is refused", read);
            }
            return channel.socket()::close;
        });
    }

    private interface Start {
        /** Talks to the other side, and returns what is to be done then. */
        Then run() throws IOException;
    }

    private interface Then {
        void run() throws IOException;
    }

    /** On a thread of its own, and not for long, nor for too many at once. */
    private void apart(SocketChannel channel, Start start) {
        if (handshakes.incrementAndGet() > MAX_HANDSHAKES) {
            handshakes.decrementAndGet();
            REFUSED.warn(
                    "a connection from {} is closed: {} are in their handshake already",
                    channel.socket().getRemoteSocketAddress(),
                    MAX_HANDSHAKES);
            close(channel);
            return;
        }
        try {
            executor.execute(() -> {
                try {
                    Future<?> late = timer.schedule(() -> close(channel), Link.HANDSHAKE_MILLIS, TimeUnit.MILLISECONDS);
                    Then then;
                    try {
                        then = start.run();
                    } finally {
                        late.cancel(false);
                    }
                    then.run();
                } catch (IOException | RejectedExecutionException e) {
                    REFUSED.warn(
                            "a connection from {} is refused: {}",
                            channel.socket().getRemoteSocketAddress(),
                            String.valueOf(e.getMessage()));
                    close(channel);
                } finally {
                    handshakes.decrementAndGet();
                }
            });
        } catch (RejectedExecutionException e) {
            handshakes.decrementAndGet();
            close(channel);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection did not close cleanly", e);
        }
    }

    private void serve(Socket socket, Socket through, Peer caller) {
        try {
            Link accepted = Link.serve(
                    socket,
                    through,
                    "concord-link",
                    timer,
                    compression,
                    link -> new Connection(link, new Caller(socket.getRemoteSocketAddress(), caller, null)));
            links.add(accepted);
            if (closed || !accepted.isOpen()) {
                accepted.close();
                links.remove(accepted);
            }
        } catch (IOException | RejectedExecutionException e) {
            LOG.debug("a connection was lost", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        links.forEach(Link::close);
        executor.shutdownNow();
        timer.shutdownNow();
    }

    static ByteBuffer bytes(MessageLite message) {
        return ByteBuffer.wrap(message.toByteArray());
    }

    /** Reads a message that goes on using these bytes. */
    static CodedInputStream in(ByteBuffer body) {
        CodedInputStream in = UnsafeByteOperations.unsafeWrap(body).newCodedInput();
        in.enableAliasing(true);
        return in;
    }

    private final class Connection implements Link.Receiver {
        private final Link link;
        private final Caller caller;
        /** As which member the caller has been let in; of the thread that reads. */
        private @Nullable ByteString member;

        Connection(Link link, Caller caller) {
            this.link = link;
            this.caller = caller;
        }

        private void require(RaftRpcRequestProto from) throws IOException {
            if (!from.getRequestorId().equals(member)) {
                members.require(caller.who().peer(), from.getRequestorId());
                member = from.getRequestorId();
            }
        }

        @Override
        public void received(Link.Kind kind, long id, ByteBuffer body) throws IOException {
            switch (kind) {
                case APPEND_ENTRIES -> append(id, AppendEntriesRequestProto.parseFrom(in(body)));
                case INSTALL_SNAPSHOT -> install(id, InstallSnapshotRequestProto.parseFrom(in(body)));
                case CALL -> call(id, body);
                case APPEND_ENTRIES_REPLY, INSTALL_SNAPSHOT_REPLY, ANSWER, FAILURE, COMPRESS, COMPRESS_REPLY ->
                    throw new IOException("an answer of kind " + kind + " to nothing");
            }
        }

        /** On the thread that reads, so in the order in which they were sent. */
        private void append(long id, AppendEntriesRequestProto request) {
            CompletableFuture<AppendEntriesReplyProto> reply;
            try {
                require(request.getServerRequest());
                reply = raft().append(request);
            } catch (IOException | RuntimeException e) {
                reply = CompletableFuture.failedFuture(e);
            }
            answer(Link.Kind.APPEND_ENTRIES_REPLY, id, reply.thenApply(LinkServer::bytes));
        }

        private void install(long id, InstallSnapshotRequestProto request) {
            CompletableFuture<ByteBuffer> reply;
            try {
                require(request.getServerRequest());
                reply = CompletableFuture.completedFuture(bytes(raft().installSnapshot(request)));
            } catch (IOException | RuntimeException e) {
                reply = CompletableFuture.failedFuture(e);
            }
            answer(Link.Kind.INSTALL_SNAPSHOT_REPLY, id, reply);
        }

        private Raft raft() throws IOException {
            Raft to = raft;
            if (to == null) {
                throw new IOException("the member is starting");
            }
            return to;
        }

        private void call(long id, ByteBuffer body) throws IOException {
            RpcService.Call call = new RpcService.Call(cluster, handler, caller, body);
            if (call.isQuick()) {
                answer(Link.Kind.ANSWER, id, call.answer());
                return;
            }
            try {
                executor.execute(() -> answer(Link.Kind.ANSWER, id, call.answer()));
            } catch (RejectedExecutionException e) {
                throw new IOException("the member is closing", e);
            }
        }

        private void answer(Link.Kind kind, long id, CompletableFuture<ByteBuffer> reply) {
            var unused = reply.whenComplete((body, failure) -> {
                try {
                    boolean sent = failure == null
                            ? link.send(kind, id, body)
                            : link.send(Link.Kind.FAILURE, id, text(failure));
                    if (!sent) {
                        LOG.debug("the caller is gone");
                    }
                } catch (IOException | RuntimeException e) {
                    LOG.debug("the caller is gone", e);
                }
            });
        }

        private ByteBuffer text(Throwable failure) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            return ByteBuffer.wrap(String.valueOf(cause.getMessage()).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void closed() {
            links.remove(link);
        }
    }
}
