package io.concordcache.server;

import io.concordcache.raft.tls.Secret;
import io.concordcache.raft.tls.TlsSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The certificates of a process, as the settings {@code tls.…} have them. */
final class TlsOptions {
    @Option(
            names = "--tls",
            defaultValue = "${env:CONCORD_TLS_ENABLED:-false}",
            description = "use TLS (environment CONCORD_TLS_ENABLED)")
    private boolean enabled;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            defaultValue = "${env:CONCORD_TLS_CERTIFICATE}",
            description = "PEM: own certificate, and those between it and its authority (CONCORD_TLS_CERTIFICATE)")
    private @Nullable Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            defaultValue = "${env:CONCORD_TLS_KEY}",
            description = "PEM: its private key, PKCS #8 (CONCORD_TLS_KEY)")
    private @Nullable Path key;

    @Option(
            names = "--tls-keystore",
            paramLabel = "FILE",
            defaultValue = "${env:CONCORD_TLS_KEYSTORE}",
            description = "PKCS #12 with both, in place of the two (CONCORD_TLS_KEYSTORE)")
    private @Nullable Path keystore;

    @Option(
            names = "--tls-keystore-password-file",
            paramLabel = "FILE",
            defaultValue = "${env:CONCORD_TLS_KEYSTORE_PASSWORD_FILE}",
            description = "its password (CONCORD_TLS_KEYSTORE_PASSWORD_FILE; the password itself only as"
                    + " CONCORD_TLS_KEYSTORE_PASSWORD)")
    private @Nullable Path passwordFile;

    @Option(
            names = "--tls-trust",
            paramLabel = "FILE",
            defaultValue = "${env:CONCORD_TLS_TRUST}",
            description = "PEM or PKCS #12: authorities that others must be signed by (CONCORD_TLS_TRUST)")
    private @Nullable Path trust;

    /** Null without TLS. */
    @Nullable
    TlsSettings settings(boolean demandClientCertificate) {
        if (!enabled) {
            if (certificate != null || key != null || keystore != null || passwordFile != null || trust != null) {
                throw new IllegalArgumentException("files for TLS are given, but not --tls; give both");
            }
            return null;
        }
        if (trust == null) {
            throw new IllegalArgumentException("--tls needs --tls-trust: whose certificates are accepted");
        }
        String password = System.getenv("CONCORD_TLS_KEYSTORE_PASSWORD");
        return new TlsSettings(
                certificate,
                key,
                keystore,
                passwordFile,
                password == null ? null : new Secret(password),
                trust,
                demandClientCertificate);
    }
}
