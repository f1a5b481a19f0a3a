package io.concordcache.raft.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.history.Checker;
import io.concordcache.raft.history.Recorder;
import io.concordcache.raft.history.Rules;
import io.concordcache.raft.history.Verdict;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * Histories of the {@link LeaseSimulation}, judged by a checker that knows nothing of logs and leases. It says the same as
 * the simulation, which knows the order of the writes.
 */
class LeaseHistoryTest {
    private static final long SEEDS = Long.getLong("history.seeds", 100_000) / 400;
    private static final long CANARY_SEEDS = 3_000;

    private int ops;

    /** What is wrong in the history of this seed, empty if nothing. */
    private String judge(long seed, LeaseSimulation simulation) {
        simulation.recorder = new Recorder();
        String violation = simulation.run();
        Verdict verdict = Checker.check(simulation.recorder.ops(), Rules.STRICT);
        ops += simulation.recorder.ops().size();
        String what = "seed " + seed + ": " + violation + "\n" + verdict;
        assertThat(verdict.isViolation()).as(what).isEqualTo(!violation.isEmpty());
        assertThat(verdict.isOk()).as(what).isEqualTo(violation.isEmpty());
        return verdict.why();
    }

    private void assertCaught(LongFunction<LeaseSimulation> broken) {
        for (long seed = 1; seed <= CANARY_SEEDS; seed++) {
            String why = judge(seed, broken.apply(seed));
            if (!why.isEmpty()) {
                System.out.println("caught by seed " + seed + ": " + why);
                return;
            }
        }
        throw new AssertionError("not caught in " + CANARY_SEEDS + " seeds");
    }

    @Test
    void everyHistoryIsLinearizable() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            assertThat(judge(seed, new LeaseSimulation(seed))).isEmpty();
        }
        System.out.println(SEEDS + " histories of " + ops + " operations are linearizable");
        assertThat(ops).isGreaterThan((int) SEEDS * 100);
    }

    @Test
    void writesThatDoNotWaitForHoldersAreCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            long matching(long known) {
                return Long.MAX_VALUE;
            }
        });
    }

    @Test
    void plainReadsOfAReplicaAreCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            boolean mayRead(Member member, int key, long at) {
                return true;
            }

            @Override
            boolean isSettled(Member member, int key) {
                return true;
            }
        });
    }
}
