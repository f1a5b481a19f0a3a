package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Members that compress what they send each other. */
@Timeout(120)
class LinkCompressionIT {
    @TempDir
    Path temporary;

    private static String value(int number) {
        return ("{\"order\":" + number + ",\"customer\":\"anna\",\"lines\":[")
                + "{\"article\":17,\"count\":2,\"price\":\"9.99\"},".repeat(30) + "]}";
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void whatIsWrittenArrivesEverywhereInFewerBytes(Compression how) throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3, settings -> settings.withLinkCompression(how))) {
            long cache = ClusterIT.create(cluster.follower());
            List<RatisStore> all = List.of(cluster.store("m1"), cluster.store("m2"), cluster.store("m3"));
            for (int i = 0; i < 120; i++) {
                ClusterIT.put(all.get(i % 3), cache, "k" + i, value(i));
                assertThat(ClusterIT.get(all.get((i + 1) % 3), cache, "k" + i, ReadLevel.LINEARIZABLE))
                        .isEqualTo(value(i));
            }
            // The leader to two followers, these what they were given to write: on each some of 120 kB.
            for (RatisStore store : all) {
                assertThat(store.linkCompression().savedBytes()).isGreaterThan(20_000);
            }
        }
    }

    /** A member in a process of its own, without one of the libraries; writes and reads what it is told. */
    static final class Without {
        public static void main(String[] args) throws IOException {
            List<Member> members =
                    Arrays.stream(args[0].split(",")).map(Member::parse).toList();
            Compression how = Compression.valueOf(args[3]);
            try (RatisStore store = RatisStore.start(RatisSettings.member(
                            Durability.DISK,
                            Path.of(args[2]),
                            new ClusterSettings(member(members, args[1]), members, false))
                    .withLinkCompression(how))) {
                System.out.println("up");
                var unused = System.in.read();
                long cache = Objects.requireNonNull(store.cache("c")).id();
                System.out.println(ClusterIT.get(store, cache, "k", ReadLevel.LINEARIZABLE));
                System.out.println(store.linkCompression().savedBytes());
                unused = System.in.read();
            }
        }

        private static Member member(List<Member> members, String id) {
            return members.stream()
                    .filter(each -> each.id().equals(id))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Process start(List<Member> members, String id, Compression how, String... missing) throws IOException {
        String classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(each ->
                        Stream.of(missing).noneMatch(Path.of(each).getFileName().toString()::contains))
                .collect(Collectors.joining(File.pathSeparator));
        return new ProcessBuilder(new ArrayList<>(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        classPath,
                        Without.class.getName(),
                        members.stream().map(Member::toString).collect(Collectors.joining(",")),
                        id,
                        temporary.resolve(id).toString(),
                        how.name())))
                .redirectError(temporary.resolve(id + ".log").toFile())
                .start();
    }

    @Test
    void aMemberWithoutTheLibraryTakesPartUncompressed() throws Exception {
        List<Member> members = LocalCluster.freeMembers(3, 1);
        Process without = start(members, "m3", Compression.OFF, "lz4");
        List<CompletableFuture<RatisStore>> starting = Stream.of("m1", "m2")
                .map(id -> RatisSettings.member(
                                Durability.DISK,
                                temporary.resolve(id),
                                new ClusterSettings(Without.member(members, id), members, false))
                        .withLinkCompression(Compression.LZ4))
                .map(settings -> CompletableFuture.supplyAsync(
                        () -> RatisStore.start(settings), task -> new Thread(task).start()))
                .toList();
        List<RatisStore> stores = starting.stream().map(CompletableFuture::join).toList();
        try (BufferedReader says = without.inputReader(StandardCharsets.UTF_8);
                PrintWriter to = new PrintWriter(without.outputWriter(StandardCharsets.UTF_8), true)) {
            assertThat(says.readLine()).isEqualTo("up");
            long cache = ClusterIT.create(stores.get(0));
            for (RatisStore store : stores) {
                ClusterIT.put(store, cache, "k", value(7));
            }
            to.println();
            assertThat(says.readLine()).isEqualTo(value(7));
            assertThat(says.readLine()).isEqualTo("0");
        } finally {
            stores.forEach(RatisStore::close);
            without.destroyForcibly();
            assertThat(without.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aMemberThatIsToCompressDoesNotStartWithoutTheLibrary() throws Exception {
        Process without = start(LocalCluster.freeMembers(3, 1), "m1", Compression.ZSTD, "zstd");
        try {
            assertThat(without.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(temporary.resolve("m1.log")))
                    .contains("StartException", "cannot be compressed here", "com.github.luben:zstd-jni");
        } finally {
            without.destroyForcibly();
        }
    }
}
