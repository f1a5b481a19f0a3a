package io.concordcache.raft.ratis;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * Ratis' gRPC transport, whose appenders are handed to {@link Nudges} as they are made. Ratis finds it by its class name,
 * hence public.
 */
public final class NudgingRpcType implements RpcType {
    static final String NUDGES = "concord.nudges";

    @Override
    public String name() {
        return getClass().getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        return new Factory(parameters);
    }

    private static final class Factory extends GrpcFactory {
        private final Nudges nudges;

        Factory(Parameters parameters) {
            super(parameters);
            nudges = parameters.getNonNull(NUDGES, Nudges.class);
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division division, LeaderState state, FollowerInfo follower) {
            return nudges.watched(super.newLogAppender(division, state, follower));
        }
    }
}
