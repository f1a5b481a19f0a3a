package io.concordcache.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.benchmarks.member.ValueType;
import io.concordcache.benchmarks.member.Work;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Real members, a moment of each load. */
class DriverIT {
    private final List<String> said = new ArrayList<>();

    @Test
    void measuresThreeMembersAndOneJvm() throws InterruptedException {
        Driver.Options options = new Driver.Options(
                List.of(Candidate.CONCORD, Candidate.HAZELCAST, Candidate.CAFFEINE_REFERENCE),
                List.of(3),
                1,
                0.1,
                List.of(),
                false);
        Results.Setup setup = new Results.Setup("today", "here", "JDK", "benchmarks/run", 1, 0.1, options.warmUp());
        Results results;
        try (Driver driver = new Driver(options, new ClassPaths(Path.of("none")), said::add)) {
            results = driver.run(setup);
        }
        assertThat(results.series())
                .contains(series(Candidate.CONCORD, Work.GET, Place.LEADER, 3, 1))
                .contains(series(Candidate.CONCORD, Work.GET, Place.FOLLOWER, 3, 1))
                .contains(series(Candidate.CONCORD, Work.MIXED, Place.ALL, 3, 2))
                .contains(series(Candidate.CONCORD, Work.PUT, Place.FOLLOWER, 3, 64))
                .contains(series(Candidate.CAFFEINE_REFERENCE, Work.GET, Place.ANY, 1, 1));
        assertThat(results.samples())
                .allSatisfy(sample -> assertThat(sample.perSecond()).isPositive());
        assertThat(results.systems().stream()
                        .filter(system -> system.notRun() != null)
                        .map(Results.Measured::candidate))
                .containsExactly(Candidate.HAZELCAST);
        assertThat(Report.markdown(results)).contains("| Hazelcast |  | not run: Hazelcast is not built");
        assertThat(members()).isEmpty();
    }

    private static Series series(Candidate candidate, Work work, Place place, int members, int threads) {
        return new Series(candidate, work, ValueType.STRING, place, members, threads, Step.VALUE_BYTES);
    }

    /** Children of this JVM that still run. */
    private static List<Long> members() {
        return ProcessHandle.current().descendants().map(ProcessHandle::pid).collect(Collectors.toList());
    }
}
