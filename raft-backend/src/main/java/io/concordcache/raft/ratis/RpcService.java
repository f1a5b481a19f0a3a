package io.concordcache.raft.ratis;

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

    /** Answers requests; called by many threads, must not block for long. */
    interface Handler {
        CompletableFuture<Response> answer(Request request);

        /** Answers with a stream until it is complete or cancelled. */
        void stream(Request request, Sink sink);
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

    /** Who calls, while its request is served; only with TLS. */
    static final Context.Key<Peer> PEER = Context.key("concord-peer");

    /** Ratis' protocols for clients and administration are used by nobody, and are no way around ours. */
    private static final Set<String> SERVED = Set.of(Rpc.SERVICE, RaftServerProtocolServiceGrpc.SERVICE_NAME);

    private RpcService() {}

    /**
     * Adds our service to Ratis' port.
     *
     * @param tls null for none
     */
    static GrpcServices.Customizer on(String cluster, Handler handler, @Nullable Tls tls) {
        ServerServiceDefinition service = ServerServiceDefinition.builder(Rpc.SERVICE)
                .addMethod(
                        Rpc.STREAM,
                        ServerCalls.asyncServerStreamingCall(
                                (request, answer) -> stream(cluster, handler, request, answer)))
                .build();
        return (builder, types) -> (tls == null
                        ? builder
                        : builder.sslContext(GrpcTls.server(tls)).intercept(new Guard()))
                .addService(service)
                .permitKeepAliveTime(MIN_KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true);
    }

    private static final class Guard implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if (!SERVED.contains(String.valueOf(call.getMethodDescriptor().getServiceName()))) {
                call.close(Status.PERMISSION_DENIED.withDescription("not served here"), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            Peer peer = Peer.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
            return Contexts.interceptCall(Context.current().withValue(PEER, peer), call, headers, next);
        }
    }

    /** One request, read and answered. */
    static final class Call {
        private final Handler handler;
        private final @Nullable Request request;
        private final @Nullable Response refusal;

        Call(String cluster, Handler handler, ByteBuffer bytes) {
            this.handler = handler;
            Request read = null;
            Response refused = null;
            try {
                read = read(cluster, bytes);
            } catch (RefusedException e) {
                refused = e.response();
            }
            request = read;
            refusal = refused;
        }

        /** Whether {@link #answer} does not wait. */
        boolean isQuick() {
            return request == null || request instanceof Request.Append || request instanceof Request.Position;
        }

        CompletableFuture<ByteBuffer> answer() {
            CompletableFuture<Response> response;
            try {
                response = request == null ? CompletableFuture.completedFuture(refusal) : handler.answer(request);
            } catch (RuntimeException e) {
                response = CompletableFuture.failedFuture(e);
            }
            return response.whenComplete((done, failure) -> {
                        if (failure != null) {
                            LOG.warn("a request failed", failure);
                        }
                    })
                    .thenApply(RpcCodec::encode);
        }
    }

    private static void stream(String cluster, Handler handler, ByteBuffer request, StreamObserver<ByteBuffer> answer) {
        Sink sink = new Sink((ServerCallStreamObserver<ByteBuffer>) answer);
        try {
            handler.stream(read(cluster, request), sink);
        } catch (RefusedException e) {
            sink.send(e.response());
            sink.complete();
        }
    }

    private static Request read(String cluster, ByteBuffer bytes) {
        try {
            RpcCodec.Addressed addressed = RpcCodec.decodeRequest(bytes);
            if (!addressed.cluster().equals(cluster)) {
                throw new RefusedException("this is a member of cluster '" + cluster + "', not of '"
                        + addressed.cluster() + "'; check the cluster name and the address");
            }
            return addressed.request();
        } catch (CorruptDataException e) {
            throw new RefusedException("not understood: " + e.getMessage());
        }
    }

    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message, null, false, false);
        }

        Response response() {
            return new Response.Failed(Response.Failed.Kind.REJECTED, "NO_CLUSTER", String.valueOf(getMessage()));
        }
    }
}
