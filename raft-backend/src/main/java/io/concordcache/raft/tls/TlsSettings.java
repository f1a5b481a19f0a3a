package io.concordcache.raft.tls;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the certificates and keys of a node lie, and what it demands of others.
 *
 * @param certificate PEM: the certificate of this node, then those that lead from it towards the root; null with a key store
 *     or for a client that shows none
 * @param key PEM: the private key of the certificate, as PKCS #8 without a password; null exactly if the certificate is
 * @param keystore PKCS #12 with one key and its certificates, in place of the two
 * @param keystorePasswordFile whose first line is the password of the stores
 * @param keystorePassword the password itself, in place of the file
 * @param trust PEM or PKCS #12: certificates, usually of authorities, that others must be signed by
 * @param demandClientCertificate whether a member refuses clients that show no certificate
 */
public record TlsSettings(
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable Path keystore,
        @Nullable Path keystorePasswordFile,
        @Nullable Secret keystorePassword,
        Path trust,
        boolean demandClientCertificate) {
    public TlsSettings {
        Objects.requireNonNull(trust, "trust");
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("a certificate and its key belong together; give both or none");
        }
        if (certificate != null && keystore != null) {
            throw new IllegalArgumentException("a certificate is given as PEM and in a key store; keep one");
        }
        if (keystorePasswordFile != null && keystorePassword != null) {
            throw new IllegalArgumentException("the password of the key store is given twice; keep one");
        }
    }

    /** With PEM files. */
    public static TlsSettings pem(Path certificate, Path key, Path trust) {
        return new TlsSettings(certificate, key, null, null, null, trust, true);
    }

    /** Whether this node has a certificate to show. */
    public boolean hasCertificate() {
        return certificate != null || keystore != null;
    }

    List<Path> files() {
        return Stream.of(certificate, key, keystore, keystorePasswordFile, trust)
                .filter(Objects::nonNull)
                .toList();
    }
}
