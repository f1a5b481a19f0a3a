package io.concordcache.raft.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No order of steps leaves in the cache what the database no longer has; without any one of the guards, some do. */
class SecondLevelSimulationTest {
    private static final int STEPS = 300;
    /** {@code -Dconcord.simulation.seeds=200000} for more. */
    private static final long SEEDS = Long.getLong("concord.simulation.seeds", 3_000);

    @Test
    void nothingOldIsEverReadable() {
        SecondLevelSimulation.Counts counts = new SecondLevelSimulation.Counts();
        for (long seed = 0; seed < SEEDS; seed++) {
            assertThat(new SecondLevelSimulation(seed, SecondLevelSimulation.Canary.NONE, counts).run(STEPS))
                    .as("seed " + seed)
                    .isNull();
        }
        assertThat(counts.readable).as("rows read").isGreaterThan((int) SEEDS * 50);
        assertThat(counts.validQueries).as("queries answered").isGreaterThan((int) SEEDS * 5);
        assertThat(counts.filled).as("values stored by writers").isGreaterThan((int) SEEDS * 3);
        assertThat(counts.refused).as("loads refused").isGreaterThan((int) SEEDS);
        assertThat(counts.crashed).as("writers crashed").isGreaterThan((int) SEEDS / 10);
        assertThat(counts.timedOut).as("locks timed out").isGreaterThan((int) SEEDS / 10);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void eachGuardIsNeeded(SecondLevelSimulation.Canary canary) {
        SecondLevelSimulation.Counts counts = new SecondLevelSimulation.Counts();
        for (long seed = 0; seed < SEEDS; seed++) {
            if (new SecondLevelSimulation(seed, canary, counts).run(STEPS) != null) {
                return;
            }
        }
        throw new AssertionError(canary + " was not caught in " + SEEDS + " seeds");
    }
}
