package io.concordcache.hibernate.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.hibernate.stress.FaultyStore.Canary;
import io.concordcache.hibernate.stress.Observation.What;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Four applications on one database and one cache read and write at random, while they are killed, stopped, cut off from
 * each other, though not from the database, while their clocks are set and their calls fail. Whatever was read must have
 * been in the database. Needs root and {@code ip}, as it cuts networks.
 */
class StressIT {
    private static final long SECONDS = Long.getLong("stress.seconds", 60);
    private static final long CANARY_SECONDS = 120;
    private static final long CANARY_PERIOD_MILLIS = 5_000;
    private static final int LONGEST_PEACE_MILLIS = 5_000;

    private final long seed = Long.getLong("stress.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @TempDir
    private Path directory;

    @TempDir
    private Path databaseDirectory;

    static List<Database> databases() {
        String which = System.getProperty("stress.database", "h2");
        return which.equals("both")
                ? List.of(Database.values())
                : List.of(Database.valueOf(which.toUpperCase(Locale.ROOT)));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("databases")
    void nothingOldIsRead(Database database) throws Exception {
        assertThat(database.isInstalled())
                .as(database + ", asked for by -Dstress.database, is installed (package postgresql)")
                .isTrue();
        Applications applications = open(database, Canary.NONE);
        try (applications) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (System.nanoTime() - end < 0) {
                applications.suffer();
                applications.live(random.nextInt(LONGEST_PEACE_MILLIS), Map.of());
            }
        }
        Map<What, Long> counts = counts(applications);
        String said = database + ", seed " + seed + ", faults " + applications.faults() + ", " + counts
                + ", hits, misses" + " and hits of queries where they were not killed " + statistics(applications);
        System.out.println(said);
        assertThat(Verdict.of(applications::notes, Applications.ROWS))
                .as(said + "; again with -Dstress.seed=" + seed)
                .isEmpty();
        assertThat(counts.get(What.COMMITTED)).as("commits").isGreaterThan(SECONDS / 2);
        assertThat(counts.get(What.ROW)).as("reads").isGreaterThan(10 * SECONDS);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aGuardThatIsLeftOutIsMissed(Canary canary) throws Exception {
        Applications applications = open(Database.H2, canary);
        List<String> wrong = List.of();
        try (applications) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CANARY_SECONDS);
            while (wrong.isEmpty() && System.nanoTime() - end < 0) {
                applications.live(CANARY_PERIOD_MILLIS, Map.of());
                wrong = applications.verdict();
            }
        }
        System.out.println(canary + ": " + wrong.size() + " wrong, " + counts(applications));
        assertThat(wrong).isNotEmpty();
    }

    private Applications open(Database database, Canary canary) throws Exception {
        Path logs = Path.of("target", "stress", database + "-" + canary).toAbsolutePath();
        Files.createDirectories(logs);
        try (Stream<Path> old = Files.list(logs)) {
            for (Path each : old.toList()) {
                Files.delete(each);
            }
        }
        return new Applications(database, directory, databaseDirectory, logs, canary, random);
    }

    private static Map<What, Long> counts(Applications applications) {
        Map<What, Long> counts = new TreeMap<>();
        try (Stream<Observation> all = applications.notes()) {
            all.forEach(each -> counts.merge(each.what(), 1L, Long::sum));
        }
        return counts;
    }

    private static List<Long> statistics(Applications applications) throws IOException {
        long[] sums = new long[3];
        try (Stream<Observation> all = applications.notes()) {
            all.filter(each -> each.what() == What.STATISTICS).forEach(each -> {
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += Long.parseLong(each.words().get(i));
                }
            });
        }
        return List.of(sums[0], sums[1], sums[2]);
    }
}
