package io.concordcache.raft.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Stamp;
import io.concordcache.raft.core.StateView;
import io.concordcache.raft.wire.CommandCodec;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many seeds of the {@link Simulation}, and some replicas and clients that do wrong.
 *
 * <p>{@code -Dconcord.simulation.seeds=200000} runs more; {@code -Dconcord.simulation.first=4711} begins there, so that
 * one seed can be run again.
 */
class SimulationTest {
    private static final long SEEDS = Long.getLong("concord.simulation.seeds", 2_000);
    private static final long FIRST = Long.getLong("concord.simulation.first", 0);
    private static final int CANARY_SEEDS = 50;

    @TempDir
    private Path directory;

    @Test
    void replicasAgreeAndClientsAreAnsweredOnce() {
        long answered = 0;
        long entries = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            Simulation simulation = new Simulation(seed, directory);
            try {
                answered += simulation.run();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            entries += simulation.entries();
        }
        System.out.printf("%d seeds, %d log entries, %d requests answered%n", SEEDS, entries, answered);
        assertThat(answered).as("the simulation does something").isGreaterThan(SEEDS * 5);
        assertThat(entries).isGreaterThan(answered);
    }

    @Test
    void aSeedAlwaysRunsTheSame() {
        Simulation one = new Simulation(5, directory);
        Simulation two = new Simulation(5, directory);
        assertThat(one.run()).isEqualTo(two.run());
        assertThat(one.entries()).isEqualTo(two.entries());
    }

    /** The check must notice within a few seeds, and name the seed. */
    private static void isNoticed(LongFunction<Simulation> broken, String... how) {
        for (long seed = 1; seed <= CANARY_SEEDS; seed++) {
            try {
                broken.apply(seed).run();
            } catch (AssertionError e) {
                assertThat(e.getMessage()).startsWith("seed " + seed + ": ").containsAnyOf(how);
                return;
            }
        }
        throw new AssertionError("not noticed in " + CANARY_SEEDS + " seeds");
    }

    @Test
    void noticesAClientThatForgetsItsSequence() {
        isNoticed(
                seed -> new Simulation(seed, directory) {
                    @Override
                    long sequenceOfRetry(long sequence) {
                        return sequence + 1;
                    }
                },
                "increments",
                "the winner",
                "not known");
    }

    /** What the machine did before clients registered. */
    @Test
    void noticesAReplicaThatTakesASequenceOfOneForANewClient() {
        isNoticed(
                seed -> new Simulation(seed, directory) {
                    @Override
                    Applied apply(CacheMachine machine, LogEntry entry) {
                        Applied applied = machine.apply(entry);
                        if (applied.result() != Applied.Result.CLIENT_UNKNOWN || entry.sequence() != 1) {
                            return applied;
                        }
                        long now = machine.state().lastStamp();
                        machine.restore(now).session(entry.client(), 0, Stamp.millis(now));
                        return machine.apply(entry);
                    }
                },
                "applied twice");
    }

    @Test
    void noticesAReplicaThatAppliesByItsOwnClock() {
        isNoticed(
                seed -> new Simulation(seed, directory) {
                    @Override
                    LogEntry seenBy(LogEntry entry, long ownClock) {
                        return entry.at(ownClock);
                    }
                },
                "replicas disagree",
                "another state",
                "nobody wrote",
                "never answered");
    }

    @Test
    void noticesASnapshotWithoutTheClients() {
        isNoticed(seed -> restoring(seed, true, false), "replicas disagree", "another state", "not known");
    }

    @Test
    void noticesASnapshotWithoutTheClock() {
        isNoticed(seed -> restoring(seed, false, true), "replicas disagree", "another state", "served though gone");
    }

    private Simulation restoring(long seed, boolean clock, boolean clients) {
        return new Simulation(seed, directory) {
            @Override
            CacheMachine restored(CacheMachine read) {
                return copy(read, clock, clients);
            }
        };
    }

    @Test
    void noticesAReplicaThatSkipsAnEntryAfterASnapshot() {
        isNoticed(
                seed -> new Simulation(seed, directory) {
                    @Override
                    int resumeAfter(int entries) {
                        return entries + 1;
                    }
                },
                "replicas disagree",
                "another state",
                "skipped",
                "nobody wrote",
                "served though gone");
    }

    @Test
    void noticesAnEntryThatComesBack() {
        Entry entry = Entry.of(Bytes.EMPTY, 7, 10);
        History history = new History("seed 0");
        history.changed(0, new Change(Change.Kind.CREATED, 1, Bytes.EMPTY, null, entry, 7));
        history.read(1, 1, Bytes.EMPTY, entry);
        history.changed(1, new Change(Change.Kind.EXPIRED, 1, Bytes.EMPTY, entry, null, 20));
        assertThatThrownBy(() -> history.read(2, 1, Bytes.EMPTY, entry)).hasMessageContaining("served though gone");
        Entry longer = Entry.of(Bytes.EMPTY, 7, Expiry.NEVER);
        assertThatThrownBy(() -> history.changed(2, new Change(Change.Kind.TOUCHED, 1, Bytes.EMPTY, null, longer, 21)))
                .hasMessageContaining("back again");
    }

    private static CacheMachine copy(CacheMachine from, boolean clock, boolean clients) {
        CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        try (StateView view = from.view()) {
            CacheMachine.Restore into = machine.restore(clock ? view.lastStamp() : 0);
            view.visit(new StateView.Visitor<RuntimeException>() {
                @Override
                public void session(ClientId client, long acknowledged, long usedAtMillis) {
                    if (clients) {
                        into.session(client, acknowledged, usedAtMillis);
                    }
                }

                @Override
                public void outcomes(ClientId client, long sequence, List<List<Outcome>> outcomes) {
                    if (clients) {
                        into.outcomes(client, sequence, outcomes);
                    }
                }

                @Override
                public void lease(String holder, long millis) {}

                @Override
                public void transferPart(long id, int count, long deadlineMillis, Bytes content) {
                    into.transferPart(id, count, deadlineMillis, content);
                }

                @Override
                public void cache(CacheInfo info) {
                    into.cache(info);
                }

                @Override
                public void lock(long cacheId, Bytes key, long token, long deadlineMillis) {
                    into.lock(cacheId, key, token, deadlineMillis);
                }

                @Override
                public void entry(long cacheId, Bytes key, Entry entry) {
                    into.entry(cacheId, key, entry);
                }
            });
        }
        return machine;
    }
}
