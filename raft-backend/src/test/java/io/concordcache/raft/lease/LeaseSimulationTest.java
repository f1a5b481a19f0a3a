package io.concordcache.raft.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Reads by lease are linearizable, whatever goes wrong; and each part of the protocol is needed for that. */
class LeaseSimulationTest {
    /** A million of them take about half an hour of two cores. */
    private static final long SEEDS = Long.getLong("concord.lease.seeds", 10_000);

    private static final long CANARY_SEEDS = 3_000;

    @Test
    void everyHistoryIsLinearizable() {
        LongAdder byLease = new LongAdder();
        LongAdder byQuorum = new LongAdder();
        LongAdder writes = new LongAdder();
        LongAdder elections = new LongAdder();
        long first = Long.getLong("concord.lease.first", 1);
        String violations = LongStream.range(first, first + SEEDS)
                .parallel()
                .mapToObj(seed -> {
                    LeaseSimulation simulation = new LeaseSimulation(seed);
                    String violation = simulation.run();
                    byLease.add(simulation.leaseReads);
                    byQuorum.add(simulation.barrierReads);
                    writes.add(simulation.acknowledged);
                    elections.add(simulation.elections);
                    return violation.isEmpty() ? "" : "seed " + seed + ": " + violation + "\n";
                })
                .reduce("", String::concat);
        System.out.println(SEEDS + " seeds: " + byLease + " reads by lease, " + byQuorum + " by quorum, " + writes
                + " writes, " + elections + " leaders");
        assertThat(violations).isEmpty();
        assertThat(byLease.sum()).isGreaterThan(100 * SEEDS);
        assertThat(byQuorum.sum()).isGreaterThan(SEEDS);
        assertThat(writes.sum()).isGreaterThan(20 * SEEDS);
        assertThat(elections.sum()).isGreaterThan(SEEDS);
    }

    private static void assertCaught(LongFunction<LeaseSimulation> broken) {
        long caught = LongStream.rangeClosed(1, CANARY_SEEDS)
                .filter(seed -> !broken.apply(seed).run().isEmpty())
                .findFirst()
                .orElse(0);
        System.out.println("caught by seed " + caught);
        assertThat(caught).isPositive();
    }

    @Test
    void aLeaderThatDoesNotWaitForHoldersIsCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            long matching(long known) {
                return Long.MAX_VALUE;
            }
        });
    }

    @Test
    void aNewLeaderThatKnowsNoHoldersIsCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            void elected(Member member) {
                member.forgetHolders();
            }
        });
    }

    @Test
    void aNewLeaderThatTakesWhatItAppliedAsStableIsCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            void ready(Member member) {
                member.leases.told(member.applied);
            }
        });
    }

    @Test
    void aReadThatIgnoresWhatIsStableIsCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            boolean isSettled(Member member, int key) {
                return true;
            }
        });
    }

    @Test
    void aLeaseCheckedAfterTheReadIsCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            boolean asksAfterwards() {
                return true;
            }
        });
    }

    @Test
    void aFollowerThatDoesNotLookAtEntriesIsCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            boolean looksAtEntries() {
                return false;
            }
        });
    }

    @Test
    void aDeposedLeaderThatKeepsItsLeaseIsCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            void follows(ReadLeases leases, int of) {}
        });
    }

    @Test
    void aLeaderThatTellsWhatIsNotStableIsCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            int tells(int commit, long stable) {
                return commit;
            }
        });
    }

    @Test
    void aSnapshotWithoutHoldersIsCaught() {
        assertCaught(seed -> new LeaseSimulation(seed) {
            @Override
            Map<String, Long> leasesOf(Map<String, Long> snapshot) {
                return new TreeMap<>();
            }
        });
    }
}
