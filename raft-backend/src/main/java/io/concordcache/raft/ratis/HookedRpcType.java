package io.concordcache.raft.ratis;

import io.concordcache.raft.tls.Tls;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.grpc.server.GrpcServicesImpl;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * Ratis' gRPC transport, but for the log, which goes over {@link Link}s; with {@link Hooks} on what members tell each other
 * of the log. Ratis finds it by its class name, hence public.
 */
public final class HookedRpcType implements RpcType {
    static final String HOOKS = "concord.hooks";
    static final String LINKS = "concord.links";

    /** Called by Ratis' threads; must not block. */
    interface Hooks {
        /** A follower is about to take these in. */
        void appending(AppendEntriesRequestProto request);

        /** A follower has taken these in. */
        void appended(AppendEntriesRequestProto request);

        /** A leader starts to send to a follower. */
        void appender(RaftServer.Division division, LeaderState state, LogAppender appender);

        /** The log of a follower is known to match that of the leader further than before. */
        void matched();

        /** A leader tells followers of nothing beyond this index that it is committed. */
        long stable();
    }

    @Override
    public String name() {
        return getClass().getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        return new Factory(parameters);
    }

    private static final class Factory extends GrpcFactory {
        private final Hooks hooks;
        private final LinkServer links;
        private final GrpcServices.Customizer customizer;

        Factory(Parameters parameters) {
            super(parameters);
            hooks = parameters.getNonNull(HOOKS, Hooks.class);
            links = parameters.getNonNull(LINKS, LinkServer.class);
            customizer = GrpcConfigKeys.Server.servicesCustomizer(parameters);
        }

        @Override
        public GrpcServices newRaftServerRpc(RaftServer server) {
            links.serve(new LinkServer.Raft() {
                @Override
                public CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request)
                        throws IOException {
                    return Factory.this.append(server, request);
                }

                @Override
                public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request)
                        throws IOException {
                    return server.installSnapshot(request);
                }
            });
            RaftServer hooked = (RaftServer) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {RaftServer.class},
                    (proxy, method, arguments) -> receive(server, method, arguments));
            Tls tls = links.tls();
            return tls == null
                    ? super.newRaftServerRpc(hooked)
                    : GrpcServicesImpl.newBuilder()
                            .setServer(hooked)
                            .setCustomizer(customizer)
                            .setServerSslContextForClient(GrpcTls.client(tls))
                            .build();
        }

        private Object receive(RaftServer server, Method method, Object[] arguments) throws Throwable {
            links.members().requireCaller(arguments);
            boolean appends = method.getName().equals("appendEntriesAsync");
            return appends
                    ? append(server, (AppendEntriesRequestProto) arguments[0])
                    : invoke(server, method, arguments);
        }

        private CompletableFuture<AppendEntriesReplyProto> append(RaftServer server, AppendEntriesRequestProto request)
                throws IOException {
            hooks.appending(request);
            return server.appendEntriesAsync(request).thenApply(reply -> {
                if (reply.getResult() == AppendResult.SUCCESS) {
                    hooks.appended(request);
                }
                return reply;
            });
        }

        private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division division, LeaderState state, FollowerInfo follower) {
            LogAppender appender = new LinkAppender(
                    division, new Told(state, hooks), follower, links.timer(), links.compression(), links.tls());
            hooks.appender(division, state, appender);
            return appender;
        }
    }

    /** A leader's state that says what followers may be told. */
    private record Told(LeaderState state, Hooks hooks) implements LeaderState {
        @Override
        public AppendEntriesRequestProto newAppendEntriesRequestProto(
                FollowerInfo follower, List<LogEntryProto> entries, TermIndex previous, long callId) {
            AppendEntriesRequestProto request = state.newAppendEntriesRequestProto(follower, entries, previous, callId);
            // How far the others have committed is of no use to a follower, and larger than most entries.
            return request.toBuilder()
                    .setLeaderCommit(Math.min(request.getLeaderCommit(), hooks.stable()))
                    .clearCommitInfos()
                    .build();
        }

        @Override
        public void onFollowerSuccessAppendEntries(FollowerInfo follower) {
            state.onFollowerSuccessAppendEntries(follower);
            hooks.matched();
        }

        @Override
        public void restart(LogAppender appender) {
            state.restart(appender);
        }

        @Override
        public void checkHealth(FollowerInfo follower) {
            state.checkHealth(follower);
        }

        @Override
        public boolean onFollowerTerm(FollowerInfo follower, long followerTerm) {
            return state.onFollowerTerm(follower, followerTerm);
        }

        @Override
        public void onFollowerCommitIndex(FollowerInfo follower, long commitIndex) {
            state.onFollowerCommitIndex(follower, commitIndex);
        }

        @Override
        public boolean isFollowerBootstrapping(FollowerInfo follower) {
            return state.isFollowerBootstrapping(follower);
        }

        @Override
        public void onAppendEntriesReply(LogAppender appender, AppendEntriesReplyProto reply) {
            state.onAppendEntriesReply(appender, reply);
        }
    }
}
