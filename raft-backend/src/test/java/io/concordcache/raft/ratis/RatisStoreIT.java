package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLogBase;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.util.AutoCloseableLock;
import org.apache.ratis.util.AwaitToRun;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded member on a real log: restart, snapshots, limits, and what is broken on disk. */
class RatisStoreIT {
    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("data");
    }

    private RatisSettings disk() {
        return RatisSettings.durable(Durability.DISK, directory());
    }

    static RatisSettings with(RatisSettings s, long snapshotEntries, long snapshotBytes, Duration interval) {
        return new RatisSettings(
                s.clusterName(),
                s.durability(),
                s.directory(),
                s.listen(),
                s.cluster(),
                s.readLease(),
                s.linkCompression(),
                s.security(),
                s.operationTimeout(),
                snapshotEntries,
                snapshotBytes,
                interval,
                s.maxKeyBytes(),
                s.maxValueBytes(),
                s.maxLogEntryBytes());
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static long create(RatisStore store) {
        return store.execute(new Command.CreateCache(CacheDefinition.named("c")))
                .afterVersion();
    }

    private static long open(RatisStore store) {
        return Objects.requireNonNull(store.cache("c")).id();
    }

    private static Command.Write put(long cacheId, String key, Bytes value) {
        return new Command.Write(cacheId, bytes(key), Condition.ANY, new Mutation.Put(value, Expiry.ETERNAL));
    }

    private static void fill(RatisStore store, long cacheId, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(store.execute(put(cacheId, "k" + i, bytes("v" + i))).held())
                    .isTrue();
        }
    }

    private static void assertFilled(RatisStore store, int count) {
        long cacheId = open(store);
        assertThat(store.size(cacheId)).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            Entry entry = store.get(cacheId, bytes("k" + i), ReadLevel.LINEARIZABLE);
            assertThat(Objects.requireNonNull(entry).value()).isEqualTo(bytes("v" + i));
        }
    }

    private List<Path> files(String start) {
        try (Stream<Path> all = Files.walk(directory())) {
            return all.filter(path -> path.getFileName().toString().startsWith(start))
                    .filter(path -> !path.toString().endsWith(".md5"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aRestartBringsEverythingBack() {
        long version;
        try (RatisStore store = RatisStore.start(disk())) {
            long cacheId = create(store);
            fill(store, cacheId, 100);
            version = Objects.requireNonNull(store.get(cacheId, bytes("k7"), ReadLevel.LINEARIZABLE))
                    .version();
        }
        try (RatisStore store = RatisStore.start(disk())) {
            assertFilled(store, 100);
            Command.Write next =
                    new Command.Write(open(store), bytes("k7"), new Condition.VersionIs(version), Mutation.REMOVE);
            assertThat(store.execute(next).held()).isTrue();
            Outcome later = store.execute(put(open(store), "k7", bytes("new")));
            assertThat(later.afterVersion()).isGreaterThan(version);
        }
    }

    /** Red when another version of Ratis forces its log otherwise. */
    @Test
    void onlyWhatNobodyWaitsForIsForcedLazily() {
        try (RatisStore store = RatisStore.start(disk())) {
            assertThat(store.current().isForcedLazily()).isTrue();
            fill(store, create(store), 300);
        }
        try (RatisStore store = RatisStore.start(disk())) {
            assertFilled(store, 300);
        }
        Path other = temporary.resolve("other");
        try (RatisStore store = RatisStore.start(RatisSettings.durable(Durability.FSYNC, other))) {
            assertThat(store.current().isForcedLazily()).isFalse();
        }
    }

    @Test
    void memoryKeepsNothingAndLeavesNothing() {
        RatisStore store = RatisStore.start(RatisSettings.memory());
        Path path = store.directory();
        fill(store, create(store), 10);
        assertThat(path).isDirectory();
        store.close();
        Awaitility.await().untilAsserted(() -> assertThat(path).doesNotExist());

        try (RatisStore again = RatisStore.start(RatisSettings.memory())) {
            assertThat(again.caches()).isEmpty();
        }
    }

    /** Mostly a snapshot is there before the next entry comes. */
    @Test
    void theLogIsDroppedHoweverSlowlyItGrows() {
        RatisSettings settings = with(disk(), 1, 1L << 40, Duration.ofDays(1));
        Bytes large = Bytes.wrap(new byte[1 << 20]);
        try (RatisStore store = RatisStore.start(settings)) {
            long cacheId = create(store);
            // 40 MiB, in segments of 4 MiB
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> {
                store.execute(put(cacheId, "large", large));
                return store.stateMachine().applied().get() > 40;
            });
            Awaitility.await().until(() -> files("log_").size() <= 3);
        }
    }

    @Test
    void snapshotsAreTakenByEntriesAndTheLogIsDropped() {
        RatisSettings settings = with(disk(), 50, 1L << 40, Duration.ofDays(1));
        Bytes large = Bytes.wrap(new byte[1 << 20]);
        try (RatisStore store = RatisStore.start(settings)) {
            long cacheId = create(store);
            for (int i = 0; i < 120; i++) {
                store.execute(put(cacheId, "large", large));
            }
            fill(store, cacheId, 30);
            Awaitility.await().untilAsserted(() -> {
                assertThat(files("snapshot.")).isNotEmpty().hasSizeLessThanOrEqualTo(2);
                // 120 MiB went in, in segments of 8 MiB
                assertThat(files("log_").size()).isLessThan(10);
            });
        }
        try (RatisStore store = RatisStore.start(settings)) {
            assertThat(store.size(open(store))).isEqualTo(31);
            assertThat(Objects.requireNonNull(store.get(open(store), bytes("large"), ReadLevel.LINEARIZABLE))
                            .value())
                    .isEqualTo(large);
        }
    }

    @Test
    void snapshotsAreTakenByBytes() {
        try (RatisStore store = RatisStore.start(with(disk(), 1L << 40, 1 << 20, Duration.ofDays(1)))) {
            long cacheId = create(store);
            store.execute(put(cacheId, "large", Bytes.wrap(new byte[1 << 20])));
            Awaitility.await().until(() -> files("snapshot.").size() == 1);
        }
    }

    @Test
    void snapshotsAreTakenByTimeWithoutTraffic() {
        try (RatisStore store = RatisStore.start(with(disk(), 1L << 40, 1L << 40, Duration.ofMillis(200)))) {
            fill(store, create(store), 3);
            Awaitility.await().until(() -> !files("snapshot.").isEmpty());
        }
    }

    @Test
    void aValueLargerThanALogEntryArrivesWhole() {
        byte[] content = new byte[16 << 20];
        new Random(1).nextBytes(content);
        Bytes large = Bytes.wrap(content);
        try (RatisStore store = RatisStore.start(disk())) {
            long cacheId = create(store);
            assertThat(store.execute(put(cacheId, "large", large)).held()).isTrue();
        }
        try (RatisStore store = RatisStore.start(disk())) {
            assertThat(Objects.requireNonNull(store.get(open(store), bytes("large"), ReadLevel.LINEARIZABLE))
                            .value())
                    .isEqualTo(large);
        }
    }

    @Test
    @DisplayName("Row 14: a batch larger than a log entry is one change")
    void aBatchLargerThanALogEntryIsOneChange() {
        try (RatisStore store = RatisStore.start(RatisSettings.memory())) {
            long cacheId = create(store);
            List<Command.Write> writes = new ArrayList<>();
            for (int i = 0; i < 100_000; i++) {
                writes.add(put(cacheId, "key-" + i, bytes("a value of some forty characters, more or less " + i)));
            }
            List<Outcome> outcomes = store.executeAll(new Command.Batch(cacheId, writes));
            assertThat(outcomes).hasSize(100_000).allMatch(Outcome::held);
            assertThat(outcomes.stream().map(Outcome::afterVersion).distinct()).hasSize(1);
            assertThat(store.size(cacheId)).isEqualTo(100_000);
        }
    }

    @Test
    @DisplayName("Rows 12 to 14: keys, values and batches beyond their limits")
    void whatIsTooLargeIsRefusedBeforeTheLog() {
        try (RatisStore store = RatisStore.start(RatisSettings.memory())) {
            long cacheId = create(store);
            assertThatThrownBy(() -> store.execute(put(cacheId, "k", Bytes.wrap(new byte[(16 << 20) + 1]))))
                    .isInstanceOf(RequestRejectedException.class)
                    .hasMessageContaining("16777217")
                    .hasMessageContaining("limits.value");
            assertThatThrownBy(() -> store.execute(put(cacheId, "k".repeat((64 << 10) + 1), bytes("v"))))
                    .isInstanceOf(RequestRejectedException.class)
                    .hasMessageContaining("limits.key");
            List<Command.Write> tooMany = new ArrayList<>();
            Bytes large = Bytes.wrap(new byte[16 << 20]);
            for (int i = 0; i < 17; i++) {
                tooMany.add(put(cacheId, "k" + i, large));
            }
            assertThatThrownBy(() -> store.executeAll(new Command.Batch(cacheId, tooMany)))
                    .isInstanceOf(RequestRejectedException.class)
                    .hasMessageContaining("fewer");
            assertThat(store.size(cacheId)).isZero();
            fill(store, cacheId, 3);
        }
    }

    @Test
    void entriesBeyondTheBoundLeave() {
        CacheDefinition bounded = new CacheDefinition(
                "bounded", CacheDefinition.named("x").expiry(), 100, CacheDefinition.UNBOUNDED, new TreeMap<>());
        try (RatisStore store = RatisStore.start(disk())) {
            long cacheId = store.execute(new Command.CreateCache(bounded)).afterVersion();
            fill(store, cacheId, 1000);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(store.size(cacheId)).isBetween(50L, 100L));
        }
        // the policy knows its entries after a restart as well
        try (RatisStore store = RatisStore.start(disk())) {
            CacheInfo info = Objects.requireNonNull(store.cache("bounded"));
            fill(store, info.id(), 1000);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(store.size(info.id())).isBetween(50L, 100L));
        }
    }

    @Test
    @DisplayName("Row 31: a directory in use by this process")
    void aDirectoryInUseIsRefusedAndNothingChanges() {
        try (RatisStore store = RatisStore.start(disk())) {
            fill(store, create(store), 5);
            assertThatThrownBy(() -> RatisStore.start(disk()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("in use")
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
            fill(store, open(store), 5);
        }
        try (RatisStore store = RatisStore.start(disk())) {
            assertFilled(store, 5);
        }
    }

    @Test
    @DisplayName("Row 32: a file in place of the directory")
    void aFileInPlaceOfTheDirectoryIsRefused() throws IOException {
        Files.writeString(directory(), "not a directory");
        assertThatThrownBy(() -> RatisStore.start(disk()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(directory().toString());
    }

    @Test
    @DisplayName("Row 32: a directory that cannot be made")
    void aDirectoryThatCannotBeWrittenIsRefused() {
        // Even root cannot make anything here.
        Path unwritable = Path.of("/proc/concord");
        assertThatThrownBy(() -> RatisStore.start(RatisSettings.durable(Durability.DISK, unwritable)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("/proc/concord");
    }

    @Test
    @DisplayName("Row 26: the directory of another cluster")
    void anotherClustersDirectoryIsRefused() {
        RatisSettings mine = disk();
        RatisStore.start(mine).close();
        RatisSettings other = new RatisSettings(
                "other",
                mine.durability(),
                mine.directory(),
                null,
                null,
                mine.readLease(),
                mine.linkCompression(),
                mine.security(),
                mine.operationTimeout(),
                mine.snapshotEntries(),
                mine.snapshotBytes(),
                mine.snapshotInterval(),
                mine.maxKeyBytes(),
                mine.maxValueBytes(),
                mine.maxLogEntryBytes());
        assertThatThrownBy(() -> RatisStore.start(other))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("another cluster");
    }

    @Test
    @DisplayName("Row 44: a port that is taken, by a store alone")
    void anAddressThatIsTakenIsRefusedAndTheJvmLivesOn() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RatisSettings m = RatisSettings.memory();
            RatisSettings listening = new RatisSettings(
                    m.clusterName(),
                    m.durability(),
                    null,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort()),
                    null,
                    m.readLease(),
                    m.linkCompression(),
                    m.security(),
                    m.operationTimeout(),
                    m.snapshotEntries(),
                    m.snapshotBytes(),
                    m.snapshotInterval(),
                    m.maxKeyBytes(),
                    m.maxValueBytes(),
                    m.maxLogEntryBytes());
            assertThatThrownBy(() -> RatisStore.start(listening))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(":" + taken.getLocalPort())
                    .hasMessageContaining("listen");
        }
    }

    @Test
    void theUsersHandlerForUncaughtExceptionsStays() {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        RatisStore.start(RatisSettings.memory()).close();
        assertThat(Thread.getDefaultUncaughtExceptionHandler()).isSameAs(before);
    }

    @Test
    @DisplayName("Row 28: a flipped bit in an open log file")
    void aDamagedLogIsRefused() throws IOException {
        try (RatisStore store = RatisStore.start(disk())) {
            fill(store, create(store), 100);
        }
        Path log = files("log_").get(0);
        byte[] good = Files.readAllBytes(log);
        byte[] damaged = good.clone();
        damaged[good.length / 2] ^= 1;
        Files.write(log, damaged);
        assertThatThrownBy(() -> RatisStore.start(disk()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("orrupted")
                .hasMessageContaining(directory().toString())
                .hasMessageContaining("backup");

        Files.write(log, good);
        try (RatisStore store = RatisStore.start(disk())) {
            assertFilled(store, 100);
        }
    }

    @Test
    @DisplayName("Row 29: a log file that is cut off")
    void aLogCutOffWithinItsLastEntryLosesThatEntryOnly() throws IOException {
        try (RatisStore store = RatisStore.start(disk())) {
            fill(store, create(store), 100);
        }
        Path log = files("log_").get(0);
        byte[] whole = Files.readAllBytes(log);
        Files.write(log, Arrays.copyOf(whole, whole.length - 10));
        try (RatisStore store = RatisStore.start(disk())) {
            assertFilled(store, 99);
        }
    }

    @Test
    @DisplayName("Row 30: the log lost, but not the vote")
    void aLostLogIsRefused() throws IOException {
        try (RatisStore store = RatisStore.start(disk())) {
            fill(store, create(store), 10);
        }
        Files.delete(files("log_").get(0));
        assertThatThrownBy(() -> RatisStore.start(disk()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("log is missing");
    }

    @Test
    @DisplayName("Row 24: a flipped bit in each snapshot")
    void aDamagedSnapshotIsRefused() throws IOException {
        RatisSettings settings = with(disk(), 20, 1L << 40, Duration.ofDays(1));
        try (RatisStore store = RatisStore.start(settings)) {
            fill(store, create(store), 50);
            Awaitility.await().until(() -> !files("snapshot.").isEmpty());
        }
        List<Path> snapshots = files("snapshot.");
        for (Path snapshot : snapshots) {
            byte[] damaged = Files.readAllBytes(snapshot);
            damaged[damaged.length / 2] ^= 1;
            Files.write(snapshot, damaged);
        }
        assertThatThrownBy(() -> RatisStore.start(settings))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("corrupt snapshot")
                .hasMessageContaining("backup");
    }

    @Test
    void callsAfterCloseAreRefused() {
        RatisStore store = RatisStore.start(RatisSettings.memory());
        long cacheId = create(store);
        store.close();
        store.close();
        assertThatThrownBy(() -> store.execute(put(cacheId, "k", bytes("v"))))
                .isInstanceOf(RequestRejectedException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> store.get(cacheId, bytes("k"), ReadLevel.LINEARIZABLE))
                .isInstanceOf(RequestRejectedException.class);
    }

    /** Ratis 3.3.0 joins the thread that evicts the log while it holds the lock that this thread may wait for. */
    @Test
    void aLogThatIsEvictedAsItClosesDoesClose() throws Exception {
        RatisStore store = RatisStore.start(disk());
        long cache = create(store);
        String large = "x".repeat(500_000);
        for (int i = 0; i < 30; i++) { // several segments
            var unused = store.execute(put(cache, "k", bytes(large + i)));
        }
        Object log = ((RaftServer.Division) field(store.current(), "division")).getRaftLog();
        AwaitToRun eviction = (AwaitToRun) field(log, "cacheEviction");
        Thread evicting = (Thread) ((AtomicReference<?>) field(eviction, "daemon")).get();
        Thread closing = new Thread(store::close);
        try (AutoCloseableLock ours = ((RaftLogBase) log).writeLock()) {
            closing.start();
            Awaitility.await().until(() -> isAnyIn("close"));
            eviction.signal();
            Awaitility.await().until(() -> !evicting.isAlive() || isIn("checkAndEvictCache", evicting.getStackTrace()));
        }
        closing.join(15_000);
        assertThat(closing.isAlive()).isFalse();
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    private static boolean isAnyIn(String logMethod) {
        return Thread.getAllStackTraces().values().stream().anyMatch(frames -> isIn(logMethod, frames));
    }

    private static boolean isIn(String logMethod, StackTraceElement... frames) {
        return Stream.of(frames)
                .anyMatch(frame -> frame.getClassName().equals(SegmentedRaftLog.class.getName())
                        && frame.getMethodName().equals(logMethod));
    }
}
