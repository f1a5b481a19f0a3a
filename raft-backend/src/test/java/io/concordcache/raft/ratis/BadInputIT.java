package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.access.AuditLog;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Authority;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.tls.Tls;
import io.concordcache.raft.tls.TlsSettings;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import io.concordcache.raft.wire.RpcCodec;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What nobody should send, sent to members that run: each is answered, or cut off, within five seconds; afterwards both
 * members serve, with what they had.
 */
@Timeout(120)
class BadInputIT {
    private static final Authority AUTHORITY = new Authority("authority");
    private static final Bytes KEY = bytes("key");

    @TempDir
    private static Path shared;

    /** Without TLS. */
    private static RatisStore plain;
    /** With TLS, and roles. */
    private static RatisStore secured;

    private static Member plainMember;
    private static Member securedMember;
    private static RemoteStore plainClient;
    private static RemoteStore securedClient;
    private static final List<Entry> STORED = new ArrayList<>();

    @TempDir
    private Path own;

    @BeforeAll
    static void start() throws Exception {
        plainMember = freeMember("p1", "127.0.0.1");
        plain = RatisStore.start(settings(plainMember).with(Security.LOOPBACK));
        securedMember = freeMember("m1", "127.0.0.1");
        Path access = shared.resolve("access");
        Files.write(access, List.of("certificate boss read,write,admin *", "certificate app read,write orders"));
        secured = RatisStore.start(settings(securedMember)
                .with(Security.of(AUTHORITY.write(shared.resolve("m1"), AUTHORITY.issue("m1", "127.0.0.1")))
                        .withAccess(access)));
        plainClient = RemoteStore.connect(RemoteSettings.of("concord", List.of(plainMember)));
        securedClient = RemoteStore.connect(
                RemoteSettings.of("concord", List.of(securedMember)).with(shared("boss")));
        for (RemoteStore client : List.of(plainClient, securedClient)) {
            long cache = client.execute(new Command.CreateCache(CacheDefinition.named("orders")))
                    .afterVersion();
            var unused = client.execute(
                    new Command.Write(cache, KEY, Condition.ANY, new Mutation.Put(bytes("order"), Expiry.BY_RULE)));
            STORED.add(client.get(cache, KEY, ReadLevel.LINEARIZABLE));
        }
    }

    private static TlsSettings shared(String subject) throws IOException {
        return AUTHORITY.write(shared.resolve(subject), AUTHORITY.issue(subject));
    }

    @AfterAll
    static void stop() {
        List<AutoCloseable> all = new ArrayList<>(Arrays.asList(plainClient, securedClient, plain, secured));
        all.forEach(each -> {
            try {
                if (each != null) {
                    each.close();
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /** By a connection that was open, and by a new one. */
    @AfterEach
    void bothServeWhatTheyHad() throws Exception {
        List<RemoteStore> clients = List.of(plainClient, securedClient);
        for (int i = 0; i < clients.size(); i++) {
            List<CacheInfo> caches = clients.get(i).caches();
            assertThat(caches)
                    .singleElement()
                    .satisfies(cache -> assertThat(cache.definition().name()).isEqualTo("orders"));
            assertThat(clients.get(i).get(caches.get(0).id(), KEY, ReadLevel.LINEARIZABLE))
                    .isEqualTo(STORED.get(i));
            assertThat(clients.get(i).keys(caches.get(0).id(), ReadLevel.LINEARIZABLE))
                    .toIterable()
                    .containsExactly(KEY);
        }
        try (RawPeer fresh = RawPeer.greeted(plainMember)) {
            assertThat(fresh.call(new Request.Caches()).read().response()).isInstanceOf(Response.CacheList.class);
        }
        try (RawPeer fresh = RawPeer.greeted(securedMember, issuedTo("app"))) {
            assertThat(fresh.call(new Request.Caches()).read().response()).isInstanceOf(Response.CacheList.class);
        }
    }

    private static RatisSettings settings(Member self) {
        return RatisSettings.member(
                Durability.DISK, shared.resolve("data-" + self.id()), new ClusterSettings(self, List.of(self), false));
    }

    private static Member freeMember(String id, String host) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            return new Member(id, host, socket.getLocalPort());
        }
    }

    private TlsSettings issuedTo(String subject, String... hosts) throws IOException {
        return AUTHORITY.write(own.resolve(subject), AUTHORITY.issue(subject, hosts));
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Request.Append append(long sequence, ClientId client, Command... commands) {
        return new Request.Append(new LogEntry(0, client, sequence, 0, List.of(commands)), "");
    }

    private static ClientId registered(RawPeer peer) throws IOException {
        Response response = peer.call(new Request.Append(LogEntry.registration(0), ""))
                .read()
                .response();
        return ClientId.of(((Response.Appended) response)
                .applied()
                .outcomes()
                .get(0)
                .get(0)
                .afterVersion());
    }

    @Test
    @DisplayName("1: random bytes")
    void randomBytes() throws Exception {
        Random random = new Random(1);
        try (LogLines lines = new LogLines("io.concordcache")) {
            for (int i = 0; i < 60; i++) {
                byte[] junk = new byte[1 + random.nextInt(2000)];
                random.nextBytes(junk);
                try (RawPeer peer = switch (i % 3) {
                    case 0 -> RawPeer.silent(plainMember);
                    case 1 -> RawPeer.greeted(plainMember);
                    default -> RawPeer.silent(securedMember);
                }) {
                    peer.write(junk).socket().shutdownOutput();
                    assertThat(peer.isCutOff()).as("junk %s", i).isTrue();
                }
            }
            try (RawPeer peer = RawPeer.silent(plainMember)) {
                byte[] junk = new byte[2000];
                random.nextBytes(junk);
                peer.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII))
                        .write(junk);
                assertThat(peer.isCutOff()).isTrue();
            }
            assertThat(lines.all()).as("one of each kind in ten seconds").hasSizeLessThan(15);
        }
    }

    @Test
    @DisplayName("2: plaintext to TLS, and TLS to plaintext")
    void plaintextToTls() throws Exception {
        try (RawPeer peer = RawPeer.greeted(securedMember)) {
            RawPeer.Frame answer = peer.read();
            assertThat(answer.kind()).isEqualTo(Link.Kind.FAILURE);
            assertThat(answer.text()).contains("speaks TLS alone", "tls.enabled");
        }
        try (RawPeer peer = RawPeer.silent(securedMember)) {
            peer.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(peer.isCutOff()).isTrue();
        }
        try (RawPeer peer = RawPeer.silent(securedMember)) {
            peer.write(Link.MAGIC_TLS).call(new Request.Caches());
            assertThat(peer.isCutOff()).isTrue();
        }
        assertThatThrownBy(() -> RawPeer.greeted(plainMember, issuedTo("app")).close())
                .isInstanceOf(IOException.class);
    }

    @Test
    @DisplayName("3: a frame that is cut off")
    void truncatedFrame() throws Exception {
        for (boolean ends : new boolean[] {true, false}) {
            try (RawPeer half = RawPeer.greeted(plainMember);
                    RawPeer head = RawPeer.greeted(plainMember)) {
                half.head(1000, Link.Kind.CALL.ordinal()).write(new byte[500]);
                head.write((byte) 0, (byte) 0);
                if (ends) {
                    half.socket().shutdownOutput();
                    head.socket().shutdownOutput();
                }
                assertThat(half.isCutOff()).isTrue();
                assertThat(head.isCutOff()).isTrue();
            }
        }
    }

    @Test
    @DisplayName("4: a declared length of 2 GB, and many of 60 MB")
    void hugeLength() throws Exception {
        try (RawPeer peer = RawPeer.greeted(plainMember)) {
            RawPeer.Frame answer =
                    peer.head(Integer.MAX_VALUE, Link.Kind.CALL.ordinal()).read();
            assertThat(answer.kind()).isEqualTo(Link.Kind.FAILURE);
            assertThat(answer.text()).startsWith("TOO_LARGE: a frame that says it has 2147483647 bytes");
            assertThat(peer.isCutOff()).isTrue();
        }
        List<RawPeer> liars = new ArrayList<>();
        try {
            long enough = Runtime.getRuntime().maxMemory() / (60 << 20) + 10;
            for (int i = 0; i < enough; i++) {
                RawPeer liar = RawPeer.greeted(plainMember);
                liars.add(liar);
                liar.head(60 << 20, Link.Kind.CALL.ordinal()).write(new byte[1000]);
            }
            bothServeWhatTheyHad();
        } finally {
            for (RawPeer liar : liars) {
                liar.close();
            }
        }
    }

    @Test
    @DisplayName("5: unknown codes of a frame, a request and a command")
    void unknownCodes() throws Exception {
        try (RawPeer peer = RawPeer.greeted(plainMember)) {
            RawPeer.Frame answer = peer.head(9, 31).read();
            assertThat(answer.kind()).isEqualTo(Link.Kind.FAILURE);
            assertThat(answer.text()).startsWith("UNSUPPORTED: a frame of kind 31");
            assertThat(peer.isCutOff()).isTrue();
        }
        byte[] request = RawPeer.bytes(RpcCodec.encode("concord", new Request.Fence()));
        request[request.length - 1] = 99;
        byte[] command = RawPeer.bytes(RpcCodec.encode("concord", append(1, new ClientId(1, 1), new Command.Tick())));
        command[command.length - 1] = 98;
        try (RawPeer peer = RawPeer.greeted(plainMember)) {
            Response.Failed refused = peer.frame(Link.Kind.CALL, request).refusal();
            assertThat(refused.reason()).isEqualTo("NOT_UNDERSTOOD");
            assertThat(refused.message()).contains("unknown request tag 99");
            assertThat(peer.frame(Link.Kind.CALL, command).refusal().message()).contains("unknown command tag 98");
            assertThat(peer.frame(Link.Kind.CALL, new byte[0]).refusal().message())
                    .contains("cut off");
        }
    }

    @Test
    @DisplayName("6: a newer protocol")
    void newerProtocol() throws Exception {
        byte[] request = RawPeer.bytes(RpcCodec.encode("concord", new Request.Fence()));
        request[0] = RpcCodec.VERSION + 1;
        try (RawPeer peer = RawPeer.greeted(plainMember)) {
            Response.Failed refused = peer.frame(Link.Kind.CALL, request).refusal();
            assertThat(refused.message())
                    .contains("protocol version " + (RpcCodec.VERSION + 1), "speaks version " + RpcCodec.VERSION);
        }
        try (RawPeer peer = RawPeer.silent(plainMember)) {
            peer.write((byte) 'C', (byte) 'N', (byte) 'C', (byte) 3);
            assertThat(peer.isCutOff()).isTrue();
        }
    }

    @Test
    @DisplayName("7: another cluster")
    void wrongGroup() throws Exception {
        try (RawPeer peer = RawPeer.greeted(plainMember)) {
            Response.Failed refused = peer.call("other", new Request.Caches()).refusal();
            assertThat(refused.reason()).isEqualTo("NO_CLUSTER");
            assertThat(refused.message()).contains("of cluster 'concord', not of 'other'");
            RawPeer.Frame answer = peer.frame(
                            Link.Kind.APPEND_ENTRIES,
                            appendEntries("other", "p2", plainMember).toByteArray())
                    .read();
            assertThat(answer.kind()).isEqualTo(Link.Kind.FAILURE);
        }
    }

    private static RaftRpcRequestProto speakingAs(String cluster, String requestor, Member to) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(ByteString.copyFromUtf8(requestor))
                .setReplyId(ByteString.copyFromUtf8(to.id()))
                .setRaftGroupId(RaftGroupIdProto.newBuilder()
                        .setId(RatisMember.groupId(cluster).toByteString()))
                .build();
    }

    private static AppendEntriesRequestProto appendEntries(String cluster, String requestor, Member to) {
        return AppendEntriesRequestProto.newBuilder()
                .setServerRequest(speakingAs(cluster, requestor, to))
                .setLeaderTerm(1_000_000)
                .build();
    }

    @Test
    @DisplayName("8: the id of a member by somebody else")
    void forgedPeerId() throws Exception {
        for (String id : List.of("m1", "m2")) {
            try (RawPeer peer = RawPeer.greeted(securedMember, issuedTo("m2", "127.0.0.2"))) {
                RawPeer.Frame answer = peer.frame(
                                Link.Kind.APPEND_ENTRIES,
                                appendEntries("concord", id, securedMember).toByteArray())
                        .read();
                assertThat(answer.kind()).isEqualTo(Link.Kind.FAILURE);
                assertThat(answer.text()).contains("FORBIDDEN", "is not for the member " + id);
            }
        }
    }

    @Test
    @DisplayName("9: votes, appends and leases from the certificate of a client")
    void memberWorkByAClient() throws Exception {
        TlsSettings app = issuedTo("app");
        try (Tls tls = Tls.open(app)) {
            ManagedChannel channel = NettyChannelBuilder.forAddress(securedMember.host(), securedMember.port())
                    .sslContext(GrpcTls.client(tls))
                    .build();
            try {
                assertThatThrownBy(() -> {
                            var unused = RaftServerProtocolServiceGrpc.newBlockingStub(channel)
                                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                                    .requestVote(RequestVoteRequestProto.newBuilder()
                                            .setServerRequest(speakingAs("concord", "m1", securedMember))
                                            .setCandidateTerm(1_000_000)
                                            .build());
                        })
                        .isInstanceOf(StatusRuntimeException.class)
                        .hasMessageContaining("FORBIDDEN");
            } finally {
                channel.shutdownNow();
            }
        }
        try (RawPeer peer = RawPeer.greeted(securedMember, app)) {
            RawPeer.Frame answer = peer.frame(
                            Link.Kind.APPEND_ENTRIES,
                            appendEntries("concord", "m1", securedMember).toByteArray())
                    .read();
            assertThat(answer.text()).contains("FORBIDDEN", "is not for the member m1");
            Response.Failed position = peer.call(new Request.Position("m1")).refusal();
            assertThat(position.reason()).isEqualTo("FORBIDDEN");
            ClientId client = registered(peer);
            Response.Failed lease = peer.call(append(1, client, new Command.RenewLease("x", 1, 3_600_000)))
                    .refusal();
            assertThat(lease.message()).contains("CN=app is no member");
        }
    }

    @Test
    @DisplayName("10: a member whose id is in use")
    void idInUse() throws Exception {
        try (RawPeer peer = RawPeer.greeted(securedMember, issuedTo("boss"))) {
            for (Member twin : List.of(
                    new Member("m1", "127.0.0.1", 1), new Member("m2", securedMember.host(), securedMember.port()))) {
                Response.Failed refused = peer.call(new Request.AddMember(twin)).refusal();
                assertThat(refused.message()).contains("there is a member " + securedMember + " already");
            }
        }
    }

    /** Certificates that a member would refuse to use itself; trusts everybody. */
    private static SSLContext context(Authority.Issued issued) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, new char[0]);
        if (issued != null) {
            Certificate certificate = CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(issued.certificate()));
            store.setKeyEntry("own", issued.key(), new char[0], new Certificate[] {certificate});
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new Gullible()}, null);
        return context;
    }

    @SuppressWarnings("CustomX509TrustManager") // whom it meets does not matter
    private static final class Gullible implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** As a link, and as HTTP/2 would. */
    private static void assertHandshakeFails(Authority.Issued issued, String... protocols) throws Exception {
        for (boolean link : new boolean[] {true, false}) {
            try (RawPeer peer = RawPeer.silent(securedMember)) {
                if (link) {
                    peer.write(Link.MAGIC_TLS);
                }
                SSLSocket socket = (SSLSocket) context(issued)
                        .getSocketFactory()
                        .createSocket(peer.socket(), securedMember.host(), securedMember.port(), true);
                socket.setEnabledProtocols(protocols);
                // With TLS 1.3 who connects is done before the other side has looked.
                assertThatThrownBy(() -> {
                            socket.startHandshake();
                            int first = socket.getInputStream().read();
                            if (first < 0) {
                                throw new SSLException("ended");
                            }
                        })
                        .isInstanceOfAny(SSLException.class, java.net.SocketException.class);
            }
        }
    }

    @Test
    @DisplayName("33: an expired certificate")
    void expiredCertificate() throws Exception {
        Authority.Issued expired = AUTHORITY.expired("boss", Duration.ofHours(1));
        assertHandshakeFails(expired, "TLSv1.3");
        TlsSettings files = AUTHORITY.write(own.resolve("expired"), expired);
        assertThatThrownBy(() -> Tls.open(files).close())
                .isInstanceOf(StartException.class)
                .hasMessageContaining("expired at");
    }

    @Test
    @DisplayName("34: a certificate of another authority")
    void wrongAuthority() throws Exception {
        assertHandshakeFails(new Authority("other").issue("boss"), "TLSv1.3");
    }

    @Test
    @DisplayName("35: a certificate for another host")
    void wrongHost() {
        assertThatThrownBy(() -> {
                    try (Tls tls = Tls.open(issuedTo("boss"))) {
                        Link.connect(
                                        InetSocketAddress.createUnresolved("localhost", securedMember.port()),
                                        "test",
                                        TIMER,
                                        LinkCompression.OFF,
                                        tls,
                                        new Link.Receiver() {
                                            @Override
                                            public void received(Link.Kind kind, long id, java.nio.ByteBuffer body) {}

                                            @Override
                                            public void closed() {}
                                        })
                                .close();
                    }
                })
                .isInstanceOf(RefusedLinkException.class)
                .hasMessageContaining("No name matching localhost");
    }

    private static final ScheduledThreadPoolExecutor TIMER =
            new ScheduledThreadPoolExecutor(1, RatisStore.daemon("test-timer"));

    /** A member of its own, whose files may be spoilt. */
    private RatisStore spoilt(Member member) throws Exception {
        return RatisStore.start(RatisSettings.member(
                        Durability.DISK, own.resolve("data"), new ClusterSettings(member, List.of(member), false))
                .with(Security.of(AUTHORITY.write(own.resolve("tls"), AUTHORITY.issue("x", member.host())))));
    }

    private static boolean serves(Member member, TlsSettings as) {
        try (RawPeer peer = RawPeer.greeted(member, as)) {
            return peer.call(new Request.Caches()).read().response() instanceof Response.CacheList;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    @DisplayName("36: an authority that is replaced while the member runs")
    void replacedAuthority() throws Exception {
        Member member = freeMember("x", "127.0.0.1");
        Authority next = new Authority("next");
        TlsSettings before = issuedTo("before");
        TlsSettings after = next.write(own.resolve("after"), next.issue("after"));
        try (RatisStore store = spoilt(member)) {
            assertThat(store.problem()).isNull();
            assertThat(serves(member, before)).isTrue();
            assertThat(serves(member, after)).isFalse();
            next.write(own.resolve("tls"), next.issue("x", member.host()));
            await().atMost(20, TimeUnit.SECONDS).until(() -> serves(member, after));
            assertThat(serves(member, before)).isFalse();
        }
    }

    @Test
    @DisplayName("37: a new certificate file that is broken")
    void brokenCertificateFile() throws Exception {
        Member member = freeMember("x", "127.0.0.1");
        TlsSettings client = issuedTo("client");
        try (RatisStore store = spoilt(member);
                LogLines lines = new LogLines("io.concordcache.raft.tls")) {
            assertThat(store.problem()).isNull();
            Files.writeString(own.resolve("tls").resolve("certificate.pem"), "-----BEGIN nonsense");
            await().atMost(20, TimeUnit.SECONDS)
                    .until(() -> lines.all().stream().anyMatch(line -> line.contains("the new files are refused")));
            assertThat(serves(member, client)).isTrue();
            assertThat(lines.all()).hasSize(1);
        }
    }

    @Test
    @DisplayName("38: an old version of TLS")
    void oldTls() throws Exception {
        assertHandshakeFails(AUTHORITY.issue("boss"), "TLSv1.2");
    }

    @Test
    @DisplayName("39: no certificate")
    void noCertificate() throws Exception {
        assertHandshakeFails(null, "TLSv1.3");
    }

    @Test
    @DisplayName("40: administration without the role for it")
    void administrationWithoutARole() throws Exception {
        try (LogLines audit = new LogLines(AuditLog.NAME);
                RawPeer app = RawPeer.greeted(securedMember, issuedTo("app"));
                RawPeer stranger = RawPeer.greeted(securedMember, issuedTo("stranger"))) {
            for (Request request : List.of(
                    new Request.AddMember(Member.parse("evil=127.0.0.9:1")),
                    new Request.RemoveMember("m1"),
                    new Request.Transfer("m1"),
                    new Request.Snapshot(""))) {
                Response.Failed refused = app.call(request).refusal();
                assertThat(refused.reason()).isEqualTo("FORBIDDEN");
                assertThat(refused.message()).contains("CN=app has not the role 'admin'");
            }
            Response shown = stranger.call(new Request.Token("a token that nobody knows"))
                    .read()
                    .response();
            assertThat(shown).isEqualTo(new Response.Done()); // who may what is said when it is asked for
            Response.Failed unknown =
                    stranger.call(new Request.RemoveMember("m1")).refusal();
            assertThat(unknown.reason()).isEqualTo("UNAUTHENTICATED");
            ClientId client = registered(app);
            Command create = new Command.CreateCache(CacheDefinition.named("evil\r\nname"));
            assertThat(app.call(append(1, client, create)).refusal().reason()).isEqualTo("FORBIDDEN");

            assertThat(audit.all())
                    .hasSize(6)
                    .allMatch(line ->
                            line.contains("result=\"failed: ") && line.lines().count() == 1)
                    .anyMatch(line -> line.contains("what=\"add member evil=127.0.0.9:1\""))
                    .anyMatch(line -> line.contains("what=\"create cache evil\\u000D\\u000Aname\""));
        }
    }

    @Test
    @DisplayName("41: many idle connections, and slow ones")
    void idleAndSlow() throws Exception {
        Member member = freeMember("x", "127.0.0.1");
        RatisSettings few = RatisSettings.member(
                        Durability.DISK, own.resolve("data"), new ClusterSettings(member, List.of(member), false))
                .with(Security.LOOPBACK.with(new Security.Limits(100, 50, 10)));
        List<RawPeer> peers = new ArrayList<>();
        try (RatisStore store = RatisStore.start(few);
                LogLines lines = new LogLines("io.concordcache")) {
            assertThat(store.problem()).isNull();
            RawPeer idle = RawPeer.greeted(member);
            peers.add(idle);
            assertThat(idle.call(new Request.Caches()).read().response()).isInstanceOf(Response.CacheList.class);
            List<RawPeer> slow = List.of(
                    RawPeer.silent(member),
                    RawPeer.silent(member).write(Link.MAGIC[0]),
                    RawPeer.greeted(member).write((byte) 0),
                    RawPeer.greeted(member).head(100, Link.Kind.CALL.ordinal()),
                    RawPeer.silent(member).write("PRI * HTTP/2.0\r\n".getBytes(StandardCharsets.US_ASCII)));
            peers.addAll(slow);
            List<CompletableFuture<Boolean>> ended = slow.stream()
                    .map(peer -> CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return peer.isCutOff();
                                } catch (IOException e) {
                                    throw new AssertionError(e);
                                }
                            },
                            task -> new Thread(task, "reader").start()))
                    .toList();
            for (int i = 0; i < ended.size(); i++) {
                assertThat(ended.get(i).get(20, TimeUnit.SECONDS))
                        .as("slow %s", i)
                        .isTrue();
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            int served = 1;
            while (served < 50 && System.nanoTime() - deadline < 0) { // the ends of the slow ones are noticed by and by
                served += isServed(member, peers) ? 1 : 0;
            }
            assertThat(served).isEqualTo(50);
            for (int i = 0; i < 100; i++) {
                assertThat(isServed(member, peers)).as("one more: %s", i).isFalse();
            }
            assertThat(idle.call(new Request.Caches()).read().response()).isInstanceOf(Response.CacheList.class);
            assertThat(lines.all()).as("one of each kind in ten seconds").hasSizeLessThan(15);
        } finally {
            for (RawPeer peer : peers) {
                peer.close();
            }
        }
    }

    /** Whether one more connection is let in; if so, it stays. */
    private static boolean isServed(Member member, List<RawPeer> peers) throws IOException {
        RawPeer peer = null;
        try {
            peer = RawPeer.greeted(member);
            peer.call(new Request.Caches()).read();
            peers.add(peer);
            return true;
        } catch (EOFException | SocketException e) {
            if (peer != null) {
                peer.close();
            }
            return false;
        }
    }

    @Test
    @DisplayName("a large command whose parts are no command")
    void partsOfNothing() throws Exception {
        try (RawPeer peer = RawPeer.greeted(plainMember)) {
            ClientId client = registered(peer);
            Response.Failed refused = peer.call(append(1, client, new Command.Part(0, 0, 1, bytes("garbage"))))
                    .refusal();
            assertThat(refused.reason()).isEqualTo("NOT_UNDERSTOOD");
            Bytes nested = io.concordcache.raft.wire.CommandCodec.encodeCommand(new Command.Part(0, 0, 1, bytes("x")));
            assertThat(peer.call(append(2, client, new Command.Part(0, 0, 1, nested)))
                            .refusal()
                            .message())
                    .contains("never comes in parts");
        }
    }

    @Test
    @DisplayName("an entry that the log cannot take")
    void tooLargeEntry() throws Exception {
        try (RawPeer peer = RawPeer.greeted(plainMember)) {
            ClientId client = registered(peer);
            Command large = new Command.Write(
                    1, KEY, Condition.ANY, new Mutation.Put(Bytes.wrap(new byte[8 << 20]), Expiry.BY_RULE));
            Response.Failed refused = peer.call(append(1, client, large)).refusal();
            assertThat(refused.reason()).isEqualTo("BATCH_TOO_LARGE");
            assertThat(refused.message()).contains("limits.log-entry");
        }
    }
}
