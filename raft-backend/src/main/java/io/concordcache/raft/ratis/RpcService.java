package io.concordcache.raft.ratis;

import io.concordcache.raft.access.SeldomLog;
import io.concordcache.raft.access.Token;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.store.Tracing;
import io.concordcache.raft.tls.Peer;
import io.concordcache.raft.tls.Tls;
import io.concordcache.raft.wire.CorruptDataException;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import io.concordcache.raft.wire.RpcCodec;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.thirdparty.io.grpc.Context;
import org.apache.ratis.thirdparty.io.grpc.Contexts;
import org.apache.ratis.thirdparty.io.grpc.Grpc;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.ServerServiceDefinition;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCallStreamObserver;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Our service on a member's port: reads requests, lets a {@link Handler} answer them. Streams go over gRPC. */
final class RpcService {
    private static final Logger LOG = LoggerFactory.getLogger(RpcService.class);
    /** Clients may ask so often whether the connection lives. */
    private static final long MIN_KEEP_ALIVE_MILLIS = 500;
    /** Who has not ended the handshakes of TLS and HTTP/2 by then is cut off. */
    private static final long HANDSHAKE_SECONDS = 4;
    /** Connections without a call are closed after so long; who needs one again makes it. */
    private static final long IDLE_HOURS = 1;
    /** A client has one call open for each cache that it hears of. */
    private static final int MAX_CALLS = 10_000;

    /** Answers requests; called by many threads, must not block for long. */
    interface Handler {
        CompletableFuture<Response> answer(Request request, Caller caller);

        /** How to tell of what is answered. */
        Traces traces();

        /** Answers with a stream until it is complete or cancelled. */
        void stream(Request request, Caller caller, Sink sink);
    }

    /** Where a stream goes. */
    static final class Sink {
        private final ServerCallStreamObserver<ByteBuffer> observer;

        private Sink(ServerCallStreamObserver<ByteBuffer> observer) {
            this.observer = observer;
        }

        /** Whether the next message would be sent at once. */
        boolean isReady() {
            return observer.isReady();
        }

        boolean isCancelled() {
            return observer.isCancelled();
        }

        void onReady(Runnable handler) {
            observer.setOnReadyHandler(handler);
        }

        void onCancel(Runnable handler) {
            observer.setOnCancelHandler(handler);
        }

        synchronized void send(Response response) {
            if (!observer.isCancelled()) {
                observer.onNext(RpcCodec.encode(response));
            }
        }

        synchronized void complete() {
            if (!observer.isCancelled()) {
                observer.onCompleted();
            }
        }
    }

    /** Who calls, while its request is served. */
    static final Context.Key<Caller> CALLER = Context.key("concord-caller");

    /** The token of the caller, as text. */
    static final Metadata.Key<String> TOKEN = Metadata.Key.of("concord-token", Metadata.ASCII_STRING_MARSHALLER);

    private static final SeldomLog FAILED = new SeldomLog(LOG);
    /** Where gRPC tells, with a stack, of each connection that ends badly; whoever connects can cause that. */
    private static final java.util.logging.Logger ENDED = java.util.logging.Logger.getLogger(
            NettyServerBuilder.class.getPackageName() + ".NettyServerTransport.connections");

    static {
        SeldomLog seldom = new SeldomLog(LOG);
        ENDED.setFilter(line -> line.getLevel().intValue() < Level.INFO.intValue() || seldom.isDue());
    }

    /** Ratis' protocols for clients and administration are used by nobody, and are no way around ours. */
    private static final Set<String> SERVED = Set.of(Rpc.SERVICE, RaftServerProtocolServiceGrpc.SERVICE_NAME);

    private RpcService() {}

    /**
     * Adds our service to Ratis' port.
     *
     * @param tls null for none
     * @param members who may use Ratis' protocol
     */
    static GrpcServices.Customizer on(String cluster, Handler handler, @Nullable Tls tls, MemberCheck members) {
        ServerServiceDefinition service = ServerServiceDefinition.builder(Rpc.SERVICE)
                .addMethod(
                        Rpc.STREAM,
                        ServerCalls.asyncServerStreamingCall(
                                (request, answer) -> stream(cluster, handler, request, answer)))
                .build();
        return (builder, types) -> (tls == null ? builder : builder.sslContext(GrpcTls.server(tls)))
                .intercept(new Guard(members))
                .addService(service)
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                .maxConnectionIdle(IDLE_HOURS, TimeUnit.HOURS)
                .maxConcurrentCallsPerConnection(MAX_CALLS)
                .maxInboundMessageSize(Rpc.MAX_MESSAGE_BYTES)
                .permitKeepAliveTime(MIN_KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true);
    }

    private static final class Guard implements ServerInterceptor {
        private final MemberCheck members;

        Guard(MemberCheck members) {
            this.members = members;
        }

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String service = String.valueOf(call.getMethodDescriptor().getServiceName());
            if (!SERVED.contains(service)) {
                return refused(call, "not served here");
            }
            String token = headers.get(TOKEN);
            Peer peer = Peer.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
            if (!service.equals(Rpc.SERVICE) && !members.mayBeMember(peer)) {
                return refused(call, "FORBIDDEN: the certificate of " + peer + " is not for a member");
            }
            Caller caller = new Caller(
                    call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
                    peer,
                    token == null ? null : Token.of(token));
            return Contexts.interceptCall(Context.current().withValue(CALLER, caller), call, headers, next);
        }
    }

    private static <Q, A> ServerCall.Listener<Q> refused(ServerCall<Q, A> call, String why) {
        call.close(Status.PERMISSION_DENIED.withDescription(why), new Metadata());
        return new ServerCall.Listener<>() {};
    }

    /** One request, read and answered. */
    static final class Call {
        private final Handler handler;
        private final Caller caller;
        private final @Nullable Request request;
        private final @Nullable String trace;
        /** The answer, if no handler is needed for it. */
        private final @Nullable Response known;

        Call(String cluster, Handler handler, Caller caller, ByteBuffer bytes) {
            this.handler = handler;
            this.caller = caller;
            Request read = null;
            String traced = null;
            Response refused = null;
            try {
                RpcCodec.Addressed addressed = read(cluster, bytes);
                traced = addressed.trace();
                read = addressed.request();
                if (read instanceof Request.Token token) {
                    caller.shows(Token.of(token.text()));
                    read = null;
                    refused = new Response.Done();
                }
            } catch (RefusedException e) {
                refused = e.response();
            }
            request = read;
            trace = traced;
            known = refused;
        }

        /** Whether {@link #answer} does not wait. */
        boolean isQuick() {
            return request == null || request instanceof Request.Append || request instanceof Request.Position;
        }

        CompletableFuture<ByteBuffer> answer() {
            Request asked = request;
            Tracing.Step span = asked == null ? null : handler.traces().served(asked.name(), trace);
            CompletableFuture<Response> response;
            try (Tracing.Scope entered = span == null ? null : span.enter()) {
                response = asked == null ? CompletableFuture.completedFuture(known) : handler.answer(asked, caller);
            } catch (RuntimeException e) {
                response = CompletableFuture.failedFuture(e);
            }
            if (span != null) {
                var unused = response.whenComplete((done, failure) -> end(span, asked, done, failure));
            }
            return response.whenComplete((done, failure) -> {
                        if (failure != null && FAILED.isDue()) {
                            LOG.warn("a request failed{}", FAILED.others(), failure);
                        }
                    })
                    .thenApply(RpcCodec::encode);
        }
    }

    private static void end(
            Tracing.Step span, @Nullable Request asked, @Nullable Response answer, @Nullable Throwable failure) {
        if (asked instanceof Request.Append append && answer instanceof Response.Appended appended) {
            span.appended(append.entry().commands().size(), appended.index());
        }
        span.end(answer == null ? failure : Forwarding.failure(answer));
    }

    private static void stream(String cluster, Handler handler, ByteBuffer request, StreamObserver<ByteBuffer> answer) {
        Sink sink = new Sink((ServerCallStreamObserver<ByteBuffer>) answer);
        try {
            handler.stream(read(cluster, request).request(), CALLER.get(), sink);
        } catch (RefusedException e) {
            sink.send(e.response());
            sink.complete();
        }
    }

    private static RpcCodec.Addressed read(String cluster, ByteBuffer bytes) {
        try {
            RpcCodec.Addressed addressed = RpcCodec.decodeRequest(bytes);
            if (!addressed.cluster().equals(cluster)) {
                throw new RefusedException(
                        Reason.NO_CLUSTER,
                        "this is a member of cluster '" + cluster + "', not of '" + addressed.cluster()
                                + "'; check the cluster name and the address");
            }
            return addressed;
        } catch (CorruptDataException e) {
            throw new RefusedException(Reason.NOT_UNDERSTOOD, "not understood: " + e.getMessage());
        }
    }

    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final Reason reason;

        RefusedException(Reason reason, String message) {
            super(message, null, false, false);
            this.reason = reason;
        }

        Response response() {
            return new Response.Failed(Response.Failed.Kind.REJECTED, reason.name(), String.valueOf(getMessage()));
        }
    }
}
