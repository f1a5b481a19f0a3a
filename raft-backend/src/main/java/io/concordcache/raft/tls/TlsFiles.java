package io.concordcache.raft.tls;

import io.concordcache.raft.store.StartException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Reads the files that {@link TlsSettings} name, and checks what they hold as far as that goes without a peer. */
final class TlsFiles {
    /** What is read from PEM is kept in stores that never leave memory. */
    private static final char[] IN_MEMORY = new char[0];

    private final TlsSettings settings;

    private TlsFiles(TlsSettings settings) {
        this.settings = settings;
    }

    /** @throws StartException that names the file, what is wrong with it and what to do */
    static SSLContext load(TlsSettings settings) {
        TlsFiles files = new TlsFiles(settings);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(files.trust());
            context.init(files.own(), trust.getTrustManagers(), null);
            // A session that goes on later would spare the check of certificates; connections live long anyway.
            context.getServerSessionContext().setSessionTimeout(1);
            context.getClientSessionContext().setSessionTimeout(1);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new StartException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private KeyManager @Nullable [] own() throws GeneralSecurityException, IOException {
        Path certificate = settings.certificate();
        Path key = settings.key();
        Path store = settings.keystore();
        if (certificate != null && key != null) {
            List<X509Certificate> chain = certificates(certificate);
            PrivateKey secret;
            try {
                secret = Pem.key(text(key));
            } catch (GeneralSecurityException e) {
                throw bad(key, String.valueOf(e.getMessage()), e);
            }
            return managers(certificate, chain, secret);
        }
        return store == null ? null : stored(store);
    }

    private KeyManager[] stored(Path file) throws GeneralSecurityException, IOException {
        char[] password = password(file);
        KeyStore store = keystore(file, password);
        List<String> keys = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                keys.add(alias);
            }
        }
        if (keys.size() != 1) {
            throw bad(file, "holds " + keys.size() + " private keys; it must hold one", null);
        }
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate each : store.getCertificateChain(keys.get(0))) {
            chain.add((X509Certificate) each);
        }
        try {
            return managers(file, chain, (PrivateKey) store.getKey(keys.get(0), password));
        } catch (UnrecoverableKeyException e) {
            throw bad(file, "has a key with another password than the store; give both the same", e);
        }
    }

    private static KeyManager[] managers(Path file, List<X509Certificate> chain, PrivateKey key)
            throws GeneralSecurityException, IOException {
        checkDates(file, chain.get(0));
        if (!belongTogether(chain.get(0), key)) {
            throw bad(
                    file,
                    "has a certificate (" + chain.get(0).getSubjectX500Principal()
                            + ") that does not belong to the private key; its own certificate must come first, and"
                            + " both must have been replaced together",
                    null);
        }
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, IN_MEMORY);
        own.setKeyEntry("own", key, IN_MEMORY, chain.toArray(new X509Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(own, IN_MEMORY);
        return factory.getKeyManagers();
    }

    private static void checkDates(Path file, X509Certificate certificate) throws GeneralSecurityException {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            throw bad(
                    file,
                    "has a certificate that expired at "
                            + certificate.getNotAfter().toInstant() + "; renew it",
                    e);
        } catch (CertificateNotYetValidException e) {
            throw bad(
                    file,
                    "has a certificate that is valid only from "
                            + certificate.getNotBefore().toInstant() + " on; check the clock",
                    e);
        }
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        String kind = certificate.getPublicKey().getAlgorithm();
        if (!kind.equals(key.getAlgorithm())) {
            return false;
        }
        Signature signature = Signature.getInstance(
                switch (kind) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> kind;
                });
        byte[] sample = {1, 2, 3};
        signature.initSign(key);
        signature.update(sample);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(sample);
        return signature.verify(signed);
    }

    private KeyStore trust() throws GeneralSecurityException, IOException {
        Path file = settings.trust();
        byte[] bytes = bytes(file);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, IN_MEMORY);
        List<X509Certificate> certificates = new ArrayList<>();
        boolean isStore = bytes.length > 0 && bytes[0] == 0x30; // a sequence of ASN.1, and no text
        if (isStore) {
            KeyStore store = keystore(file, password(file));
            for (String alias : Collections.list(store.aliases())) {
                if (store.isCertificateEntry(alias)) {
                    certificates.add((X509Certificate) store.getCertificate(alias));
                }
            }
        } else {
            certificates.addAll(certificates(file));
        }
        if (certificates.isEmpty()) {
            throw bad(file, "holds no certificate to trust", null);
        }
        for (X509Certificate each : certificates) {
            trusted.setCertificateEntry("trusted" + trusted.size(), each);
        }
        return trusted;
    }

    private static List<X509Certificate> certificates(Path file) throws GeneralSecurityException, IOException {
        try {
            return Pem.certificates(text(file));
        } catch (GeneralSecurityException e) {
            throw bad(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static KeyStore keystore(Path file, char[] password) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (ByteArrayInputStream in = new ByteArrayInputStream(bytes(file))) {
            store.load(in, password);
            return store;
        } catch (IOException e) {
            throw e.getCause() instanceof UnrecoverableKeyException
                    ? bad(file, "cannot be opened: the password is wrong", e)
                    : bad(file, "is no PKCS #12 store, or is damaged", e);
        }
    }

    private char[] password(Path store) throws GeneralSecurityException, IOException {
        Secret given = settings.keystorePassword();
        Path file = settings.keystorePasswordFile();
        if (given != null) {
            return given.value().toCharArray();
        }
        if (file == null) {
            throw bad(
                    store,
                    "needs a password: name a file that holds it by tls.keystore-password-file, or set the"
                            + " environment variable CONCORD_TLS_KEYSTORE_PASSWORD",
                    null);
        }
        return text(file).lines().findFirst().orElse("").toCharArray();
    }

    private static String text(Path file) throws GeneralSecurityException, IOException {
        return new String(bytes(file), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(Path file) throws GeneralSecurityException, IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw bad(file, "does not exist", e);
        } catch (IOException e) {
            throw bad(file, "cannot be read: " + e, e);
        }
    }

    private static GeneralSecurityException bad(Path file, String problem, @Nullable Throwable cause) {
        return new GeneralSecurityException("the file " + file.toAbsolutePath() + " " + problem, cause);
    }
}
