package io.concordcache.raft.ratis;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.store.Tracing;
import io.concordcache.raft.tls.Secret;
import io.concordcache.raft.tls.Tls;
import io.concordcache.raft.wire.CorruptDataException;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import io.concordcache.raft.wire.RpcCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ClientCall;
import org.apache.ratis.thirdparty.io.grpc.ConnectivityState;
import org.apache.ratis.thirdparty.io.grpc.Context;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelOption;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * The connections to the members that this node talks to, made when first needed: one {@link Link} to each for calls, one of
 * gRPC for streams. Thread-safe.
 */
final class Channels implements AutoCloseable {
    /** A connection that says nothing for so long is asked whether it lives, and then given up after as long. */
    private static final long KEEP_ALIVE_MILLIS = 1000;
    /** A member that cannot be reached is tried again after so long, while somebody waits for it. */
    private static final long RECONNECT_MILLIS = 50;

    private final String cluster;
    private final LinkCompression compression;
    private final @Nullable Tls tls;
    private final @Nullable Secret token;
    private final Traces traces;
    private final @Nullable SslContext grpcTls;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final Map<String, Line> lines = new ConcurrentHashMap<>();
    /** Only ends what takes too long, so that it is never blocked itself. */
    private final ScheduledThreadPoolExecutor timer;

    private volatile boolean closed;

    /**
     * @param tls null to connect without
     * @param token to show to members, null for none
     */
    Channels(String cluster, LinkCompression compression, @Nullable Tls tls, @Nullable Secret token, Traces traces) {
        this.cluster = cluster;
        this.traces = traces;
        this.compression = compression;
        this.tls = tls;
        this.token = token;
        grpcTls = tls == null ? null : GrpcTls.client(tls);
        timer = new ScheduledThreadPoolExecutor(1, RatisStore.daemon("concord-call-timer"));
        timer.setRemoveOnCancelPolicy(true);
    }

    /** The request surely did not reach the member. */
    static final class NotSentException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotSentException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Asks a member. The future completes on a thread that must not be blocked. */
    CompletableFuture<Response> call(Member member, Request request, Duration timeout) {
        Tracing.Step span = isOfACall(request) ? traces.request(request.name(), member) : null;
        ByteBuffer bytes = RpcCodec.encode(cluster, request);
        if (span == null) {
            return line(member).call(bytes, null, timeout, false);
        }
        CompletableFuture<Response> answer = line(member).call(bytes, span.toSend(), timeout, false);
        var unused = answer.whenComplete(
                (response, failure) -> span.end(response == null ? failure : Forwarding.failure(response)));
        return answer;
    }

    /** Others are joined ones, of many calls and of none. */
    private static boolean isOfACall(Request request) {
        return !(request instanceof Request.Position
                || request instanceof Request.Fence
                || request instanceof Request.Used);
    }

    /** Asks a member that may just be starting: waits for a connection as long as for an answer. */
    CompletableFuture<Response> callPatiently(Member member, Request request, Duration timeout) {
        return line(member).call(RpcCodec.encode(cluster, request), null, timeout, true);
    }

    private Line line(Member member) {
        return lines.computeIfAbsent(member.address(), address -> new Line(member));
    }

    /**
     * Asks a member for a stream. Nothing comes before {@link Stream#more}.
     *
     * @param ended runs once, with null for a good end
     */
    Stream stream(Member member, Request request, Consumer<Response> next, Consumer<@Nullable Throwable> ended) {
        return new Stream(start(member, request, next, ended));
    }

    /** A stream of answers, one for each that is asked for. */
    static final class Stream implements AutoCloseable {
        private final ClientCall<ByteBuffer, ByteBuffer> call;

        private Stream(ClientCall<ByteBuffer, ByteBuffer> call) {
            this.call = call;
        }

        void more(int count) {
            call.request(count);
        }

        @Override
        public void close() {
            call.cancel("not needed any more", null);
        }
    }

    private ClientCall<ByteBuffer, ByteBuffer> start(
            Member member, Request request, Consumer<Response> next, Consumer<@Nullable Throwable> ended) {
        // Else a stream that is opened while one from outside is served would be cancelled with that.
        Context outer = Context.ROOT.attach();
        try {
            ClientCall<ByteBuffer, ByteBuffer> call = channel(member).newCall(Rpc.STREAM, CallOptions.DEFAULT);
            start(call, request, next, ended);
            return call;
        } finally {
            Context.ROOT.detach(outer);
        }
    }

    private void start(
            ClientCall<ByteBuffer, ByteBuffer> call,
            Request request,
            Consumer<Response> next,
            Consumer<@Nullable Throwable> ended) {
        call.start(
                new ClientCall.Listener<>() {
                    private @Nullable CorruptDataException unreadable;

                    @Override
                    public void onMessage(ByteBuffer message) {
                        try {
                            next.accept(RpcCodec.decodeResponse(message));
                        } catch (CorruptDataException e) {
                            unreadable = e;
                            call.cancel("the answer cannot be read", e);
                        }
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.accept(
                                unreadable != null ? unreadable : status.isOk() ? null : status.asRuntimeException());
                    }
                },
                headers());
        call.sendMessage(RpcCodec.encode(cluster, request));
        call.halfClose();
    }

    private Metadata headers() {
        Metadata headers = new Metadata();
        if (token != null) {
            headers.put(RpcService.TOKEN, token.value());
        }
        return headers;
    }

    private ManagedChannel channel(Member member) {
        ManagedChannel channel = channels.computeIfAbsent(member.address(), address -> open(member));
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.resetConnectBackoff();
        }
        return channel;
    }

    private ManagedChannel open(Member member) {
        if (closed) {
            throw new IllegalStateException("the connections are closed");
        }
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(member.host(), member.port());
        return (grpcTls == null ? builder.usePlaintext() : builder.sslContext(grpcTls))
                .disableRetry() // an entry must go into the log once for each call
                .directExecutor()
                .maxInboundMessageSize(Rpc.MAX_MESSAGE_BYTES)
                .keepAliveTime(KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS)
                .keepAliveTimeout(KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1000)
                .build();
    }

    /** The calls to one member. */
    private final class Line {
        private final Member member;
        private final AtomicLong ids = new AtomicLong();
        private final Map<Long, Call> calls = new ConcurrentHashMap<>();
        private final AtomicBoolean connecting = new AtomicBoolean();
        private volatile @Nullable Link link;
        /** Whether the member at the other end does not understand where in a trace a caller is. */
        private volatile boolean untraced;

        Line(Member member) {
            this.member = member;
        }

        CompletableFuture<Response> call(
                ByteBuffer request, @Nullable String trace, Duration timeout, boolean patient) {
            Call call = new Call(ids.incrementAndGet(), request, trace, patient);
            if (closed) {
                call.completeExceptionally(new IllegalStateException("the connections are closed"));
                return call;
            }
            calls.put(call.id, call);
            Future<?> end = timer.schedule(() -> timedOut(call, timeout), timeout.toNanos(), TimeUnit.NANOSECONDS);
            var unused = call.whenComplete((response, failure) -> {
                end.cancel(false);
                calls.remove(call.id);
            });
            send(call);
            return call;
        }

        private void send(Call call) {
            Link to = link;
            if (to == null || !to.isOpen()) {
                connect();
            } else if (call.via.compareAndSet(null, to)) {
                try {
                    if (!to.send(Link.Kind.CALL, call.id, call.bytes(untraced))) {
                        call.via.set(null);
                        connect();
                    }
                } catch (IOException e) {
                    call.completeExceptionally(new IllegalStateException(member + " may not have got it", e));
                }
            }
        }

        private void timedOut(Call call, Duration timeout) {
            boolean late = call.completeExceptionally(
                    new IllegalStateException("no answer from " + member + " within " + timeout.toMillis() + " ms"));
            Link silent = call.via.get();
            if (late && silent != null) {
                silent.close(); // perhaps it lives, but then it is soon made anew
            }
        }

        /** On a thread of its own, for it may take a while. */
        private void connect() {
            if (connecting.compareAndSet(false, true)) {
                RatisStore.daemon("concord-connect").newThread(this::connected).start();
            }
        }

        private void connected() {
            try {
                Answers answers = new Answers();
                Link made = Link.connect(
                        InetSocketAddress.createUnresolved(member.host(), member.port()),
                        "concord-answers",
                        timer,
                        compression,
                        tls,
                        answers);
                answers.of = made;
                untraced = false; // it may have been updated
                if (token != null) {
                    // What follows on the connection is taken in after it, so its answer is not waited for.
                    var unused =
                            made.send(Link.Kind.CALL, 0, RpcCodec.encode(cluster, new Request.Token(token.value())));
                }
                link = made;
                connecting.set(false);
                if (closed) {
                    made.close();
                }
                calls.values().forEach(this::send);
                if (!made.isOpen()) {
                    answers.closed();
                }
            } catch (IOException | RuntimeException e) {
                connecting.set(false);
                NotSentException failure = new NotSentException(member + " cannot be reached: " + e.getMessage(), e);
                boolean wanted = false;
                for (Call call : calls.values()) {
                    if (call.via.get() == null && call.patient) {
                        wanted = true;
                    } else if (call.via.get() == null) {
                        call.completeExceptionally(failure);
                    }
                }
                if (wanted && !closed) {
                    var unused = timer.schedule(this::connect, RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
                }
            }
        }

        /** What comes over one connection. */
        private final class Answers implements Link.Receiver {
            private volatile @Nullable Link of;

            @Override
            public void received(Link.Kind kind, long id, ByteBuffer body) throws IOException {
                Call call = calls.get(id);
                if (call == null) {
                    return; // it came too late
                }
                if (kind == Link.Kind.FAILURE) {
                    call.completeExceptionally(
                            new IllegalStateException(member + " failed: " + StandardCharsets.UTF_8.decode(body)));
                } else if (kind == Link.Kind.ANSWER) {
                    try {
                        answered(call, RpcCodec.decodeResponse(body));
                    } catch (CorruptDataException e) {
                        call.completeExceptionally(e);
                    }
                } else {
                    throw new IOException("an answer of kind " + kind);
                }
            }

            private void answered(Call call, Response response) {
                if (call.traced && isNotUnderstood(response)) {
                    untraced = true; // nothing was done, so it may be sent again
                    call.via.set(null);
                    send(call);
                } else {
                    call.complete(response);
                }
            }

            @Override
            public void closed() {
                Link ended = of;
                IOException refused = ended == null ? null : ended.failure();
                for (Call call : calls.values()) {
                    if (ended != null && call.via.get() == ended) {
                        call.completeExceptionally(
                                refused == null
                                        ? new IllegalStateException("the connection with " + member + " ended")
                                        : new NotSentException(
                                                member + " refuses the connection: " + refused.getMessage(), refused));
                    }
                }
            }
        }

        void close() {
            Link open = link;
            if (open != null) {
                open.close();
            }
            calls.values()
                    .forEach(call ->
                            call.completeExceptionally(new IllegalStateException("the connections are closed")));
        }
    }

    private static boolean isNotUnderstood(Response response) {
        return response instanceof Response.Failed failed
                && failed.reason().equals(RequestRejectedException.Reason.NOT_UNDERSTOOD.name());
    }

    private static final class Call extends CompletableFuture<Response> {
        private final long id;
        private final ByteBuffer request;
        /** Where in a trace it is, null for nowhere. */
        private final @Nullable String trace;
        /** Whether the member was told, with the last attempt. */
        private volatile boolean traced;
        /** Whether it waits for a member that cannot be reached yet. */
        private final boolean patient;

        /** Over which connection it went, null for none yet. */
        private final AtomicReference<@Nullable Link> via = new AtomicReference<>();

        Call(long id, ByteBuffer request, @Nullable String trace, boolean patient) {
            this.id = id;
            this.request = request;
            this.trace = trace;
            this.patient = patient;
        }

        ByteBuffer bytes(boolean untraced) {
            if (trace == null || untraced) {
                traced = false;
                return request;
            }
            traced = true;
            return RpcCodec.traced(request, trace);
        }
    }

    /** Ends all connections; calls under way fail. */
    @Override
    public void close() {
        closed = true;
        channels.values().forEach(ManagedChannel::shutdownNow);
        lines.values().forEach(Line::close);
        timer.shutdownNow();
    }
}
