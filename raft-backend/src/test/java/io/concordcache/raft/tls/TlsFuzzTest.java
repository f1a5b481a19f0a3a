package io.concordcache.raft.tls;

import io.concordcache.raft.fuzz.Fuzz;
import io.concordcache.raft.store.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Example;

/** Whatever stands in the files of certificates and keys is read or refused in one line. */
class TlsFuzzTest {
    private static final int SHARE = 40;
    /** To open a store takes long, so that passwords cannot be guessed. */
    private static final int SHARE_OF_STORES = 200;

    private interface Test {
        void run(Path directory, TlsSettings settings, Authority.Issued own) throws Exception;
    }

    private static void within(Test test) throws Exception {
        Path directory = Files.createTempDirectory("concord-fuzz-");
        try {
            Authority authority = new Authority("authority");
            Authority.Issued own = authority.issue("a", "a.example", "127.0.0.1");
            test.run(directory, authority.write(directory, own), own);
        } finally {
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    private static Object load(Path file, byte[] bytes, TlsSettings settings) throws Exception {
        Files.write(file, bytes);
        return TlsFiles.load(settings);
    }

    private static void fuzz(Path directory, String name, TlsSettings settings) throws Exception {
        Path file = directory.resolve(name);
        loading(file, List.of(Files.readAllBytes(file)), settings)
                .withWords("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "PRIVATE KEY", "=", "\n")
                .share(SHARE)
                .run();
    }

    private static Fuzz<Object> loading(Path file, List<byte[]> valid, TlsSettings settings) {
        return new Fuzz<>(file.getFileName().toString(), valid, bytes -> load(file, bytes, settings))
                .refusing(StartException.class)
                .allocating(10_000, 10_000_000); // by the JDK
    }

    @Example
    void certificates() throws Exception {
        within((directory, settings, own) -> fuzz(directory, "certificate.pem", settings));
    }

    @Example
    void keys() throws Exception {
        within((directory, settings, own) -> fuzz(directory, "key.pem", settings));
    }

    @Example
    void authorities() throws Exception {
        within((directory, settings, own) -> fuzz(directory, "trust.pem", settings));
    }

    @Example
    void stores() throws Exception {
        within((directory, settings, own) -> {
            Path store = directory.resolve("store.p12");
            Authority.writeStore(store, own, "secret");
            Path password = Files.writeString(directory.resolve("password"), "secret\n");
            TlsSettings stored = new TlsSettings(null, null, store, password, null, settings.trust(), true);
            // A store is authenticated as a whole, so a damaged one is hardly ever decoded.
            loading(store, List.of(), stored)
                    .alsoOf(List.of(Files.readAllBytes(store)))
                    .share(SHARE_OF_STORES)
                    .run();
        });
    }
}
