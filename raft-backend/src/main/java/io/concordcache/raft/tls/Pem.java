package io.concordcache.raft.tls;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Certificates and keys as text (RFC 7468). What stands around the blocks is ignored. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final List<String> KEY_KINDS = List.of("EC", "RSA", "EdDSA");

    private Pem() {}

    private record Block(String label, String text) {
        byte[] bytes() throws GeneralSecurityException {
            try {
                return Base64.getMimeDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw new GeneralSecurityException("is no PEM: a block is damaged", e);
            }
        }
    }

    private static List<Block> blocks(String text) throws GeneralSecurityException {
        List<Block> found = BLOCK.matcher(text)
                .results()
                .map(block -> new Block(block.group(1), block.group(2)))
                .toList();
        if (found.isEmpty()) {
            throw new GeneralSecurityException("is no PEM: it has no block that starts with -----BEGIN");
        }
        return found;
    }

    /** All certificates, in their order; at least one. */
    static List<X509Certificate> certificates(String text) throws GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> found = new ArrayList<>();
        for (Block block : blocks(text)) {
            if (block.label.equals("CERTIFICATE")) {
                try {
                    found.add((X509Certificate)
                            factory.generateCertificate(new java.io.ByteArrayInputStream(block.bytes())));
                } catch (CertificateException e) {
                    throw new GeneralSecurityException("holds a damaged certificate", e);
                }
            }
        }
        if (found.isEmpty()) {
            throw new GeneralSecurityException("holds no certificate");
        }
        return found;
    }

    /** The one private key. */
    static PrivateKey key(String text) throws GeneralSecurityException {
        List<Block> keys = blocks(text).stream()
                .filter(block -> block.label.endsWith("PRIVATE KEY"))
                .toList();
        if (keys.size() != 1) {
            throw new GeneralSecurityException("holds " + keys.size() + " private keys; it must hold one");
        }
        Block key = keys.get(0);
        if (!key.label.equals("PRIVATE KEY")) {
            throw new GeneralSecurityException("holds a key as '" + key.label
                    + "'; convert it to PKCS #8 without a password: openssl pkcs8 -topk8 -nocrypt");
        }
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(key.bytes());
        for (String kind : KEY_KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(spec);
            } catch (java.security.spec.InvalidKeySpecException e) {
                // of another kind
            }
        }
        throw new GeneralSecurityException("holds a damaged private key, or one of a kind other than " + KEY_KINDS);
    }
}
