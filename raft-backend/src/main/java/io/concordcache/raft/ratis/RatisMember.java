package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.Tracing;
import io.concordcache.raft.tls.Tls;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Ratis server with at most one group, called in-process. */
final class RatisMember implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RatisMember.class);
    /** The id of one that stands alone. */
    static final RaftPeerId ALONE = RaftPeerId.valueOf("member");

    private static final long SNAPSHOT_TIMEOUT_MILLIS = 60_000;

    static {
        // Ratis ends the JVM when something goes badly wrong, and when any thread at all ends with an exception: not in
        // the JVM of a user.
        Thread.UncaughtExceptionHandler users = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        Thread.setDefaultUncaughtExceptionHandler(users);
    }

    /** What came of an entry, and where in the log it stands. */
    record Logged(Applied applied, long index) {
        /** What came of it, after the place, if any, was told where it stands. */
        Applied applied(Tracing.@Nullable Place commit) {
            if (commit != null) {
                commit.logged(index);
            }
            return applied;
        }
    }

    private final RaftServer server;
    private final RatisStateMachine stateMachine;
    /** Connections of others to this member. */
    private final Closeable links;

    private final boolean mayForceLazily;
    private volatile boolean isForcedLazily;
    private final RaftPeerId id;
    private final RaftGroupId groupId;
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callId = new AtomicLong();

    private volatile RaftServer.@Nullable Division division;
    /** The division as it takes requests without a hop to another thread; an interface that it does not declare. */
    private volatile @Nullable RaftClientAsynchronousProtocol requests;

    private RatisMember(
            RaftServer server,
            RaftGroupId groupId,
            RatisStateMachine stateMachine,
            Closeable links,
            boolean mayForceLazily) {
        this.server = server;
        this.mayForceLazily = mayForceLazily;
        this.links = links;
        this.stateMachine = stateMachine;
        this.id = server.getId();
        this.groupId = groupId;
    }

    static RaftGroupId groupId(String clusterName) {
        return RaftGroupId.valueOf(UUID.nameUUIDFromBytes(("concord:" + clusterName).getBytes(StandardCharsets.UTF_8)));
    }

    /** Its name in Ratis. */
    RaftGroupMemberId memberId() {
        return RaftGroupMemberId.valueOf(id, groupId);
    }

    /** Starts a member that stands alone. It leads when the state machine hears so. */
    static RatisMember startAlone(RatisSettings settings, Path directory, RatisStateMachine stateMachine) {
        RaftGroupId groupId = groupId(settings.clusterName());
        RaftGroup group = RaftGroup.valueOf(
                groupId,
                RaftPeer.newBuilder().setId(ALONE).setAddress("127.0.0.1:0").build());
        return start(settings, directory, stateMachine, ALONE, group, new Parameters(), () -> {});
    }

    /**
     * Starts a member of a cluster. If its directory is new it is in no group yet and only answers requests; see {@link
     * #form} and {@link #awaitJoin}.
     */
    static RatisMember startInCluster(
            RatisSettings settings,
            ClusterSettings cluster,
            Path directory,
            RatisStateMachine stateMachine,
            RpcService.Handler handler,
            HookedRpcType.Hooks hooks,
            LinkCompression compression,
            @Nullable Tls tls,
            MemberCheck members) {
        RaftGroupId groupId = groupId(settings.clusterName());
        Parameters parameters = new Parameters();
        LinkServer links = new LinkServer(settings.clusterName(), handler, compression, tls, members);
        parameters.put(HookedRpcType.HOOKS, hooks, HookedRpcType.Hooks.class);
        parameters.put(HookedRpcType.LINKS, links, LinkServer.class);
        GrpcServices.Customizer streams = RpcService.on(settings.clusterName(), handler, tls, members);
        GrpcConfigKeys.Server.setServicesCustomizer(
                parameters,
                (builder, types) -> streams.customize(builder, types)
                        .channelFactory(() -> new SharedPort(
                                links, tls != null, settings.security().limits())));
        RaftGroup known = StartChecks.hasGroup(directory, groupId) ? RaftGroup.valueOf(groupId) : null;
        try {
            return start(
                    settings, directory, stateMachine, raftId(cluster.self().id()), known, parameters, links);
        } catch (RuntimeException e) {
            links.close();
            throw e;
        }
    }

    private static RatisMember start(
            RatisSettings settings,
            Path directory,
            RatisStateMachine stateMachine,
            RaftPeerId id,
            @Nullable RaftGroup group,
            Parameters parameters,
            Closeable links) {
        RaftGroupId groupId = groupId(settings.clusterName());
        StartChecks.check(settings, directory, groupId);
        RaftServer server = null;
        try {
            server = RaftServer.newBuilder()
                    .setServerId(id)
                    .setGroup(group)
                    .setStateMachineRegistry(gid -> stateMachine)
                    .setOption(RaftStorage.StartupOption.RECOVER)
                    .setProperties(ServerProperties.of(settings, directory))
                    .setParameters(parameters)
                    .build();
            server.start();
            RatisMember member =
                    new RatisMember(server, groupId, stateMachine, links, settings.durability() == Durability.DISK);
            if (group != null) {
                member.enter();
            }
            return member;
        } catch (IOException | RuntimeException e) {
            if (server != null) {
                close(server);
            }
            throw StartChecks.startException(settings, directory, e);
        }
    }

    private void enter() throws IOException {
        RaftServer.Division entered = server.getDivision(groupId);
        isForcedLazily = mayForceLazily && LazyForce.install(entered.getRaftLog());
        requests = (RaftClientAsynchronousProtocol) entered;
        division = entered;
    }

    /** Whether {@link LazyForce} forces the log. */
    boolean isForcedLazily() {
        return isForcedLazily;
    }

    boolean hasGroup() {
        return division != null;
    }

    /** Makes the group with these members; the same on each of them. */
    void form(List<Member> members) throws IOException {
        addGroup(RaftGroup.valueOf(
                groupId, members.stream().map(RatisMember::peer).toList()));
    }

    /** Makes a group without members, in which this one waits until the leader of the cluster adds it. */
    void awaitJoin() throws IOException {
        addGroup(RaftGroup.valueOf(groupId));
    }

    private void addGroup(RaftGroup group) throws IOException {
        RaftClientReply reply = server.groupManagement(
                GroupManagementRequest.newAdd(clientId, id, callId.incrementAndGet(), group, true));
        if (reply.getException() != null) {
            throw reply.getException();
        }
        enter();
    }

    /** JMX, under which Ratis shows its servers, takes no colon in a name. */
    private static RaftPeerId raftId(String id) {
        return RaftPeerId.valueOf(id.replace(':', '~'));
    }

    /** The id of a member that Ratis knows so. */
    static String memberId(RaftPeerId id) {
        return id.toString().replace('~', ':');
    }

    private static RaftPeer peer(Member member) {
        return RaftPeer.newBuilder()
                .setId(raftId(member.id()))
                .setAddress(member.address())
                .build();
    }

    private static Member member(RaftPeer peer) {
        Member address = Member.parse(peer.getAddress());
        return new Member(memberId(peer.getId()), address.host(), address.port());
    }

    /**
     * Puts an entry into the log, if this member leads; completes when it is applied here and stable.
     *
     * @return fails with {@link GroupCommit.NotAppendedException} if it is surely not in the log
     */
    CompletableFuture<Logged> append(LogEntry entry) {
        RaftClientAsynchronousProtocol to = requests;
        if (to == null || !isLeader()) {
            return CompletableFuture.failedFuture(
                    new GroupCommit.NotAppendedException("this member does not lead", null));
        }
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(id)
                .setGroupId(groupId)
                .setCallId(callId.incrementAndGet())
                .setMessage(new EntryMessage(entry))
                .setType(RaftClientRequest.writeRequestType())
                .build();
        try {
            CompletableFuture<Logged> result = new CompletableFuture<>();
            var unused = to.submitClientRequestAsync(request).whenComplete((reply, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else {
                    answer(result, reply);
                }
            });
            return result;
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void answer(CompletableFuture<Logged> result, RaftClientReply reply) {
        if (reply.getException() instanceof ResourceUnavailableException
                || reply.getException() instanceof LeaderNotReadyException
                || reply.getException() instanceof LeaderSteppingDownException) {
            result.completeExceptionally(new GroupCommit.NotAppendedException(
                    String.valueOf(reply.getException().getMessage()), reply.getException()));
        } else if (reply.getException() != null) {
            result.completeExceptionally(reply.getException());
        } else if (reply.getMessage() instanceof EntryMessage.Reply local) {
            Logged logged = new Logged(local.take(), local.index());
            var unused = stateMachine.awaitStable(local.index()).whenComplete((stable, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else {
                    result.complete(logged);
                }
            });
        } else {
            result.completeExceptionally(new IllegalStateException("an answer without content: " + reply));
        }
    }

    /** Whether this member leads a group without others. */
    boolean leadsAlone() {
        return isLeader() && members().size() == 1;
    }

    boolean isLeader() {
        RaftServer.Division in = division;
        return in != null && in.getInfo().isLeader();
    }

    /** Whether this member leads, and has applied all that was committed before it did. */
    boolean isReady() {
        RaftServer.Division in = division;
        return in != null && in.getInfo().isLeaderReady();
    }

    long term() {
        RaftServer.Division in = division;
        return in == null ? 0 : in.getInfo().getCurrentTerm();
    }

    /** Up to where this member knows the log to be committed; -1 if it is in no group. */
    long commitIndex() {
        RaftServer.Division in = division;
        return in == null ? -1 : in.getRaftLog().getLastCommittedIndex();
    }

    /** Since when the leader was not heard, in milliseconds; 0 on the leader, and where nobody is followed. */
    long leaderSilentMillis() {
        RaftServer.Division in = division;
        return in == null
                ? 0
                : in.getInfo()
                        .getRoleInfoProto()
                        .getFollowerInfo()
                        .getLeaderInfo()
                        .getLastRpcElapsedTimeMs();
    }

    /** The member that leads as far as this one knows, null for none. */
    @Nullable
    Member leader() {
        RaftServer.Division in = division;
        if (in == null) {
            return null;
        }
        RaftPeerId leader = in.getInfo().getLeaderId();
        return all(configuration(in))
                .filter(peer -> peer.getId().equals(leader))
                .findFirst()
                .map(RatisMember::member)
                .orElse(null);
    }

    /** Members of the newest configuration in the log; empty for one that waits to join. */
    List<Member> members() {
        RaftServer.Division in = division;
        return in == null
                ? List.of()
                : all(configuration(in)).map(RatisMember::member).toList();
    }

    /**
     * The newest configuration. The one that Ratis uses may be older: a follower that cuts entries off forgets those that
     * take their place, if a configuration is among them (Ratis 3.3.0, {@code ServerState.truncate} after {@code
     * updateConfiguration}).
     */
    private Configuration configuration(RaftServer.Division in) {
        Configuration used = Configuration.of(in.getRaftConf());
        Configuration committed = stateMachine.configuration();
        return committed == null || committed.index() <= used.index() ? used : committed;
    }

    /** Whether Ratis votes by an old configuration with other members, see {@link #configuration}; a restart mends it. */
    boolean votesByOldConfiguration() {
        RaftServer.Division in = division;
        if (in == null) {
            return false;
        }
        Configuration used = Configuration.of(in.getRaftConf());
        Configuration newest = configuration(in);
        return used.index() < newest.index()
                && !(ids(used.current()).equals(ids(newest.current()))
                        && ids(used.previous()).equals(ids(newest.previous())));
    }

    private static Stream<RaftPeer> all(Configuration configuration) {
        return Stream.concat(configuration.current().stream(), configuration.previous().stream())
                .distinct();
    }

    /** How far the log goes here, whether committed or not. */
    ReadBarrier.Position position() {
        RaftServer.Division in = division;
        if (in == null) {
            return new ReadBarrier.Position(-1, -1);
        }
        TermIndex last = in.getRaftLog().getLastEntryTermIndex();
        long applied = in.getInfo().getLastAppliedIndex();
        return new ReadBarrier.Position(
                last == null ? applied : Math.max(last.getIndex(), applied),
                configuration(in).index());
    }

    /** Who votes; null if this member is in no group, or not in it any more. */
    ReadBarrier.@Nullable Voters voters() {
        RaftServer.Division in = division;
        if (in == null || !in.getInfo().isAlive()) {
            return null;
        }
        Configuration configuration = configuration(in);
        if (all(configuration).noneMatch(peer -> peer.getId().equals(id))) {
            return null;
        }
        return new ReadBarrier.Voters(
                configuration.index(),
                ids(configuration.current()),
                ids(configuration.previous()),
                all(configuration)
                        .filter(peer -> !peer.getId().equals(id))
                        .map(RatisMember::member)
                        .toList());
    }

    private static java.util.Set<String> ids(Collection<RaftPeer> peers) {
        return peers.stream().map(peer -> memberId(peer.getId())).collect(Collectors.toSet());
    }

    /** Whether nothing is on its way to the log of this member. */
    boolean isQuiet(long appliedIndex) {
        RaftServer.Division in = division;
        return in != null && in.getRaftLog().getNextIndex() == appliedIndex + 1;
    }

    /** Takes a member in; completes when it votes. Only on the leader. */
    CompletableFuture<?> add(Member added) {
        return configure(Stream.concat(members().stream(), Stream.of(added)).toList());
    }

    /** Ends a membership. Only on the leader. */
    CompletableFuture<?> remove(String removed) {
        return configure(members().stream()
                .filter(member -> !member.id().equals(removed))
                .toList());
    }

    private CompletableFuture<?> configure(List<Member> members) {
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(
                        members().stream().map(RatisMember::peer).toList())
                .setServersInNewConf(members.stream().map(RatisMember::peer).toList())
                .build();
        return done(() -> server.setConfigurationAsync(
                new SetConfigurationRequest(clientId, id, groupId, callId.incrementAndGet(), arguments)));
    }

    /** Hands the lead over; completes when the other has it. Only on the leader. */
    CompletableFuture<?> transferLeadership(String to, long timeoutMillis) {
        return done(() -> server.transferLeadershipAsync(new TransferLeadershipRequest(
                clientId, id, groupId, callId.incrementAndGet(), raftId(to), timeoutMillis)));
    }

    private interface Call {
        CompletableFuture<RaftClientReply> send() throws IOException;
    }

    private static CompletableFuture<?> done(Call call) {
        try {
            return call.send().thenCompose(RatisMember::succeeded);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static CompletableFuture<?> succeeded(RaftClientReply reply) {
        return reply.getException() == null
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(reply.getException());
    }

    /** Gives up Ratis' connections to a member and lets it open new ones. Leaves the thread interrupted. */
    void reconnect(Member other) {
        // Else Ratis waits 3 s for the old connection to end in peace, and sends on it meanwhile.
        Thread.currentThread().interrupt();
        server.getServerRpc().handleException(raftId(other.id()), new IOException("it was away"), true);
    }

    /** Tells Ratis of a snapshot that was taken, so that it drops the log before. Does not wait. */
    void snapshotTaken() {
        try {
            var unused = server.snapshotManagementAsync(SnapshotManagementRequest.newCreate(
                            clientId, id, groupId, callId.incrementAndGet(), SNAPSHOT_TIMEOUT_MILLIS, 1))
                    .whenComplete((reply, failure) -> {
                        if (failure != null) {
                            LOG.debug("the log was not shortened this time", failure);
                        }
                    });
        } catch (CompletionException e) {
            LOG.debug("the log was not shortened this time", e);
        }
    }

    /** Whether it runs; false when Ratis gave it up. */
    boolean isRunning() {
        RaftServer.Division in = division;
        DivisionInfo info = in == null ? null : in.getInfo();
        return server.getLifeCycleState() == LifeCycle.State.RUNNING && (info == null || info.isAlive());
    }

    @Override
    public void close() {
        RaftServer.Division entered = division;
        if (entered != null) {
            LogEviction.end(entered.getRaftLog());
        }
        close(server);
        try {
            links.close();
        } catch (IOException e) {
            LOG.debug("connections did not close cleanly", e);
        }
    }

    private static void close(RaftServer server) {
        try {
            server.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("the Raft server did not end cleanly", e);
        }
    }
}
