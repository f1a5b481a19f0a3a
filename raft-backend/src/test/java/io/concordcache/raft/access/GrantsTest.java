package io.concordcache.raft.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Role;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Peer;
import io.concordcache.raft.tls.Secret;
import io.concordcache.raft.wire.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantsTest {
    private static final String TEXT = "0123456789abcdef0123";
    private static final String HASH = "3ca1a4ec3b1ee8bd4a7ba35ca2d2c1e0ef4a2a2f05b0a8a4dd6d8f0e4e5d3c2b";
    private static final Map<Long, String> NAMES = Map.of(7L, "orders-eu", 8L, "users");
    private static final Bytes KEY = Bytes.wrap(new byte[] {1});

    static Grants grants(String... lines) {
        try {
            Path file = Files.createTempFile("concord-access", "");
            try {
                Files.writeString(file, String.join("\n", lines));
                return AccessFile.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Who certified(String common, String... hosts) {
        return new Who(new Peer("CN=" + common, List.of(hosts)), null);
    }

    private static final Grants.Caches CACHES = new Grants.Caches() {
        @Override
        public CacheInfo cache(long cacheId) {
            String name = NAMES.get(cacheId);
            return name == null ? null : new CacheInfo(cacheId, CacheDefinition.named(name));
        }

        /** The whole is a command about the cache that is the transfer. */
        @Override
        public Command completedBy(Command.Part last) {
            return last.transfer() == 0 ? null : new Command.Clear(last.transfer());
        }
    };

    static RequestRejectedException refusal(Grants grants, Who who, Request request) {
        try {
            grants.require(who, request, CACHES);
            return null;
        } catch (RequestRejectedException e) {
            return e;
        }
    }

    private static Request read(long cacheId) {
        return new Request.Read(cacheId, List.of(KEY), ReadLevel.LINEARIZABLE, 0);
    }

    private static Request append(Command... commands) {
        return new Request.Append(new LogEntry(0, new ClientId(1, 1), 1, 0, List.of(commands)), "");
    }

    private static Command put(long cacheId) {
        return new Command.Write(cacheId, KEY, Condition.ANY, new Mutation.Put(KEY, Expiry.BY_RULE));
    }

    private static void assertRefused(Grants grants, Who who, Request request, Reason reason, String... words) {
        RequestRejectedException refused = refusal(grants, who, request);
        assertThat(refused).as(request.toString()).isNotNull();
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused).message().contains(words).doesNotContain("\n");
    }

    private static void assertPasses(Grants grants, Who who, Request... requests) {
        for (Request request : requests) {
            assertThat(refusal(grants, who, request)).as(request.toString()).isNull();
        }
    }

    @Test
    void aCertificateIsKnownByHostAndByCommonName() {
        Grants grants = grants("certificate App.example  read  orders-*", "certificate ops write users");
        assertPasses(grants, certified("x", "app.EXAMPLE"), read(7));
        assertPasses(grants, certified("ops"), append(put(8)));
        assertRefused(
                grants,
                certified("x", "app.example"),
                append(put(7)),
                Reason.FORBIDDEN,
                "CN=x [app.example] has not the role 'write' for the cache 'orders-eu'");
        assertRefused(grants, certified("x", "app.example"), read(8), Reason.FORBIDDEN, "'read' for the cache 'users'");
        assertRefused(grants, certified("ops"), read(8), Reason.FORBIDDEN, "'read'");
        assertRefused(grants, certified("app.example.org"), read(7), Reason.FORBIDDEN, "has not the role 'read'");
    }

    @Test
    void grantsOfOneAddUp() {
        Grants grants = grants("certificate a read *", "certificate a write users");
        assertPasses(grants, certified("a"), read(7), read(8), append(put(8)));
        assertRefused(grants, certified("a"), append(put(8), put(7)), Reason.FORBIDDEN, "'write'", "orders-eu");
    }

    @Test
    void aTokenIsKnownByItsHash() {
        Grants grants =
                grants("# who may what", "token  job   read,write  orders-*", "", "  sha256 job " + hash(TEXT) + "  ");
        Who job = new Who(Peer.NOBODY, Token.of(TEXT));
        assertPasses(grants, job, read(7), append(put(7)), new Request.Caches());
        assertRefused(
                grants, job, read(8), Reason.FORBIDDEN, "token job has not the role 'read' for the cache 'users'");
        Who other = new Who(Peer.NOBODY, Token.of(TEXT + "x"));
        assertRefused(grants, other, read(7), Reason.UNAUTHENTICATED, "token is not known");
        assertRefused(grants, new Who(Peer.NOBODY, null), read(7), Reason.UNAUTHENTICATED, "neither", "'read'");
        assertThat(grants.name(job)).isEqualTo("token job");
        assertThat(grants + " " + job).doesNotContain(hash(TEXT));
    }

    private static String hash(String text) {
        try {
            return java.util.HexFormat.of()
                    .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void rolesAreThoseOfAllGrantsThatFitTheName() {
        Grants grants = grants("certificate a read orders-*", "certificate a admin *", "certificate a write users");
        assertThat(grants.roles(certified("A"), "orders-eu")).containsExactly(Role.READ, Role.ADMIN);
        assertThat(grants.roles(certified("a"), "users")).containsExactly(Role.WRITE, Role.ADMIN);
        assertThat(grants.roles(certified("b"), "users")).isEmpty();
        assertThat(grants.of(certified("a"))).hasSize(3);
        grants.require(certified("a"), needs -> needs.role(Role.WRITE, "users"));
        assertThatThrownBy(() -> grants.require(certified("a"), needs -> needs.role(Role.WRITE, "orders-eu")))
                .isInstanceOf(RequestRejectedException.class)
                .hasMessageContaining("has not the role 'write' for the cache 'orders-eu'");
    }

    @Test
    void whoHasNoRoleGetsNothingButAnAnswerToAProbe() {
        Grants grants = grants("certificate a read nothing");
        Who nobody = certified("b");
        assertPasses(grants, nobody, new Request.Probe(null));
        for (Request request : List.of(new Request.Caches(), new Request.Status(), new Request.Fence())) {
            assertRefused(grants, nobody, request, Reason.FORBIDDEN, "CN=b has no role");
            assertPasses(grants, certified("a"), request);
        }
        assertRefused(grants, nobody, read(9), Reason.FORBIDDEN, "has no role");
    }

    @Test
    void createdIsByNameAndTheClusterIsForThoseWhoAdministerAllCaches() {
        Grants grants =
                grants("certificate some admin orders-*", "certificate all admin *", "certificate rw read,write *");
        Request create = append(new Command.CreateCache(CacheDefinition.named("orders-us")));
        Request remove = new Request.RemoveMember("m");
        assertPasses(grants, certified("some"), create, append(new Command.DestroyCache(7)));
        assertPasses(grants, certified("all"), create, append(new Command.DestroyCache(8)), remove);
        assertRefused(grants, certified("some"), remove, Reason.FORBIDDEN, "'admin' for all caches");
        assertRefused(grants, certified("some"), append(new Command.DestroyCache(8)), Reason.FORBIDDEN, "'admin'");
        assertRefused(grants, certified("rw"), create, Reason.FORBIDDEN, "'admin' for the cache 'orders-us'");
        assertRefused(grants, certified("rw"), remove, Reason.FORBIDDEN, "'admin'");
        assertRefused(grants, certified("all"), append(put(8)), Reason.FORBIDDEN, "'write'");
    }

    @Test
    void aCacheThatIsNotKnownIsForThoseWhoMayUseAll() {
        Grants grants = grants("certificate some read orders-*", "certificate all read *");
        assertPasses(grants, certified("all"), read(9));
        assertRefused(grants, certified("some"), read(9), Reason.NO_SUCH_CACHE, "does not exist");
    }

    @Test
    void whatComesInPartsIsJudgedAsAWhole() {
        Grants grants = grants("certificate a write users");
        assertPasses(grants, certified("a"), append(new Command.Part(7, 0, 2, KEY)));
        assertPasses(grants, certified("a"), append(new Command.Part(8, 1, 2, KEY)));
        assertPasses(grants, certified("a"), append(new Command.Part(0, 1, 2, KEY)));
        assertRefused(grants, certified("a"), append(new Command.Part(7, 1, 2, KEY)), Reason.FORBIDDEN, "orders-eu");
    }

    @Test
    void namesOfOthersDoNotBreakLines() {
        Grants grants = grants("certificate a read x");
        assertRefused(
                grants,
                new Who(new Peer("CN=\nroot", List.of("evil\r\nhost")), null),
                append(new Command.CreateCache(CacheDefinition.named("x\r\ny"))),
                Reason.FORBIDDEN,
                "\\u000D\\u000A");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "certificate a read | :1 is incomplete",
                "certificate a reed * | :1 has the role 'reed'",
                "certificate a read,,write * | :1 has the role ''",
                "role a read * | :1 begins with 'role'",
                "token t read * | no line 'sha256 t HASH'",
                "sha256 t abc | :1 is no SHA-256",
                "sha256 t 00zz | :1 is no SHA-256",
                "sha256 t | :1 is no name with a hash",
                "sha256 t " + HASH + " x | :1 is no name with a hash",
            })
    void aBrokenFileIsRefusedWithItsLine(String text, String message) {
        assertThatThrownBy(() -> grants(text))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> grants("", "", "sha256 t " + HASH, "sha256 t " + HASH))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(":4 names the token t for the second time");
        assertThatThrownBy(() -> grants("sha256 t " + HASH, "sha256 u " + HASH))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(":2 has the hash of a token that a line before has");
    }

    @TempDir
    private Path directory;

    @Test
    void aTokenIsTheFirstLineOfAFileAndNotTooShort() throws Exception {
        Path file = directory.resolve("token");
        Files.writeString(file, " " + TEXT + " \nmore\n");
        assertThat(Token.read(file)).isEqualTo(new Secret(TEXT));
        for (String bad : List.of("", "short", "with blanks in the middle of it")) {
            Files.writeString(file, bad);
            assertThatThrownBy(() -> Token.read(file))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("holds no token")
                    .message()
                    .doesNotContain(bad.isEmpty() ? "\n" : bad);
        }
        assertThatThrownBy(() -> Token.read(directory.resolve("none"))).isInstanceOf(StartException.class);
    }

    /** The file is looked at until it has changed and settled. */
    @Test
    void aFileThatChangesCountsAndABrokenOneDoesNot() throws Exception {
        Path file = directory.resolve("access");
        Files.writeString(file, "certificate a read *");
        Access access = Access.open(file);
        assertThat(access.look()).isFalse();
        Files.writeString(file, "certificate a rubbish *");
        assertThat(access.look() || access.look() || access.look()).isFalse();
        assertPasses(access.grants(), certified("a"), read(7));
        Files.writeString(file, "certificate a write *\n");
        assertThat(access.look()).isFalse();
        assertThat(access.look()).isTrue();
        assertThat(access.look()).isFalse();
        assertRefused(access.grants(), certified("a"), read(7), Reason.FORBIDDEN, "'read'");
    }

    @ParameterizedTest
    @CsvSource({
        "*, '', true",
        "*, x, true",
        "a*, b, false",
        "a*c, abc, true",
        "a*c, ac, true",
        "a*c, acb, false",
        "orders-*, orders-, true",
        "orders-*, orders, false",
        "*-eu-*, a-eu-b-eu-c, true",
        "x, x, true",
        "x, xx, false"
    })
    void starsStandForAnything(String pattern, String name, boolean matches) {
        assertThat(Glob.matches(pattern, name)).isEqualTo(matches);
    }
}
