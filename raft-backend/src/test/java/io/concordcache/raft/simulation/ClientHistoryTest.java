package io.concordcache.raft.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Stamp;
import io.concordcache.raft.history.Checker;
import io.concordcache.raft.history.Rules;
import io.concordcache.raft.history.Verdict;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients of the {@link Simulation} saw, judged by nothing but that. */
class ClientHistoryTest {
    private static final long SEEDS = Long.getLong("history.seeds", 100_000) / 500;

    @TempDir
    private Path directory;

    @Test
    void whatClientsSawIsLinearizable() {
        long ops = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Simulation simulation = new Simulation(seed, directory);
            simulation.run();
            ops += simulation.recorder.ops().size();
            assertThat(Checker.check(simulation.recorder.ops(), Rules.STRICT))
                    .as("seed " + seed)
                    .isEqualTo(Verdict.OK);
        }
        System.out.println(SEEDS + " histories of " + ops + " operations are linearizable");
        assertThat(ops).isGreaterThan(10 * SEEDS);
    }

    /** A request that comes twice is done twice; the client hears of the second. */
    @Test
    void aDroppedTableOfWhatWasDoneIsCaught() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Simulation forgets = new Simulation(seed, directory) {
                @Override
                Applied apply(CacheMachine machine, LogEntry entry) {
                    if (entry.sequence() > 0) {
                        long now = machine.state().lastStamp();
                        machine.restore(now).session(entry.client(), 0, Stamp.millis(now));
                    }
                    return machine.apply(entry);
                }
            };
            forgets.history.silent = true;
            forgets.run();
            Verdict verdict = Checker.check(forgets.recorder.ops(), Rules.STRICT);
            if (verdict.isViolation()) {
                System.out.println("caught by seed " + seed + ": " + verdict.why());
                return;
            }
        }
        throw new AssertionError("not caught in " + SEEDS + " seeds");
    }
}
