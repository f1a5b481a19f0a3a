package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.access.AuditLog;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.NearBounds;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Authority;
import io.concordcache.raft.tls.Secret;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.tls.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of three members with an access file: what they may do, may not, and what is told of it. */
@Timeout(180)
class AccessIT {
    private static final Authority AUTHORITY = new Authority("authority");
    private static final List<RatisStore> STORES = new ArrayList<>();
    private static final String TOKEN = "token-of-the-job-0123456789";
    private static final Bytes KEY = bytes("key");

    @TempDir
    private static Path shared;

    private static List<Member> members;
    private static RemoteStore admin;
    private static long orders;
    private static long users;

    @BeforeAll
    static void start() throws Exception {
        grant("certificate reader read orders*");
        List<Member> three = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            String host = "127.0.0.1" + i;
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
                three.add(new Member("m" + i, host, socket.getLocalPort()));
            }
        }
        members = List.copyOf(three);
        List<CompletableFuture<RatisStore>> starts = new ArrayList<>();
        for (Member member : members) {
            TlsSettings tls =
                    AUTHORITY.write(shared.resolve("tls-" + member.id()), AUTHORITY.issue(member.id(), member.host()));
            RatisSettings settings = RatisSettings.member(
                            Durability.DISK,
                            shared.resolve("data-" + member.id()),
                            new ClusterSettings(member, members, false))
                    .with(Security.of(tls)
                            .withAccess(shared.resolve("access"))
                            .with(new Security.Limits(1000, 1000, 3)));
            starts.add(CompletableFuture.supplyAsync(
                    () -> RatisStore.start(settings), task -> new Thread(task, "start").start()));
        }
        for (CompletableFuture<RatisStore> each : starts) {
            STORES.add(each.get(60, TimeUnit.SECONDS));
        }
        admin = RemoteStore.connect(client("boss"));
        orders = create(admin, "orders").afterVersion();
        users = create(admin, "users").afterVersion();
        var unused = admin.execute(put(orders, "order"));
        var unusedToo = admin.execute(put(users, "user"));
    }

    @AfterAll
    static void stop() {
        if (admin != null) {
            admin.close();
        }
        STORES.parallelStream().forEach(RatisStore::close);
    }

    /** Beside what all tests need. */
    private static void grant(String... lines) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "certificate boss read,write,admin *",
                "certificate writer write orders*",
                "certificate both read,write orders",
                "certificate owner admin orders*",
                "token job read,write users",
                "sha256 job "
                        + HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256")
                                        .digest(TOKEN.getBytes(StandardCharsets.UTF_8)))));
        all.addAll(List.of(lines));
        Path next = shared.resolve("access.new");
        Files.write(next, all);
        Files.move(next, shared.resolve("access"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private static RemoteSettings client(String name) throws IOException {
        RemoteSettings s = RemoteSettings.of("concord", members);
        return new RemoteSettings(
                s.clusterName(),
                members,
                AUTHORITY.write(shared.resolve("client-" + name), AUTHORITY.issue(name)),
                null,
                Duration.ofSeconds(20),
                s.maxKeyBytes(),
                s.maxValueBytes(),
                s.maxLogEntryBytes());
    }

    private static Outcome create(CacheStore store, String name) {
        return store.execute(new Command.CreateCache(CacheDefinition.named(name)));
    }

    private static Command.Write put(long cache, String value) {
        return new Command.Write(cache, KEY, Condition.ANY, new Mutation.Put(bytes(value), Expiry.BY_RULE));
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(Reason reason, String words, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RequestRejectedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason))
                .hasMessageContaining(words);
    }

    @Test
    void membersDoWhatTheyLike() {
        for (RatisStore store : STORES) {
            assertThat(store.execute(put(orders, "order")).held()).isTrue();
            assertThat(store.get(users, KEY, ReadLevel.LINEARIZABLE)).isNotNull();
            assertThat(store.admin().status().members()).hasSize(3);
        }
    }

    @Test
    void aReaderReadsAndHearsWhatItMayAndNothingElse() throws Exception {
        try (RemoteStore reader = RemoteStore.connect(client("reader"))) {
            for (int i = 0; i < 6; i++) { // by each member
                assertThat(reader.get(orders, KEY, ReadLevel.LINEARIZABLE)).isNotNull();
            }
            assertThat(reader.keys(orders, ReadLevel.SESSION)).toIterable().containsExactly(KEY);
            List<Change> heard = new CopyOnWriteArrayList<>();
            try (CacheStore.Subscription open = reader.subscribe(orders, heard::add)) {
                assertThat(open).isNotNull();
                var unused = admin.execute(put(orders, "order"));
                await().until(() -> !heard.isEmpty());
            }

            refused(Reason.FORBIDDEN, "'write' for the cache 'orders'", () -> reader.execute(put(orders, "x")));
            refused(Reason.FORBIDDEN, "'read' for the cache 'users'", () -> reader.get(users, KEY, ReadLevel.EVENTUAL));
            refused(Reason.FORBIDDEN, "'read'", () -> reader.getAll(users, List.of(KEY), ReadLevel.LINEARIZABLE));
            refused(Reason.FORBIDDEN, "'read'", () -> reader.keys(users, ReadLevel.EVENTUAL));
            refused(
                    Reason.FORBIDDEN,
                    "'read'",
                    () -> reader.subscribe(users, heard::add).close());
            refused(Reason.FORBIDDEN, "'admin'", () -> reader.admin().removeMember("m1"));
            try (EntryReader near = reader.reader(users, new NearBounds(100, Duration.ofSeconds(1)))) {
                refused(Reason.FORBIDDEN, "'read'", () -> near.get(KEY, ReadLevel.SESSION));
                refused(Reason.FORBIDDEN, "'read'", () -> near.get(KEY, ReadLevel.EVENTUAL));
                assertThat(near.copyHits()).isZero();
            }
        }
    }

    @Test
    void aWriterDoesNotSeeWhatWasThere() throws Exception {
        try (RemoteStore writer = RemoteStore.connect(client("writer"))) {
            assertThat(writer.execute(put(orders, "order")).held()).isTrue();
            Mutation.Put value = new Mutation.Put(bytes("order"), Expiry.BY_RULE);
            refused(
                    Reason.FORBIDDEN,
                    "'read'",
                    () -> writer.execute(
                            new Command.Write(orders, KEY, Condition.ANY, value, Command.Returning.VALUE_BEFORE, 0)));
            refused(Reason.FORBIDDEN, "'read'", () -> writer.execute(new Command.LockKey(orders, KEY, 1)));
        }
    }

    @Test
    void whatIsRefusedDoesNotFailWhatIsJoinedWithIt() throws Exception {
        try (RemoteStore both = RemoteStore.connect(client("both"))) {
            List<CompletableFuture<List<Outcome>>> allowed = new ArrayList<>();
            List<CompletableFuture<List<Outcome>>> forbidden = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                (i % 10 == 0 ? forbidden : allowed).add(both.submit(put(i % 10 == 0 ? users : orders, "order")));
            }
            for (CompletableFuture<List<Outcome>> each : allowed) {
                assertThat(each.get(60, TimeUnit.SECONDS)).allMatch(Outcome::held);
            }
            for (CompletableFuture<List<Outcome>> each : forbidden) {
                assertThatThrownBy(() -> each.get(60, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(RequestRejectedException.class);
            }
        }
        assertThat(admin.get(users, KEY, ReadLevel.LINEARIZABLE).value()).isEqualTo(bytes("user"));
    }

    @Test
    void whatComesInPartsIsJudgedToo() throws Exception {
        RemoteSettings settings = client("both");
        Command.Write large = new Command.Write(
                orders, bytes("large"), Condition.ANY, new Mutation.Put(Bytes.wrap(new byte[5 << 20]), Expiry.BY_RULE));
        Command.Write foreign = new Command.Write(
                users, bytes("large"), Condition.ANY, new Mutation.Put(Bytes.wrap(new byte[5 << 20]), Expiry.BY_RULE));
        try (RemoteStore both = RemoteStore.connect(settings)) {
            assertThat(both.execute(large).held()).isTrue();
            refused(Reason.FORBIDDEN, "'write' for the cache 'users'", () -> both.execute(foreign));
            var unused = both.execute(new Command.Write(orders, bytes("large"), Condition.ANY, Mutation.REMOVE));
        }
        assertThat(admin.get(users, bytes("large"), ReadLevel.LINEARIZABLE)).isNull();
    }

    @Test
    void aTokenCountsBesideTheCertificate() throws Exception {
        try (RemoteStore job = RemoteStore.connect(client("nobody").with(new Secret(TOKEN)))) {
            assertThat(job.get(users, KEY, ReadLevel.LINEARIZABLE)).isNotNull();
            assertThat(job.keys(users, ReadLevel.EVENTUAL)).toIterable().isNotEmpty();
            refused(
                    Reason.FORBIDDEN,
                    "token job has not the role 'read' for the cache 'orders'",
                    () -> job.get(orders, KEY, ReadLevel.LINEARIZABLE));
        }
        assertThatThrownBy(() -> RemoteStore.connect(client("nobody")).close())
                .isInstanceOf(StartException.class)
                .hasMessageContaining("CN=nobody has no role");
        assertThatThrownBy(() -> RemoteStore.connect(client("nobody").with(new Secret(TOKEN + "x")))
                        .close())
                .isInstanceOf(StartException.class)
                .hasMessageContaining("the token is not known");
    }

    @Test
    void whatAdministratorsDoAndAreRefusedIsTold() throws Exception {
        try (LogLines audit = new LogLines(AuditLog.NAME);
                RemoteStore owner = RemoteStore.connect(client("owner"));
                RemoteStore reader = RemoteStore.connect(client("reader"))) {
            long made = create(owner, "orders-2").afterVersion();
            refused(Reason.TOO_MANY_CACHES, "limits.caches is 3", () -> create(owner, "orders-3"));
            refused(
                    Reason.FORBIDDEN,
                    "'admin' for the cache 'evil\\u000A\\u000Dwho=\\\"root\\\"'",
                    () -> create(owner, "evil\n\rwho=\"root\""));
            refused(Reason.FORBIDDEN, "'admin'", () -> reader.execute(new Command.DestroyCache(made)));
            refused(Reason.FORBIDDEN, "'write'", () -> reader.execute(new Command.Clear(made)));
            refused(
                    Reason.FORBIDDEN,
                    "'admin' for all caches",
                    () -> owner.admin().transferLeadership(null));
            assertThat(owner.execute(new Command.DestroyCache(made)).held()).isTrue();
            refused(
                    Reason.NO_CLUSTER,
                    "there is no member 'm9'",
                    () -> admin.admin().removeMember("m9"));
            STORES.get(0).admin().snapshot("m1");

            String line = "(?s).*who=\"%s\" from=\"/?127[^\"]+\" what=\"%s\" result=\"%s.*";
            assertThat(audit.all())
                    .anyMatch(text -> text.matches(line.formatted("CN=owner", "create cache orders-2", "done\"")))
                    .anyMatch(
                            text -> text.matches(line.formatted("CN=owner", "create cache orders-3", "failed: not cr")))
                    .anyMatch(text -> text.matches(
                            line.formatted("CN=reader", "destroy cache orders-2", "failed: CN=reader has not")))
                    .anyMatch(text -> text.matches(
                            line.formatted("CN=reader", "clear cache orders-2", "failed: CN=reader has not")))
                    .anyMatch(text -> text.matches(
                            line.formatted("CN=owner", "transfer lead to any", "failed: CN=owner has not")))
                    .anyMatch(text -> text.matches(line.formatted("CN=owner", "destroy cache orders-2", "done\"")))
                    .anyMatch(
                            text -> text.matches(line.formatted("CN=boss", "remove member m9", "failed: there is no")))
                    .anyMatch(text -> text.contains("what=\"create cache evil\\u000A\\u000Dwho=\\\"root\\\"\""))
                    .anyMatch(text -> text.contains("who=\"this process\"") && text.contains("snapshot of m1"))
                    .allMatch(text -> text.lines().count() == 1);
        }
    }

    @Test
    void whatIsTakenBackCountsForOpenConnections() throws Exception {
        grant("certificate late read orders");
        RemoteSettings settings = client("late");
        await().atMost(20, TimeUnit.SECONDS).ignoreExceptions().until(() -> {
            RemoteStore.connect(settings).close();
            return true;
        });
        List<Change> all = new CopyOnWriteArrayList<>();
        List<Change> heard = new CopyOnWriteArrayList<>();
        try (RemoteStore late = RemoteStore.connect(settings);
                CacheStore.Subscription open = admin.subscribe(orders, all::add);
                CacheStore.Subscription ended = late.subscribe(orders, heard::add)) {
            assertThat(List.of(open, ended)).hasSize(2);
            grant("certificate reader read orders*");
            await().atMost(20, TimeUnit.SECONDS)
                    .untilAsserted(() ->
                            refused(Reason.FORBIDDEN, "'read'", () -> late.get(orders, KEY, ReadLevel.LINEARIZABLE)));
            await().atMost(20, TimeUnit.SECONDS).untilAsserted(() -> {
                int before = heard.size();
                for (int i = 0; i < 20; i++) {
                    int told = all.size();
                    var unused = admin.execute(put(orders, "order"));
                    await().until(() -> all.size() > told);
                }
                assertThat(heard).hasSize(before);
            });
        }
    }
}
