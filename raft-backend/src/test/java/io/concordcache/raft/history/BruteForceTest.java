package io.concordcache.raft.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The checker agrees with {@link BruteForce} on small histories, both on those that are linearizable and those that are not. */
class BruteForceTest {
    /** {@code -Dhistory.seeds=1000000} runs more. */
    private static final long SEEDS = Long.getLong("history.seeds", 100_000);

    @Test
    void saysTheSameAsAllOrders() {
        Map<String, Integer> counts = new TreeMap<>();
        int zones = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            RandomHistory history = new RandomHistory(seed);
            List<Op> ops = history.ops();
            Rules rules = history.rules();
            boolean linearizable = BruteForce.isLinearizable(ops, rules);
            Verdict.Result expected = linearizable ? Verdict.Result.OK : Verdict.Result.VIOLATION;
            boolean byZones = Zones.canCheck(ops, rules);
            if (Search.check("k", ops, rules).result() != expected
                    || (byZones && Zones.check("k", ops).result() != expected)
                    || (history.origin == RandomHistory.Origin.HAPPENED && !linearizable)) {
                fail("seed " + seed + ", " + history.origin + ", expected " + expected + "\n"
                        + ops.stream().map(Op::toString).collect(Collectors.joining("\n")));
            }
            if (seed % 100 == 0) {
                assertThat(ops.stream().map(op -> Op.parse(op.toString())).toList())
                        .isEqualTo(ops);
            }
            zones += byZones ? 1 : 0;
            counts.merge(history.origin + (linearizable ? " linearizable" : " not"), 1, Integer::sum);
        }
        System.out.println(SEEDS + " histories: " + counts + ", by zones too: " + zones);
        assertThat(counts).hasSize(5);
        assertThat(counts.values()).allMatch(count -> count > SEEDS / 50);
        assertThat((long) zones).isGreaterThan(SEEDS / 20);
    }
}
