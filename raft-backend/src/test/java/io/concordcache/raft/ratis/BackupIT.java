package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.backup.Backup;
import io.concordcache.raft.backup.BackupException;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ReadLevel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups of running clusters, and what becomes of them. */
@Timeout(120)
class BackupIT {
    private static final int ACCOUNTS = 200;
    private static final long SUM = 100L * ACCOUNTS;

    @TempDir
    Path temporary;

    private Path file() {
        return temporary.resolve("all.concord.gz");
    }

    private static Bytes account(int number) {
        return ClusterIT.bytes("account" + number);
    }

    private static Bytes amount(long amount) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(amount).array());
    }

    private static long amount(Entry entry) {
        return ByteBuffer.wrap(entry.value().unwrap()).getLong();
    }

    private static Command.Write put(long cache, Bytes key, Bytes value, Expiry expiry) {
        return new Command.Write(cache, key, Condition.ANY, new Mutation.Put(value, expiry));
    }

    private static long sum(CacheStore store, long cache) {
        List<Bytes> keys =
                IntStream.range(0, ACCOUNTS).mapToObj(BackupIT::account).toList();
        return store.getAll(cache, keys, ReadLevel.LINEARIZABLE).stream()
                .mapToLong(entry -> amount(Objects.requireNonNull(entry)))
                .sum();
    }

    private static long fill(CacheStore store) {
        long cache = ClusterIT.create(store);
        List<Command.Write> writes = new ArrayList<>();
        for (int i = 0; i < ACCOUNTS; i++) {
            writes.add(put(cache, account(i), amount(100), Expiry.ETERNAL));
        }
        var unused = store.executeAll(new Command.Batch(cache, writes));
        return cache;
    }

    /** Moves amounts between accounts, two at a time, until it is told to end. One thread, so the sum stays. */
    private static Thread transfers(CacheStore store, long cache, AtomicBoolean end) {
        Thread thread = new Thread(() -> {
            Random random = new Random(1);
            while (!end.get()) {
                int from = random.nextInt(ACCOUNTS);
                int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
                List<Entry> two = store.getAll(cache, List.of(account(from), account(to)), ReadLevel.LINEARIZABLE);
                var unused = store.executeAll(new Command.Batch(
                        cache,
                        List.of(
                                put(cache, account(from), amount(amount(two.get(0)) - 1), Expiry.ETERNAL),
                                put(cache, account(to), amount(amount(two.get(1)) + 1), Expiry.ETERNAL))));
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void aBackupUnderWritesIsOfOneMomentAndFillsANewCluster() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3);
                RemoteStore client = RemoteStore.connect(RemoteSettings.of("concord", cluster.members()))) {
            long cache = fill(cluster.follower());
            var unused =
                    client.execute(put(cache, ClusterIT.bytes("short"), ClusterIT.bytes("v"), Expiry.after(3_600_000)));
            unused = client.execute(put(cache, ClusterIT.bytes("gone"), ClusterIT.bytes("v"), Expiry.after(1)));
            AtomicBoolean end = new AtomicBoolean();
            Thread transfers = transfers(client, cache, end);
            try {
                for (CacheStore each : List.of(client, cluster.follower(), cluster.store(cluster.leader()))) {
                    Path file = temporary.resolve("backup-" + each.hashCode());
                    Backup.Contents contents = Backup.take(each, file, bytes -> {});
                    assertThat(contents.cluster()).isEqualTo("concord");
                    assertThat(contents.entries().get("c")).isBetween(ACCOUNTS + 1L, ACCOUNTS + 2L);
                    try (RatisStore other = RatisStore.start(RatisSettings.memory())) {
                        Backup.Restored restored = Backup.restore(other, file, entries -> {});
                        assertThat(restored.entries()).isEqualTo(ACCOUNTS + 1L);
                        long again = Objects.requireNonNull(other.cache("c")).id();
                        assertThat(sum(other, again)).isEqualTo(SUM);
                        Entry dying = other.get(again, ClusterIT.bytes("short"), ReadLevel.LINEARIZABLE);
                        assertThat(Objects.requireNonNull(dying).expiresAtMillis() - other.nowMillis())
                                .isBetween(1L, 3_600_000L);
                    }
                }
            } finally {
                end.set(true);
                transfers.join();
            }
            try (Stream<Path> left = Files.walk(cluster.directory("m1"))) {
                assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith("copy-"));
            }
        }
    }

    @Test
    void whatWasAcknowledgedBeforeIsInTheBackup() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            RatisStore follower = cluster.follower();
            RatisStore leader = cluster.store(cluster.leader());
            long cache = ClusterIT.create(leader);
            for (int i = 0; i < 10; i++) {
                ClusterIT.put(leader, cache, "k" + i, "v");
                Path file = temporary.resolve("backup-" + i);
                assertThat(Backup.take(follower, file, bytes -> {}).entries()).containsEntry("c", i + 1L);
            }
        }
    }

    @Test
    void aCacheThatExistsIsNotTouched() throws Exception {
        try (RatisStore store = RatisStore.start(RatisSettings.memory())) {
            long cache = fill(store);
            Backup.Contents contents = Backup.take(store, file(), bytes -> {});
            var unused = store.execute(put(cache, account(0), amount(7), Expiry.ETERNAL));
            assertThatThrownBy(() -> Backup.restore(store, file(), entries -> {}))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("nothing was restored")
                    .hasMessageContaining("the cluster has a cache 'c' already");
            assertThat(amount(Objects.requireNonNull(store.get(cache, account(0), ReadLevel.LINEARIZABLE))))
                    .isEqualTo(7);
            assertThat(contents.totalEntries()).isEqualTo(ACCOUNTS);
            assertThatThrownBy(() -> Backup.take(store, file(), bytes -> {}))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("exists already");
        }
    }

    @Test
    void cachesOfDatabasesAreLeftOut() throws Exception {
        try (RatisStore store = RatisStore.start(RatisSettings.memory());
                RatisStore other = RatisStore.start(RatisSettings.memory())) {
            long cache = store.execute(new Command.CreateCache(CacheDefinition.named("hibernate:Order")))
                    .afterVersion();
            var unused = store.execute(put(cache, account(0), amount(7), Expiry.ETERNAL));
            unused = store.execute(new Command.CreateCache(CacheDefinition.named("d")));
            var contents = Backup.take(store, file(), bytes -> {});
            assertThat(contents.entries()).containsOnlyKeys("d", "hibernate:Order");
            Backup.Restored restored = Backup.restore(other, file(), entries -> {});
            assertThat(restored).isEqualTo(new Backup.Restored(1, 0, 0, List.of("hibernate:Order")));
            assertThat(other.cache("hibernate:Order")).isNull();
        }
    }

    @Test
    void whatIsNoWholeBackupIsRefusedWithoutATrace() throws Exception {
        try (RatisStore store = RatisStore.start(RatisSettings.memory());
                RatisStore other = RatisStore.start(RatisSettings.memory())) {
            long unused = fill(store);
            var contents = Backup.take(store, file(), bytes -> {});
            assertThat(contents.totalEntries()).isEqualTo(ACCOUNTS);
            byte[] whole = Files.readAllBytes(file());
            Path damaged = temporary.resolve("damaged");
            Random random = new Random(5);
            for (int i = 0; i < 300; i++) {
                byte[] bytes = whole.clone();
                if (i % 2 == 0) {
                    bytes[10 + random.nextInt(bytes.length - 10)] ^= (byte) (1 << random.nextInt(8));
                } else {
                    bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
                }
                Files.write(damaged, bytes);
                assertRefused(other, damaged);
            }
            Files.writeString(damaged, "something else");
            assertRefused(other, damaged);
            Files.write(damaged, zipped("something else, zipped".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            assertRefused(other, damaged);
            assertRefused(other, temporary.resolve("none"));
            assertRefused(other, temporary);
            assertThat(other.caches()).isEmpty();
        }
    }

    @Test
    void namesInABackupAreNoPaths() throws Exception {
        List<String> names = List.of("../../etc/x", "/etc/y", "a/../b", "C:\\z");
        try (RatisStore store = RatisStore.start(RatisSettings.memory());
                RatisStore other = RatisStore.start(RatisSettings.memory())) {
            for (String name : names) {
                long cache = store.execute(new Command.CreateCache(CacheDefinition.named(name)))
                        .afterVersion();
                var unused = store.execute(put(cache, account(0), amount(7), Expiry.ETERNAL));
            }
            var contents = Backup.take(store, file(), bytes -> {});
            Backup.Restored restored = Backup.restore(other, file(), entries -> {});
            assertThat(restored.entries()).isEqualTo(names.size());
            assertThat(other.caches().stream().map(info -> info.definition().name()))
                    .containsExactlyInAnyOrderElementsOf(names);
            assertThat(contents.entries()).containsOnlyKeys(names);
            assertThat(directory(temporary)).containsExactly(file());
        }
    }

    private static List<Path> directory(Path path) throws IOException {
        try (Stream<Path> all = Files.walk(path)) {
            return all.filter(each -> !each.equals(path)).toList();
        }
    }

    @Test
    void aBackupIsNotWrittenThroughLinks() throws Exception {
        Path others = Files.writeString(temporary.resolve("others"), "not ours");
        Path nowhere = temporary.resolve("nowhere");
        Files.createSymbolicLink(temporary.resolve("all.concord.gz.part"), others);
        Files.createSymbolicLink(file(), nowhere);
        try (RatisStore store = RatisStore.start(RatisSettings.memory())) {
            long unused = fill(store);
            Backup.Contents contents = Backup.take(store, file(), bytes -> {});
            assertThat(Backup.check(file())).isEqualTo(contents);
        }
        assertThat(others).hasContent("not ours");
        assertThat(directory(temporary)).containsExactlyInAnyOrder(others, file());
    }

    private static byte[] zipped(byte[] bytes) throws IOException {
        var out = new java.io.ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static void assertRefused(CacheStore store, Path file) {
        assertThatThrownBy(() -> Backup.restore(store, file, entries -> {}))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining(file.toString())
                .message()
                .hasLineCount(1);
    }
}
