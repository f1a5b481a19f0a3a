package io.concordcache.raft.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsTest {
    private final Authority authority = new Authority("authority");

    @TempDir
    private Path directory;

    private static void refused(ThrowingCallable start, String... words) {
        assertThatThrownBy(start).isInstanceOf(StartException.class).message().contains(words);
    }

    private static void load(TlsSettings settings) {
        Tls.open(settings).close();
    }

    @Test
    void goodFilesAreRead() throws Exception {
        load(authority.write(directory, authority.issue("a", "a.example")));
    }

    @Test
    void aMissingFileIsNamed() throws Exception {
        TlsSettings settings = authority.write(directory, authority.issue("a", "a.example"));
        Files.delete(directory.resolve("key.pem"));
        refused(() -> load(settings), "key.pem does not exist");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        TlsSettings settings = authority.write(directory, authority.issue("a", "a.example"));
        Path other = directory.resolve("other");
        authority.write(other, authority.issue("b", "b.example"));
        refused(
                () -> load(TlsSettings.pem(
                        directory.resolve("certificate.pem"), other.resolve("key.pem"), settings.trust())),
                "certificate.pem",
                "CN=a",
                "does not belong to the private key");
    }

    @Test
    void anExpiredCertificateIsRefused() throws Exception {
        TlsSettings settings = authority.write(directory, authority.expired("a", Duration.ofHours(1), "a.example"));
        refused(() -> load(settings), "certificate.pem", "expired at", "renew it");
    }

    @Test
    void whatIsNoPemIsRefused() throws Exception {
        TlsSettings settings = authority.write(directory, authority.issue("a", "a.example"));
        Files.writeString(directory.resolve("trust.pem"), "rubbish");
        refused(() -> load(settings), "trust.pem is no PEM");
        Files.writeString(
                directory.resolve("trust.pem"), "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----");
        refused(() -> load(settings), "trust.pem holds a damaged certificate");
    }

    @Test
    void anOldFormOfKeyIsRefusedWithTheCommandThatConvertsIt() throws Exception {
        TlsSettings settings = authority.write(directory, authority.issue("a", "a.example"));
        Files.writeString(
                directory.resolve("key.pem"),
                Files.readString(directory.resolve("key.pem")).replace("PRIVATE KEY", "EC PRIVATE KEY"));
        refused(() -> load(settings), "key.pem", "PKCS #8", "openssl pkcs8");
    }

    @Test
    void aKeyStoreNeedsItsPassword() throws Exception {
        TlsSettings pem = authority.write(directory, authority.issue("a", "a.example"));
        Path store = directory.resolve("store.p12");
        Authority.writeStore(store, authority.issue("a", "a.example"), "right");
        Path password = Files.writeString(directory.resolve("password"), "right\n");
        load(new TlsSettings(null, null, store, password, null, pem.trust(), true));
        load(new TlsSettings(null, null, store, null, new Secret("right"), pem.trust(), true));
        refused(
                () -> load(new TlsSettings(null, null, store, null, new Secret("wrong"), pem.trust(), true)),
                "store.p12",
                "the password is wrong");
        refused(
                () -> load(new TlsSettings(null, null, store, null, null, pem.trust(), true)),
                "store.p12",
                "needs a password",
                "CONCORD_TLS_KEYSTORE_PASSWORD");
    }

    @Test
    void aPasswordIsNotPrinted() {
        assertThat(new TlsSettings(null, null, Path.of("s"), null, new Secret("hush"), Path.of("t"), true).toString())
                .doesNotContain("hush");
    }

    @Test
    void newFilesAreTakenAndBrokenOnesAreNot() throws Exception {
        try (Tls tls = Tls.open(authority.write(directory, authority.issue("a", "a.example")))) {
            SSLContext first = tls.context();
            authority.write(directory, authority.issue("a", "a.example"));
            SSLContext second = awaitOther(tls, first);

            Files.writeString(directory.resolve("certificate.pem"), "rubbish");
            tls.look();
            tls.look();
            assertThat(tls.context()).isSameAs(second);

            authority.write(directory, authority.issue("a", "a.example"));
            assertThat(awaitOther(tls, second)).isNotSameAs(first);
        }
    }

    /** By its own looks. */
    private static SSLContext awaitOther(Tls tls, SSLContext than) {
        await().until(() -> tls.context() != than);
        return tls.context();
    }

    @Test
    void aPeerIsTheMemberWhoseHostOrIdItsCertificateNames() {
        assertThat(peer("a.example").is(Member.parse("m1=a.example:7800"))).isTrue();
        assertThat(peer("A.Example").is(Member.parse("m1=a.example:7800"))).isTrue();
        assertThat(peer("m1").is(Member.parse("m1=a.example:7800"))).isTrue();
        assertThat(peer("10.0.0.1").is(Member.parse("m1=10.0.0.1:7800"))).isTrue();
        assertThat(peer("0:0:0:0:0:0:0:1").is(Member.parse("m1=[::1]:7800"))).isTrue();
        assertThat(peer("*.example.com").is(Member.parse("m1=a.example.com:7800")))
                .isTrue();

        assertThat(peer("b.example").is(Member.parse("m1=a.example:7800"))).isFalse();
        assertThat(peer("10.0.0.1").is(Member.parse("m1=10.0.0.11:7800"))).isFalse();
        assertThat(peer("*.example.com").is(Member.parse("m1=a.b.example.com:7800")))
                .isFalse();
        assertThat(peer("*.example.com").is(Member.parse("m1=example.com:7800")))
                .isFalse();
        assertThat(peer("*.com").is(Member.parse("m1=example.com:7800"))).isFalse();
        assertThat(peer("*").is(Member.parse("m1=example:7800"))).isFalse();
        assertThat(Peer.NOBODY.is(Member.parse("m1=a.example:7800"))).isFalse();
    }

    private static Peer peer(String name) {
        return new Peer("CN=x", List.of(name));
    }
}
