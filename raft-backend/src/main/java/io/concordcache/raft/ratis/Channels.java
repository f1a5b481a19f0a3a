package io.concordcache.raft.ratis;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.wire.CorruptDataException;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import io.concordcache.raft.wire.RpcCodec;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ClientCall;
import org.apache.ratis.thirdparty.io.grpc.ConnectivityState;
import org.apache.ratis.thirdparty.io.grpc.Context;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;

/** One connection to each member that this node talks to, made when first needed. Thread-safe. */
final class Channels implements AutoCloseable {
    /** A connection that says nothing for so long is asked whether it lives, and then given up after as long. */
    private static final long KEEP_ALIVE_MILLIS = 1000;

    private final String cluster;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Channels(String cluster) {
        this.cluster = cluster;
    }

    /** The request surely did not reach the member. */
    static final class NotSentException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotSentException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Asks a member. The future completes on a thread of the transport, which must not be blocked. */
    CompletableFuture<Response> call(Member member, Request request, Duration timeout) {
        return call(member, request, timeout, CallOptions.DEFAULT);
    }

    /** Asks a member that may just be starting: waits for a connection as long as for an answer. */
    CompletableFuture<Response> callPatiently(Member member, Request request, Duration timeout) {
        return call(member, request, timeout, CallOptions.DEFAULT.withWaitForReady());
    }

    private CompletableFuture<Response> call(Member member, Request request, Duration timeout, CallOptions how) {
        CompletableFuture<Response> result = new CompletableFuture<>();
        CallOptions options = how.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        ClientCall<ByteBuffer, ByteBuffer> call =
                start(member, Rpc.CALL, options, request, result::complete, failure -> {
                    if (!result.isDone()) {
                        result.completeExceptionally(
                                failure == null ? new IllegalStateException("no answer from " + member) : failure);
                    }
                });
        call.request(2);
        return result;
    }

    /**
     * Asks a member for a stream. Nothing comes before {@link Stream#more}.
     *
     * @param ended runs once, with null for a good end
     */
    Stream stream(Member member, Request request, Consumer<Response> next, Consumer<@Nullable Throwable> ended) {
        return new Stream(start(member, Rpc.STREAM, CallOptions.DEFAULT, request, next, ended));
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
            Member member,
            MethodDescriptor<ByteBuffer, ByteBuffer> method,
            CallOptions options,
            Request request,
            Consumer<Response> next,
            Consumer<@Nullable Throwable> ended) {
        // Else a call that is made while one from outside is answered would be cancelled with that.
        Context outer = Context.ROOT.attach();
        try {
            ClientCall<ByteBuffer, ByteBuffer> call = channel(member).newCall(method, options);
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
                        ended.accept(unreadable != null ? unreadable : status.isOk() ? null : failure(status));
                    }
                },
                new Metadata());
        call.sendMessage(RpcCodec.encode(cluster, request));
        call.halfClose();
    }

    private static RuntimeException failure(Status status) {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return new NotSentException(String.valueOf(cause.getMessage()), cause);
            }
        }
        return status.asRuntimeException();
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
        return NettyChannelBuilder.forAddress(member.host(), member.port())
                .usePlaintext()
                .disableRetry() // an entry must go into the log once for each call
                .directExecutor()
                .maxInboundMessageSize(Rpc.MAX_MESSAGE_BYTES)
                .keepAliveTime(KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS)
                .keepAliveTimeout(KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1000)
                .build();
    }

    /** Ends all connections; calls under way fail. */
    @Override
    public void close() {
        closed = true;
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
