package io.concordcache.raft.ratis;

import io.concordcache.raft.access.Escaped;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.tls.Peer;
import java.io.IOException;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether who speaks as a member is that member: its certificate must name the host, or the id, of a member that is known
 * here by the id that it gives. Who merely has a certificate that is trusted is a client.
 */
final class MemberCheck {
    private static final Logger LOG = LoggerFactory.getLogger(MemberCheck.class);
    private static final int MAX_REMEMBERED = 1000;

    /** Whom this node knows. */
    interface Known {
        /** By the settings, by the log and by what other members say. */
        Collection<Member> members();

        /** Somebody speaks as a member that is not among them; perhaps the others know it. Must not wait. */
        void unknown();
    }

    private final @Nullable Known known;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    private MemberCheck(@Nullable Known known) {
        this.known = known;
    }

    /** Without TLS nobody can show who it is. */
    static MemberCheck none() {
        return new MemberCheck(null);
    }

    static MemberCheck of(Known known) {
        return new MemberCheck(known);
    }

    /** @throws IOException if it is not the member that it says it is */
    void require(Peer caller, ByteString requestor) throws IOException {
        if (known == null) {
            return;
        }
        String id = RatisMember.memberId(RaftPeerId.valueOf(requestor));
        Collection<Member> members = known.members();
        if (members.stream().anyMatch(member -> member.id().equals(id) && caller.is(member))) {
            return;
        }
        known.unknown();
        String problem = "FORBIDDEN: the certificate of " + caller + " is not for the member " + id
                + "; a member must show one that names its host as the list of members has it";
        if (warned.size() < MAX_REMEMBERED && warned.add(caller + " " + id)) {
            LOG.warn("{}; known are {}", Escaped.of(problem), members);
        }
        throw new IOException(problem);
    }

    /** Whether this is the certificate of a member that is known here. */
    boolean isMember(Peer caller) {
        if (known == null || caller.names().isEmpty()) {
            return false;
        }
        return known.members().stream().anyMatch(caller::is);
    }

    /** Somebody is refused who may be a member that is not known here yet. */
    void refused() {
        if (known != null) {
            known.unknown();
        }
    }

    /** Whether there is reason to look closer, by {@link #require}: it is a member, or without TLS could be. */
    boolean mayBeMember(Peer caller) {
        boolean may = known == null || isMember(caller);
        if (!may) {
            refused();
        }
        return may;
    }

    /** The same for what comes over gRPC, on the thread that serves it. */
    void requireCaller(@Nullable Object @Nullable [] arguments) throws IOException {
        if (known == null || arguments == null || arguments.length == 0) {
            return;
        }
        RaftRpcRequestProto from = from(arguments[0]);
        if (from != null) {
            Caller caller = RpcService.CALLER.get();
            require(caller == null ? Peer.NOBODY : caller.who().peer(), from.getRequestorId());
        }
    }

    private static @Nullable RaftRpcRequestProto from(@Nullable Object request) {
        if (request instanceof RequestVoteRequestProto vote) {
            return vote.getServerRequest();
        } else if (request instanceof StartLeaderElectionRequestProto start) {
            return start.getServerRequest();
        } else if (request instanceof AppendEntriesRequestProto append) {
            return append.getServerRequest();
        } else if (request instanceof InstallSnapshotRequestProto install) {
            return install.getServerRequest();
        } else if (request instanceof ReadIndexRequestProto read) {
            return read.getServerRequest();
        }
        return null;
    }
}
