package io.concordcache.raft.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;

/** An authority for tests: makes certificates of its own, as DER by hand, since the JDK has no way to. */
public final class Authority {
    private static final byte[] ECDSA_WITH_SHA256 = sequence(der(0x06, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
    private static long serial = System.nanoTime();

    private final String name;
    private final KeyPair keys = keys();
    private final byte[] certificate;

    public Authority(String name) {
        this.name = name;
        certificate = certificate(name, keys, keys.getPublic().getEncoded(), Duration.ofDays(1), true);
    }

    /** A certificate with its key. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Issued(byte[] certificate, PrivateKey key) {}

    /** For these hosts: addresses, or names. */
    public Issued issue(String subject, String... hosts) {
        return issue(subject, Duration.ofDays(1), hosts);
    }

    /** One that ended so long ago. */
    public Issued expired(String subject, Duration since, String... hosts) {
        return issue(subject, since.negated(), hosts);
    }

    private Issued issue(String subject, Duration valid, String... hosts) {
        KeyPair own = keys();
        return new Issued(
                certificate(subject, keys, own.getPublic().getEncoded(), valid, false, hosts), own.getPrivate());
    }

    /** Writes PEM files into a directory, over those that are there, and returns settings that name them. */
    public TlsSettings write(Path directory, Issued issued) throws IOException {
        Files.createDirectories(directory);
        replace(directory.resolve("certificate.pem"), pem("CERTIFICATE", issued.certificate));
        replace(directory.resolve("key.pem"), pem("PRIVATE KEY", issued.key.getEncoded()));
        replace(directory.resolve("trust.pem"), pem("CERTIFICATE", certificate));
        return TlsSettings.pem(
                directory.resolve("certificate.pem"), directory.resolve("key.pem"), directory.resolve("trust.pem"));
    }

    /** Writes a PKCS #12 file with certificate and key. */
    public static void writeStore(Path file, Issued issued, String password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Certificate certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(issued.certificate));
        store.setKeyEntry("own", issued.key, password.toCharArray(), new Certificate[] {certificate});
        try (var out = Files.newOutputStream(file)) {
            store.store(out, password.toCharArray());
        }
    }

    private static void replace(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(next, text);
        Files.move(next, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private static String pem(String label, byte[] bytes) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + label
                + "-----\n";
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param valid from now on; negative: until so long ago */
    private byte[] certificate(
            String subject, KeyPair signer, byte[] publicKey, Duration valid, boolean authority, String... hosts) {
        Instant end = Instant.now().plus(valid);
        Instant start = Instant.now().minus(Duration.ofDays(30));
        byte[] extensions = authority
                ? sequence(extension(0x13, sequence(der(0x01, 0xff))))
                : sequence(extension(0x11, names(hosts)));
        byte[] body = sequence(
                tagged(0xa0, der(0x02, 2)),
                tagged(0x02, BigInteger.valueOf(serial++).toByteArray()),
                ECDSA_WITH_SHA256,
                name(name),
                sequence(time(start), time(end)),
                name(subject),
                publicKey,
                tagged(0xa3, extensions));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(signer.getPrivate());
            signature.update(body);
            return sequence(body, ECDSA_WITH_SHA256, tagged(0x03, join(new byte[] {0}, signature.sign())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] names(String... hosts) {
        byte[][] all = Arrays.stream(hosts)
                .map(host -> host.matches("[0-9.]+")
                        ? tagged(0x87, address(host))
                        : tagged(0x82, host.getBytes(StandardCharsets.US_ASCII)))
                .toArray(byte[][]::new);
        return sequence(all);
    }

    private static byte[] address(String host) {
        try {
            return InetAddress.getByName(host).getAddress();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] extension(int id, byte[] value) {
        return sequence(der(0x06, 0x55, 0x1d, id), tagged(0x04, value));
    }

    private static byte[] name(String common) {
        return sequence(tagged(
                0x31, sequence(der(0x06, 0x55, 0x04, 0x03), tagged(0x0c, common.getBytes(StandardCharsets.UTF_8)))));
    }

    private static byte[] time(Instant at) {
        String text = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'")
                .withZone(ZoneOffset.UTC)
                .format(at);
        return tagged(0x17, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] der(int tag, int... content) {
        byte[] bytes = new byte[content.length];
        for (int i = 0; i < content.length; i++) {
            bytes[i] = (byte) content[i];
        }
        return tagged(tag, bytes);
    }

    private static byte[] sequence(byte[]... parts) {
        return tagged(0x30, parts);
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        byte[] content = join(parts);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length >= 0x100) {
            out.write(0x82);
            out.write(content.length >> 8);
        } else if (content.length >= 0x80) {
            out.write(0x81);
        }
        out.write(content.length);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
