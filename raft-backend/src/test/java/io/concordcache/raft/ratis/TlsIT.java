package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Authority;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.tls.Tls;
import io.concordcache.raft.tls.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three members, each on a loopback address of its own, which its certificate names; clients, and who is neither. */
@Timeout(120)
class TlsIT {
    private static final Authority AUTHORITY = new Authority("authority");
    private static final List<RatisStore> STORES = new ArrayList<>();

    @TempDir
    private static Path shared;

    private static List<Member> members;

    @TempDir
    private Path own;

    @BeforeAll
    static void start() throws Exception {
        members = freeMembers(3);
        List<CompletableFuture<RatisStore>> starts = new ArrayList<>();
        for (Member member : members) {
            TlsSettings tls = AUTHORITY.write(tlsOf(member), AUTHORITY.issue(member.id(), member.host()));
            starts.add(starting(settings(shared, member, members, tls)));
        }
        for (CompletableFuture<RatisStore> each : starts) {
            STORES.add(each.get(60, TimeUnit.SECONDS));
        }
    }

    @AfterAll
    static void stop() {
        STORES.forEach(RatisStore::close);
    }

    private static Path tlsOf(Member member) {
        return shared.resolve("tls-" + member.id());
    }

    private static RatisSettings settings(Path parent, Member self, List<Member> all, TlsSettings tls) {
        return RatisSettings.member(
                        Durability.DISK, parent.resolve("data-" + self.id()), new ClusterSettings(self, all, false))
                .with(Security.of(tls));
    }

    private static CompletableFuture<RatisStore> starting(RatisSettings settings) {
        return CompletableFuture.supplyAsync(
                () -> RatisStore.start(settings), task -> new Thread(task, "start").start());
    }

    private static List<Member> freeMembers(int count) throws IOException {
        List<Member> found = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            String host = "127.0.0." + i;
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
                found.add(new Member("m" + i, host, socket.getLocalPort()));
            }
        }
        return found;
    }

    private static RemoteSettings client() {
        RemoteSettings s = RemoteSettings.of("concord", members);
        return new RemoteSettings(
                s.clusterName(),
                members,
                null,
                null,
                Duration.ofSeconds(20),
                s.maxKeyBytes(),
                s.maxValueBytes(),
                s.maxLogEntryBytes());
    }

    private TlsSettings issuedTo(String subject, String... hosts) throws IOException {
        return AUTHORITY.write(own.resolve(subject), AUTHORITY.issue(subject, hosts));
    }

    private static void serves(CacheStore store) {
        CacheInfo info = store.cache("tls");
        long cache = info == null
                ? store.execute(new Command.CreateCache(CacheDefinition.named("tls")))
                        .afterVersion()
                : info.id();
        Bytes key = bytes("key");
        String value = String.valueOf(System.nanoTime());
        var unused = store.execute(
                new Command.Write(cache, key, Condition.ANY, new Mutation.Put(bytes(value), Expiry.BY_RULE)));
        assertThat(store.get(cache, key, ReadLevel.LINEARIZABLE).value()).isEqualTo(bytes(value));
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(RemoteSettings settings, String... words) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> RemoteStore.connect(settings).close())
                .isInstanceOf(StartException.class)
                .message()
                .contains(words);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void membersServe() {
        STORES.forEach(TlsIT::serves);
    }

    @Test
    void aClientWithACertificateIsServed() throws Exception {
        try (RemoteStore store = RemoteStore.connect(client().with(issuedTo("client")))) {
            serves(store);
        }
    }

    @Test
    void aClientWithoutTlsIsTold() {
        refused(client(), "speaks TLS alone", "tls.enabled");
    }

    @Test
    void aClientWithoutACertificateIsRefused() throws Exception {
        TlsSettings all = issuedTo("client");
        refused(
                client().with(new TlsSettings(null, null, null, null, null, all.trust(), true)),
                "TLS with 127.0.0.",
                "failed");
    }

    @Test
    void aClientOfAnotherAuthorityIsRefused() throws Exception {
        Authority other = new Authority("other");
        TlsSettings foreign = other.write(own.resolve("foreign"), other.issue("client"));
        TlsSettings right = issuedTo("client");
        refused(
                client().with(TlsSettings.pem(foreign.certificate(), foreign.key(), right.trust())),
                "TLS with 127.0.0.",
                "certificate");
    }

    @Test
    void aMemberOfAnotherAuthorityIsNotTrusted() throws Exception {
        Authority other = new Authority("other");
        TlsSettings foreign = other.write(own.resolve("foreign"), other.issue("client"));
        TlsSettings right = issuedTo("client");
        refused(
                client().with(TlsSettings.pem(right.certificate(), right.key(), foreign.trust())),
                "TLS with 127.0.0.",
                "tls.trust");
    }

    @Test
    void aClientWithTlsIsToldThatAMemberHasNone() throws Exception {
        try (LocalCluster plain = LocalCluster.start(1)) {
            RemoteSettings settings = RemoteSettings.of("concord", plain.members());
            try (RemoteStore store = RemoteStore.connect(settings)) {
                serves(store);
            }
            refused(settings.with(issuedTo("client")), "TLS with 127.0.0.1", "both sides use TLS");
        }
    }

    private static final class Answer implements Link.Receiver {
        private final CompletableFuture<Link.Kind> kind = new CompletableFuture<>();
        private volatile String text = "";

        @Override
        public void received(Link.Kind of, long id, ByteBuffer body) {
            if (of == Link.Kind.FAILURE) {
                text = StandardCharsets.UTF_8.decode(body).toString();
            }
            kind.complete(of);
        }

        @Override
        public void closed() {
            kind.cancel(false);
        }
    }

    private static final ScheduledThreadPoolExecutor TIMER =
            new ScheduledThreadPoolExecutor(1, RatisStore.daemon("test-timer"));

    private static Link link(Tls tls, Member to, Answer answer) throws IOException {
        return Link.connect(
                InetSocketAddress.createUnresolved(to.host(), to.port()),
                "test",
                TIMER,
                LinkCompression.OFF,
                tls,
                answer);
    }

    private static RaftRpcRequestProto speakingAs(String requestor, Member to) {
        RaftGroupId group = RatisMember.groupId("concord");
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(ByteString.copyFromUtf8(requestor))
                .setReplyId(ByteString.copyFromUtf8(to.id()))
                .setRaftGroupId(org.apache.ratis.proto.RaftProtos.RaftGroupIdProto.newBuilder()
                        .setId(group.toByteString()))
                .build();
    }

    /** Term 0 is behind any, so nothing happens to the cluster when it is let in. */
    private Answer append(TlsSettings as, String requestor) throws Exception {
        Member to = members.get(0);
        Answer answer = new Answer();
        try (Tls tls = Tls.open(as);
                Link link = link(tls, to, answer)) {
            AppendEntriesRequestProto request = AppendEntriesRequestProto.newBuilder()
                    .setServerRequest(speakingAs(requestor, to))
                    .build();
            assertThat(link.send(Link.Kind.APPEND_ENTRIES, 1, LinkServer.bytes(request)))
                    .isTrue();
            answer.kind.get(10, TimeUnit.SECONDS);
        }
        return answer;
    }

    @Test
    void onlyTheMemberItselfAppendsToTheLog() throws Exception {
        assertThat(append(issuedTo("m2", "127.0.0.2"), "m2").kind.get()).isEqualTo(Link.Kind.APPEND_ENTRIES_REPLY);

        for (TlsSettings other : List.of(issuedTo("client", "app.example"), issuedTo("m3", "127.0.0.3"))) {
            Answer refused = append(other, "m2");
            assertThat(refused.kind.get()).isEqualTo(Link.Kind.FAILURE);
            assertThat(refused.text).contains("FORBIDDEN", "is not for the member m2");
        }
        assertThat(append(issuedTo("m9", "127.0.0.9"), "m9").text).contains("FORBIDDEN", "is not for the member m9");
    }

    private Status vote(TlsSettings as, String requestor) {
        Member to = members.get(0);
        try (Tls tls = Tls.open(as)) {
            ManagedChannel channel = NettyChannelBuilder.forAddress(to.host(), to.port())
                    .sslContext(GrpcTls.client(tls))
                    .build();
            try {
                var unused = RaftServerProtocolServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(10, TimeUnit.SECONDS)
                        .requestVote(RequestVoteRequestProto.newBuilder()
                                .setServerRequest(speakingAs(requestor, to))
                                .build());
                return Status.OK;
            } catch (StatusRuntimeException e) {
                return e.getStatus();
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void onlyTheMemberItselfAsksForVotes() throws Exception {
        assertThat(vote(issuedTo("m2", "127.0.0.2"), "m2").isOk()).isTrue();
        assertThat(vote(issuedTo("client", "app.example"), "m2").toString()).contains("FORBIDDEN");
        assertThat(vote(issuedTo("m3", "127.0.0.3"), "m2").toString()).contains("FORBIDDEN");
    }

    @Test
    void aMemberWhoseCertificateNamesSomebodyElseIsNotReached() throws Exception {
        List<Member> one =
                List.of(new Member("x", "127.0.0.5", freeMembers(1).get(0).port()));
        TlsSettings right = AUTHORITY.write(own.resolve("right"), AUTHORITY.issue("x", "127.0.0.5"));
        TlsSettings wrong = AUTHORITY.write(own.resolve("wrong"), AUTHORITY.issue("x", "elsewhere.example"));
        RemoteSettings client = new RemoteSettings(
                "concord", one, issuedTo("client"), null, Duration.ofSeconds(20), 1 << 16, 1 << 20, 1 << 20);
        try (RatisStore member = RatisStore.start(settings(own.resolve("a"), one.get(0), one, right));
                RemoteStore store = RemoteStore.connect(client)) {
            serves(member);
            serves(store);
        }
        try (RatisStore member = RatisStore.start(settings(own.resolve("b"), one.get(0), one, wrong))) {
            serves(member);
            refused(client, "TLS with 127.0.0.5", "No subject alternative names");
        }
    }

    @Test
    void anAddedMemberIsLetInAndALateOneLearnsOfIt() throws Exception {
        Member fourth = new Member("m4", "127.0.0.4", freeMembers(1).get(0).port());
        TlsSettings tls = issuedTo("m4", "127.0.0.4");
        List<Member> list = new ArrayList<>(members);
        list.add(fourth);
        RatisSettings joining = RatisSettings.member(
                        Durability.DISK, own.resolve("data"), new ClusterSettings(fourth, list, true))
                .with(Security.of(tls));
        assertThat(append(tls, "m4").text).contains("FORBIDDEN");
        try (RatisStore store = RatisStore.start(joining)) {
            STORES.get(0).admin().addMember(fourth);
            serves(store);
            assertThat(append(tls, "m4").kind.get()).isEqualTo(Link.Kind.APPEND_ENTRIES_REPLY);
            store.admin().removeMember("m4");
        }
    }

    @Test
    void newFilesCountForNewConnections() throws Exception {
        Authority next = new Authority("next");
        TlsSettings before = issuedTo("client");
        Member only = new Member("y", "127.0.0.6", freeMembers(1).get(0).port());
        Path files = own.resolve("y");
        TlsSettings tls = AUTHORITY.write(files, AUTHORITY.issue("y", only.host()));
        RemoteSettings client = new RemoteSettings(
                "concord", List.of(only), before, null, Duration.ofSeconds(20), 1 << 16, 1 << 20, 1 << 20);
        TlsSettings after = next.write(own.resolve("after"), next.issue("client"));
        try (RatisStore member = RatisStore.start(settings(own, only, List.of(only), tls));
                RemoteStore open = RemoteStore.connect(client)) {
            serves(open);
            try (Warnings warnings = new Warnings(Tls.class)) {
                Files.writeString(files.resolve("key.pem"), "broken");
                await().atMost(20, TimeUnit.SECONDS)
                        .until(() -> warnings.all().anyMatch(text -> text.contains("the new files are refused")));
            }
            RemoteStore.connect(client).close();

            next.write(files, next.issue("y", only.host()));
            RemoteSettings renewed = client.with(after);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (true) {
                try {
                    RemoteStore.connect(renewed).close();
                    break;
                } catch (StartException e) {
                    assertThat(System.nanoTime()).isLessThan(deadline);
                }
            }
            refused(client, "TLS with 127.0.0.6");
            serves(open); // connections that were open go on
        }
    }

    /** What a class warns of, as long as this is open. */
    private static final class Warnings extends Handler implements AutoCloseable {
        private final Queue<String> texts = new ConcurrentLinkedQueue<>();
        private final Logger logger;

        Warnings(Class<?> of) {
            logger = Logger.getLogger(of.getName());
            logger.addHandler(this);
        }

        Stream<String> all() {
            return texts.stream();
        }

        @Override
        public void publish(LogRecord record) {
            texts.add(new SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }

    @Test
    void plaintextWhereOthersReachItMustBeAskedFor() throws Exception {
        Member self = members.get(0);
        int port = freeMembers(1).get(0).port();
        RatisSettings anywhere = listening(
                RatisSettings.member(
                        Durability.DISK, own.resolve("data"), new ClusterSettings(self, List.of(self), false)),
                port);
        assertThatThrownBy(() -> RatisStore.start(anywhere).close())
                .isInstanceOf(StartException.class)
                .hasMessageContaining("0.0.0.0:" + port)
                .hasMessageContaining("tls.enabled")
                .hasMessageContaining("plaintext: allowed");
        try (RatisStore store = RatisStore.start(anywhere.with(Security.PLAINTEXT))) {
            serves(store);
        }
    }

    private static RatisSettings listening(RatisSettings s, int port) {
        return new RatisSettings(
                s.clusterName(),
                s.durability(),
                s.directory(),
                new InetSocketAddress("0.0.0.0", port),
                s.cluster(),
                s.readLease(),
                s.linkCompression(),
                s.security(),
                s.operationTimeout(),
                s.snapshotEntries(),
                s.snapshotBytes(),
                s.snapshotInterval(),
                s.maxKeyBytes(),
                s.maxValueBytes(),
                s.maxLogEntryBytes());
    }
}
