package io.concordcache.raft.access;

import io.concordcache.raft.fuzz.Fuzz;
import io.concordcache.raft.store.StartException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import net.jqwik.api.Example;

/** Whatever stands in the file of who may do what is read or refused in one line. */
class AccessFuzzTest {
    private static final String HASH = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";

    @Example
    void accessFiles() throws Exception {
        List<byte[]> valid = Stream.of(
                        "# a comment\n\ncertificate  app.example  read,write  orders-*\ncertificate ops admin *\n",
                        "token nightly read a b c\nsha256 nightly " + HASH + "\n",
                        "sha256 unused " + HASH.toUpperCase(Locale.ROOT),
                        "")
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
        Path file = Path.of("access");
        new Fuzz<>("access files", valid, bytes -> AccessFile.parse(file, bytes))
                .refusing(StartException.class)
                .withWords("certificate ", "token ", "sha256 ", "admin", ",", " ", "\n", "*", "\u0085", "\u001b[2J")
                .allocating(200, 100_000)
                .run();
    }
}
