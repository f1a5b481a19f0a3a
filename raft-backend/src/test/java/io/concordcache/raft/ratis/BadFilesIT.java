package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.wire.SnapshotFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damage to the files of a member that has stopped: it is noticed at the start, nothing wrong is ever served, and what a
 * member alone cannot mend is mended with the help of the others or refused in one line.
 */
@Timeout(180)
class BadFilesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ENTRIES = 120;

    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("data");
    }

    /** Takes a snapshot every so many entries. */
    private static RatisSettings snapshotsEach(RatisSettings settings, long entries) {
        return RatisStoreIT.with(settings, entries, 1L << 40, Duration.ofDays(1));
    }

    private RatisSettings alone(long snapshotEntries) {
        return snapshotsEach(RatisSettings.durable(Durability.DISK, directory()), snapshotEntries);
    }

    private static List<Path> files(Path root, String start) {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> path.getFileName().toString().startsWith(start))
                    .filter(path -> !path.toString().endsWith(".md5"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path only(Path root, String start) {
        List<Path> found = files(root, start);
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    /** Content of all files, but for the locks. */
    private static Map<Path, String> content(Path root) {
        Map<Path, String> content = new TreeMap<>();
        for (Path path : files(root, "")) {
            if (Files.isRegularFile(path) && !path.toString().endsWith(".lock")) {
                try {
                    content.put(path, Arrays.hashCode(Files.readAllBytes(path)) + " of " + Files.size(path));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return content;
    }

    private static void fill(RatisStore store, int count) {
        long cache = ClusterIT.create(store);
        for (int i = 0; i < count; i++) {
            ClusterIT.put(store, cache, "k" + i, "v" + i);
        }
    }

    private static void assertFilled(RatisStore store, int count, ReadLevel level) {
        long cache = Objects.requireNonNull(store.cache("c")).id();
        for (int i = 0; i < count; i++) {
            assertThat(ClusterIT.get(store, cache, "k" + i, level)).isEqualTo("v" + i);
        }
        assertThat(store.size(cache)).isEqualTo(count);
    }

    /** A stopped store alone, whose log goes on after its newest snapshot. */
    private void stopped(RatisSettings settings) {
        try (RatisStore store = RatisStore.start(settings)) {
            fill(store, ENTRIES);
            if (settings.snapshotEntries() < ENTRIES) {
                await().atMost(PATIENCE)
                        .until(() -> !files(directory(), "snapshot.").isEmpty());
            }
        }
    }

    /** In one line, with what must be known; nothing on disk is touched. */
    private static void refuses(RatisSettings settings, String... words) {
        Path directory = Objects.requireNonNull(settings.directory());
        Map<Path, String> before = content(directory);
        assertThatThrownBy(() -> RatisStore.start(settings))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(words)
                .hasMessageContaining(directory.toString())
                .message()
                .doesNotContain("\n");
        assertThat(content(directory)).isEqualTo(before);
    }

    // Snapshots

    /** What may stand where a snapshot should. */
    enum Damage {
        GARBAGE {
            @Override
            byte[] of(byte[] good) {
                byte[] noise = new byte[good.length];
                new Random(1).nextBytes(noise);
                return noise;
            }
        },
        EMPTY {
            @Override
            byte[] of(byte[] good) {
                return new byte[0];
            }
        },
        FLIPPED {
            @Override
            byte[] of(byte[] good) {
                byte[] flipped = good.clone();
                flipped[good.length / 2] ^= 1;
                return flipped;
            }
        },
        WITHOUT_DIGEST {
            @Override
            byte[] of(byte[] good) {
                return Arrays.copyOf(good, good.length - SnapshotFiles.DIGEST_LENGTH);
            }
        },
        OF_ANOTHER_CLUSTER {
            @Override
            byte[] of(byte[] good) {
                return SnapshotFiles.ofCluster("another");
            }
        },
        OF_A_NEWER_FORMAT {
            @Override
            byte[] of(byte[] good) {
                return SnapshotFiles.ofNewerFormat(good);
            }
        };

        abstract byte[] of(byte[] good);

        void apply(Path directory) throws IOException {
            List<Path> snapshots = files(directory, "snapshot.");
            assertThat(snapshots).isNotEmpty();
            for (Path snapshot : snapshots) {
                Files.write(snapshot, of(Files.readAllBytes(snapshot)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Rows 23 to 26: a member alone does not start from a damaged or foreign snapshot")
    void aDamagedSnapshotIsRefusedAlone(Damage damage) throws IOException {
        stopped(alone(50));
        damage.apply(directory());
        refuses(alone(50), "corrupt snapshot", "snapshot.", "backup");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Rows 23 to 26: one of three members takes the snapshot of another in place of its damaged one")
    void aDamagedSnapshotIsFetchedFromOthers(Damage damage) throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3, settings -> snapshotsEach(settings, 50))) {
            fill(cluster.follower(), ENTRIES);
            String leader = cluster.leader();
            String victim = Stream.of("m1", "m2")
                    .filter(id -> !id.equals(leader))
                    .findFirst()
                    .orElseThrow();
            await().atMost(PATIENCE)
                    .until(() -> files(cluster.directory(victim), "snapshot.").size() > 1);
            cluster.stop(victim);
            damage.apply(cluster.directory(victim));
            RatisStore other = cluster.store(cluster.leader());
            long cache = Objects.requireNonNull(other.cache("c")).id();
            ClusterIT.put(other, cache, "k" + ENTRIES, "v" + ENTRIES);
            Member member = cluster.members().stream()
                    .filter(each -> each.id().equals(victim))
                    .findFirst()
                    .orElseThrow();
            RatisStore mended = cluster.startMember(member);
            assertFilled(mended, ENTRIES + 1, ReadLevel.LINEARIZABLE);
            // And again, from what is on its disk now.
            cluster.stop(victim);
            assertFilled(cluster.startMember(member), ENTRIES + 1, ReadLevel.LINEARIZABLE);
        }
    }

    @Test
    @DisplayName("Row 29: a log that a loss of power cut off before the end of the snapshot, in a cluster")
    void aLogShorterThanTheSnapshotIsDropped() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3, settings -> snapshotsEach(settings, 50))) {
            fill(cluster.store("m1"), ENTRIES);
            Path directory = cluster.directory("m3");
            await().atMost(PATIENCE).until(() -> files(directory, "snapshot.").size() > 1);
            cluster.stop("m3");
            List<Path> log = files(directory, "log_");
            byte[] beginning = Arrays.copyOf(Files.readAllBytes(log.get(0)), 2_000);
            for (Path file : log) {
                Files.delete(file);
            }
            Files.write(log.get(0).resolveSibling("log_inprogress_0"), beginning);
            assertFilled(cluster.startMember(cluster.members().get(2)), ENTRIES, ReadLevel.LINEARIZABLE);
        }
    }

    @Test
    @DisplayName("Row 25: what a crash left of a snapshot that was being written is ignored")
    void anUnfinishedSnapshotIsIgnored() throws IOException {
        stopped(alone(50));
        Path whole = files(directory(), "snapshot.").get(0);
        byte[] good = Files.readAllBytes(whole);
        Files.write(whole.resolveSibling("snapshot.9_999999"), Arrays.copyOf(good, good.length / 2)); // has no .md5
        Files.write(whole.resolveSibling("snapshot.9_999999.tmp"), Arrays.copyOf(good, good.length / 2));
        try (RatisStore store = RatisStore.start(alone(50))) {
            assertFilled(store, ENTRIES, ReadLevel.LINEARIZABLE);
        }
    }

    @Test
    @DisplayName("Row 25: a snapshot without Ratis' digest beside it is known by its own")
    void aSnapshotThatLostItsMd5IsRead() throws IOException {
        stopped(alone(50));
        for (Path snapshot : files(directory(), "snapshot.")) {
            Files.delete(snapshot.resolveSibling(snapshot.getFileName() + ".md5"));
        }
        try (RatisStore store = RatisStore.start(alone(50))) {
            assertFilled(store, ENTRIES, ReadLevel.LINEARIZABLE);
        }
    }

    // The log

    /** A store alone with closed files in its log and no snapshot. */
    private Path closedSegment() {
        try (RatisStore store = RatisStore.start(alone(1_000_000))) {
            long cache = ClusterIT.create(store);
            String large = "x".repeat(500_000);
            for (int i = 0; i < 20; i++) {
                ClusterIT.put(store, cache, "k", large + i);
            }
        }
        List<Path> closed = files(directory(), "log_").stream()
                .filter(path -> !path.toString().contains("inprogress"))
                .toList();
        assertThat(closed).hasSizeGreaterThan(1);
        return closed.get(0);
    }

    @Test
    @DisplayName("Row 28: a byte flipped in the middle or the header of a closed log file")
    void aDamagedClosedLogFileIsRefused() throws IOException {
        Path file = closedSegment();
        byte[] good = Files.readAllBytes(file);
        for (int at : new int[] {0, 7, good.length / 2, good.length - 1}) {
            byte[] damaged = good.clone();
            damaged[at] ^= 0x10;
            Files.write(file, damaged);
            refuses(alone(1_000_000), file.toString(), "is corrupted at byte", "backup");
        }
        for (int length : new int[] {0, 8, good.length / 2}) {
            Files.write(file, Arrays.copyOf(good, length));
            refuses(alone(1_000_000), file.toString(), "is corrupted at byte");
        }
        Files.delete(file);
        refuses(alone(1_000_000), "the entries from 0 to", "are missing");
        Files.write(file, good);
        RatisStore.start(alone(1_000_000)).close();
    }

    @Test
    @DisplayName("Row 28: a header of an open log file that only seems unfinished")
    void aDamagedHeaderIsRefused() throws IOException {
        stopped(alone(1_000_000));
        Path file = only(directory(), "log_");
        byte[] bytes = Files.readAllBytes(file);
        bytes[7] = 0;
        Files.write(file, bytes);
        refuses(alone(1_000_000), file.toString(), "its header is damaged");
    }

    @Test
    @DisplayName("Row 28: the length of an entry near the end of the log, so that it seems to go beyond the file")
    void aDamagedLengthIsRefused() throws IOException {
        stopped(alone(1_000_000));
        Path file = only(directory(), "log_");
        byte[] good = Files.readAllBytes(file);
        int refused = 0;
        for (int at = good.length - 150; at < good.length; at++) {
            byte[] damaged = good.clone();
            damaged[at] ^= (byte) 0x80; // what was one byte of a length becomes the first of two
            Files.write(file, damaged);
            refuses(alone(1_000_000), "is corrupted at byte");
            refused++;
        }
        assertThat(refused).isEqualTo(150);
        Files.write(file, good);
        try (RatisStore store = RatisStore.start(alone(1_000_000))) {
            assertFilled(store, ENTRIES, ReadLevel.LINEARIZABLE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5_000})
    @DisplayName("Row 29: a last entry that is torn, at the end of the file or before zeros, is dropped")
    void aTornEntryIsDropped(int zeros) throws IOException {
        stopped(alone(1_000_000));
        Path file = only(directory(), "log_");
        byte[] good = Files.readAllBytes(file);
        byte[] torn = Arrays.copyOf(Arrays.copyOf(good, good.length - 9), good.length - 9 + zeros);
        Files.write(file, torn);
        try (RatisStore store = RatisStore.start(alone(1_000_000))) {
            assertFilled(store, ENTRIES - 1, ReadLevel.LINEARIZABLE);
        }
    }

    // The vote, the members

    @Test
    @DisplayName("Row 30: raft-meta lost or damaged, alone")
    void aLostVoteIsRefusedAlone() throws IOException {
        stopped(alone(50));
        Path meta = only(directory(), "current").resolve("raft-meta");
        byte[] good = Files.readAllBytes(meta);
        for (byte[] bad : new byte[][] {new byte[0], {1, 2, 3}, "term=x\n".getBytes(StandardCharsets.UTF_8)}) {
            Files.write(meta, bad);
            refuses(alone(50), "raft-meta", "backup");
        }
        Files.delete(meta);
        refuses(alone(50), meta.toString(), "might vote twice");
        Files.write(meta, good);
        try (RatisStore store = RatisStore.start(alone(50))) {
            assertFilled(store, ENTRIES, ReadLevel.LINEARIZABLE);
        }
    }

    /** Ratis would format the directory, and delete the snapshots with it. */
    @Test
    @DisplayName("Row 30: the whole directory of the log lost, but not the snapshots")
    void aLostLogDirectoryIsRefused() throws IOException {
        stopped(alone(50));
        Path current = only(directory(), "current");
        for (Path file : files(current, "")) {
            if (Files.isRegularFile(file)) {
                Files.delete(file);
            }
        }
        refuses(alone(50), "raft-meta is missing");
        Files.delete(current);
        refuses(alone(50), "raft-meta is missing");
    }

    /** The directory of the third member, which has a snapshot and was stopped. */
    private static Path stoppedThird(LocalCluster cluster) throws Exception {
        fill(cluster.store("m1"), ENTRIES);
        Path directory = cluster.directory("m3");
        await().atMost(PATIENCE).until(() -> !files(directory, "snapshot.").isEmpty());
        cluster.stop("m3");
        return directory;
    }

    @Test
    @DisplayName("Row 30: raft-meta, or the list of members beside it, lost by one of three members")
    void aLostVoteIsRefusedInACluster() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3, settings -> snapshotsEach(settings, 50))) {
            Path directory = stoppedThird(cluster);
            Member member = cluster.members().get(2);
            for (String name : List.of("raft-meta", "raft-meta.conf")) {
                Path file = only(directory, "current").resolve(name);
                byte[] good = Files.readAllBytes(file);
                Files.deleteIfExists(file.resolveSibling("raft-meta.conf.kept"));
                Files.delete(file);
                refuses(cluster.settings(member, false), file + " is missing", "Remove this member from the cluster");
                Files.write(file, new byte[] {'x', 1, 2});
                refuses(cluster.settings(member, false), name, "Remove this member from the cluster");
                Files.write(file, good);
            }
            // The others did not need it.
            long cache = Objects.requireNonNull(cluster.store("m1").cache("c")).id();
            ClusterIT.put(cluster.store("m1"), cache, "k" + ENTRIES, "v" + ENTRIES);
            assertFilled(cluster.startMember(member), ENTRIES + 1, ReadLevel.LINEARIZABLE);
        }
    }

    /** It is written after the snapshot, so the disk may fail between them; the snapshot has a sum of its own. */
    @Test
    @DisplayName("the checksum beside the newest snapshot half written, or lost")
    void aDamagedChecksumOfASnapshotIsNoHindrance() throws IOException {
        stopped(alone(50));
        Path sm = only(directory(), "sm");
        for (int length : new int[] {20, 0, -1}) {
            for (Path snapshot : files(sm, "snapshot.").stream()
                    .filter(file -> !file.toString().endsWith(".md5"))
                    .toList()) {
                Path sum = snapshot.resolveSibling(snapshot.getFileName() + ".md5");
                if (length < 0) {
                    Files.deleteIfExists(sum);
                } else {
                    Files.write(
                            sum, "00112233445566778899aabb".substring(0, length).getBytes(StandardCharsets.UTF_8));
                }
            }
            try (RatisStore store = RatisStore.start(alone(50))) {
                assertFilled(store, ENTRIES, ReadLevel.LINEARIZABLE);
            }
        }
        assertThat(files(sm, "snapshot.")).isNotEmpty();
    }

    /** Ratis finds no snapshot then, and the log begins after it. */
    @Test
    @DisplayName("the checksum beside a snapshot half written, and the log before it dropped")
    void aDamagedChecksumOfASnapshotThatIsNeededIsMadeAnew() throws Exception {
        String large = "x".repeat(500_000);
        try (LocalCluster cluster = LocalCluster.start(3, settings -> snapshotsEach(settings, 10))) {
            RatisStore leader = cluster.store(cluster.leader());
            fill(leader, 1);
            long cache = Objects.requireNonNull(leader.cache("c")).id();
            Path current = only(cluster.directory("m3"), "current");
            await().atMost(PATIENCE).until(() -> {
                ClusterIT.put(leader, cache, "large", large);
                return LogFiles.first(current, -1) > 0;
            });
            cluster.stop("m3");
            Path newest = Objects.requireNonNull(
                            SnapshotRepair.newest(SnapshotRepair.list(current.resolveSibling("sm"))))
                    .file();
            Files.write(newest.resolveSibling(newest.getFileName() + ".md5"), new byte[0]);
            RatisStore again = cluster.startMember(cluster.members().get(2));
            assertThat(ClusterIT.get(again, cache, "k0", ReadLevel.LINEARIZABLE))
                    .isEqualTo("v0");
        }
    }

    /** As it is when the disk fails while Ratis writes it. */
    @Test
    @DisplayName("Row 30: the list of members damaged, its copy not")
    void aDamagedListOfMembersIsTakenFromItsCopy() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3, settings -> snapshotsEach(settings, 50))) {
            Path directory = stoppedThird(cluster);
            Path file = only(directory, "current").resolve("raft-meta.conf");
            byte[] good = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(good, good.length / 2));
            assertFilled(cluster.startMember(cluster.members().get(2)), ENTRIES, ReadLevel.LINEARIZABLE);
            cluster.stop("m3");
            Files.delete(file);
            assertFilled(cluster.startMember(cluster.members().get(2)), ENTRIES, ReadLevel.LINEARIZABLE);
        }
    }

    // Places

    @Test
    @DisplayName("Row 32: a directory on a file system that is full or read-only")
    void aFullOrReadOnlyDirectoryIsRefused() throws Exception {
        Path disk = Files.createDirectories(temporary.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk.toString());
        try {
            RatisSettings settings = RatisSettings.durable(Durability.DISK, disk.resolve("data"));
            assertThatThrownBy(() -> RatisStore.start(settings))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(disk.toString())
                    .hasMessageContaining("bytes of free space");
            run("mount", "-o", "remount,ro", disk.toString());
            assertThatThrownBy(() -> RatisStore.start(settings))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(disk.toString())
                    .hasMessageContaining("cannot be written");
            RatisSettings fresh = RatisSettings.durable(Durability.DISK, disk.resolve("new"));
            assertThatThrownBy(() -> RatisStore.start(fresh))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(disk.toString())
                    .hasMessageContaining("cannot be made");
        } finally {
            run("umount", disk.toString());
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    @Test
    @DisplayName("Row 44: a member whose port is taken, in a JVM that lives on")
    void aTakenPortIsRefused() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Member member = new Member("m1", "127.0.0.1", taken.getLocalPort());
            RatisSettings settings = RatisSettings.member(
                    Durability.DISK, directory(), new ClusterSettings(member, List.of(member), false));
            assertThatThrownBy(() -> RatisStore.start(settings))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("listen");
            taken.close();
            try (RatisStore store = RatisStore.start(settings)) {
                fill(store, 3);
            }
        }
    }

    @Test
    @DisplayName("Row 45: members that were started with different lists")
    void differentListsAreRefused() throws Exception {
        List<Member> members = LocalCluster.freeMembers(4, 1);
        List<RatisSettings> starts = Stream.of(1, 2, 3)
                .map(i -> RatisSettings.member(
                        Durability.DISK,
                        temporary.resolve("m" + i),
                        new ClusterSettings(
                                members.get(i - 1),
                                i == 3
                                        ? List.of(members.get(0), members.get(2), members.get(3))
                                        : members.subList(0, 3),
                                false)))
                .toList();
        List<Thread> waiting = starts.subList(0, 2).stream()
                .map(settings -> new Thread(() -> {
                    try (RatisStore store = RatisStore.start(settings)) {
                        assertThat(store).isNull();
                    } catch (StartException e) {
                        assertThat(e).hasMessageNotContaining("\n");
                    }
                }))
                .toList();
        waiting.forEach(Thread::start);
        try {
            assertThatThrownBy(() -> RatisStore.start(starts.get(2)))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("the members do not agree who they are")
                    .hasMessageContaining("give all the same list");
        } finally {
            for (Thread each : waiting) {
                each.interrupt(); // else it waits for the third until its time is over
                each.join(PATIENCE.toMillis());
                assertThat(each.isAlive()).isFalse();
            }
        }
    }

    @Test
    @DisplayName("Row 45: the directory of another member, of a store alone, of a member of a cluster")
    void theDirectoryOfAnotherIsRefused() throws Exception {
        Member self = LocalCluster.freeMembers(1, 1).get(0);
        Member other = new Member("m2", self.host(), self.port());
        RatisSettings settings =
                RatisSettings.member(Durability.DISK, directory(), new ClusterSettings(self, List.of(self), false));
        try (RatisStore store = RatisStore.start(settings)) {
            fill(store, 3);
        }
        refuses(settings.with(new ClusterSettings(other, List.of(other), false)), "'m1'", "'m2'");
        refuses(RatisSettings.durable(Durability.DISK, directory()), "member of the cluster of [m1]");
        Path lonely = temporary.resolve("alone");
        RatisStore.start(RatisSettings.durable(Durability.DISK, lonely)).close();
        RatisSettings joined =
                RatisSettings.member(Durability.DISK, lonely, new ClusterSettings(self, List.of(self), false));
        assertThatThrownBy(() -> RatisStore.start(joined))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("stood alone");
        RatisStore.start(RatisSettings.durable(Durability.DISK, lonely)).close();
        try (RatisStore store = RatisStore.start(settings)) {
            assertFilled(store, 3, ReadLevel.LINEARIZABLE);
        }
    }
}
