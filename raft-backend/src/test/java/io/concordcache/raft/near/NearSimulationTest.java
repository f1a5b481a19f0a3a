package io.concordcache.raft.near;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.history.Checker;
import io.concordcache.raft.history.Op;
import io.concordcache.raft.history.Recorder;
import io.concordcache.raft.history.Rules;
import io.concordcache.raft.history.Verdict;
import io.concordcache.raft.store.NearBounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A client with copies, three members that lag, one of them cut off now and then, messages that are late, lost feeds: under
 * a seeded schedule, with the seed in the failure. No copy that is served was overwritten longer ago than the bound, or is
 * older than what the client has seen.
 */
class NearSimulationTest {
    private static final long BOUND = 1000;
    private static final int STEPS = 2000;
    private static final int HISTORIES = (int) (Long.getLong("history.seeds", 100_000) / 1000);
    private static final int SEEDS = Integer.getInteger("concord.near.seeds", 3000);

    /** An entry of the log: a key and what it then has, nothing for removed; no key for a clear. */
    private record Written(long index, int key, boolean removed, long at) {}

    /** So many units of the recorder in one of the world: writes at the same time have an order. */
    private static final long FINE = 10_000;

    private static class World {
        private final Recorder recorder = new Recorder();
        private final Random random;
        private final NearCopies copies;
        private final List<Written> log = new ArrayList<>();
        private final long[] applied = new long[3];
        private final List<Runnable> onTheirWay = new ArrayList<>();
        private long now = 1_000_000;
        private int cutOff = -1;
        private int feedFrom;
        private long fedTo;
        private int feedNumber;
        private boolean gap;
        private boolean feeding;
        private long seen;
        private int served;
        private @Nullable String wrong;
        private boolean stale;

        World(long seed, Duration bound) {
            random = new Random(seed);
            copies = new NearCopies(new NearBounds(100, bound));
        }

        /** Whether the client hears of this change. */
        boolean tells(Written written) {
            return true;
        }

        /** Whether it ends with the first that is wrong. */
        boolean endsWithTheFirst() {
            return true;
        }

        private static Bytes bytes(int key) {
            return Bytes.wrap(new byte[] {(byte) key});
        }

        /** What a key has after this index, null for nothing. */
        private @Nullable Entry entry(int key, long upTo) {
            for (int i = (int) upTo - 1; i >= 0; i--) {
                Written written = log.get(i);
                if (written.key < 0) {
                    return null;
                }
                if (written.key == key) {
                    return written.removed
                            ? null
                            : Entry.of(bytes((int) written.index & 0x7F), written.index, Expiry.NEVER);
                }
            }
            return null;
        }

        private void run() {
            for (int i = 0; i < STEPS && (wrong == null || !endsWithTheFirst()); i++) {
                now += random.nextInt(100) == 0 ? random.nextInt(1500) : random.nextInt(12);
                step();
            }
        }

        private void step() {
            int dice = random.nextInt(200);
            if (dice < 6) {
                write();
            } else if (dice < 60) {
                apply();
            } else if (dice < 100) {
                tell();
            } else if (dice < 101) {
                loseFeed();
            } else if (dice < 103) {
                cutOff = random.nextInt(5) - 1; // whom, or nobody
            } else if (dice < 115) {
                load();
            } else if (dice >= 160) {
                read();
            } else {
                deliver();
            }
        }

        private void meanwhile() {
            switch (random.nextInt(3)) {
                case 0 -> load();
                case 1 -> read();
                default -> deliver();
            }
        }

        private void deliver() {
            if (!onTheirWay.isEmpty()) {
                onTheirWay.remove(random.nextInt(onTheirWay.size())).run();
            }
        }

        private void write() {
            int kind = random.nextInt(20);
            Written written = new Written(log.size() + 1, kind == 0 ? -1 : random.nextInt(3), kind < 3, now);
            log.add(written);
            Op.Kind what = kind == 0 ? Op.Kind.CLEAR : kind < 3 ? Op.Kind.REMOVE : Op.Kind.PUT;
            long at = now * FINE + written.index;
            Op op = Op.begun("w", what, kind == 0 ? Op.ALL : "k" + written.key, at)
                    .ended(at, Op.Outcome.OK)
                    .with("index", written.index);
            recorder.add(what == Op.Kind.PUT ? op.with("value", written.index).with("version", written.index) : op);
        }

        private void apply() {
            int member = random.nextInt(3);
            if (member != cutOff && applied[member] < log.size()) {
                applied[member]++;
            }
        }

        /** The feed brings what its member has applied, or a part: messages come in order. */
        private void tell() {
            if (feedNumber == 0 || fedTo > applied[feedFrom]) {
                return; // a member that lags behind what was told has nothing to tell
            }
            if (!feeding) {
                feeding = true;
                if (gap) {
                    copies.missed();
                    for (int i = random.nextInt(4); i > 0; i--) {
                        meanwhile(); // by other threads
                    }
                }
                copies.hearing(fedTo);
                copies.heard(fedTo);
                return;
            }
            long upTo = fedTo + random.nextInt((int) (applied[feedFrom] - fedTo) + 1);
            copies.hearing(upTo);
            for (long i = fedTo; i < upTo; i++) {
                Written written = log.get((int) i);
                Change change = written.key < 0
                        ? new Change(Change.Kind.CLEARED, 1, Bytes.EMPTY, null, null, written.index)
                        : new Change(
                                written.removed ? Change.Kind.REMOVED : Change.Kind.UPDATED,
                                1,
                                bytes(written.key),
                                null,
                                null,
                                written.index);
                if (tells(written)) {
                    copies.changed(change);
                }
                if (random.nextInt(4) == 0) {
                    meanwhile();
                }
            }
            copies.heard(upTo);
            fedTo = upTo;
            seen = Math.max(seen, upTo);
        }

        private void loseFeed() {
            gap = feedNumber > 0;
            feedNumber++;
            feedFrom = random.nextInt(3);
            fedTo = applied[feedFrom];
            feeding = false;
        }

        private void load() {
            int key = random.nextInt(3);
            NearCopies.Load load = copies.begin(bytes(key));
            onTheirWay.add(() -> {
                int member = random.nextInt(3);
                long index = applied[member];
                Entry found = entry(key, index);
                onTheirWay.add(() -> {
                    seen = Math.max(seen, index);
                    if (found != null) {
                        copies.loaded(load, found, index);
                    }
                });
            });
        }

        private void read() {
            NearCopies.Fence fence = copies.fence(now);
            if (fence != null) {
                onTheirWay.add(() -> {
                    long acknowledged = log.size();
                    onTheirWay.add(() -> copies.answered(fence, acknowledged));
                });
            }
            int key = random.nextInt(3);
            boolean session = random.nextBoolean();
            Entry copy = copies.get(bytes(key), session ? seen : -1, now);
            if (copy == null) {
                return;
            }
            served++;
            recorder.add(Op.begun("r", Op.Kind.GET, "k" + key, now * FINE)
                    .ended(now * FINE + FINE - 1, Op.Outcome.OK)
                    .with("found", copy.version())
                    .with("version", copy.version())
                    .with("level", "copy"));
            long overwritten = overwritten(key, copy.version());
            if (now - overwritten > BOUND) {
                stale = true;
                wrong = "version " + copy.version() + " was overwritten " + (now - overwritten) + " ago";
            }
            Entry asSeen = entry(key, seen);
            if (session && (asSeen == null ? isGone(key, copy.version()) : asSeen.version() > copy.version())) {
                wrong = "version " + copy.version() + " is older than what was seen at " + seen;
            }
        }

        private boolean isGone(int key, long version) {
            return log.stream()
                    .anyMatch(written -> written.index > version
                            && written.index <= seen
                            && (written.key == key || written.key < 0));
        }

        private long overwritten(int key, long version) {
            return log.stream()
                    .filter(written -> written.index > version && (written.key == key || written.key < 0))
                    .mapToLong(Written::at)
                    .findFirst()
                    .orElse(now);
        }
    }

    @Test
    void noCopyIsOlderThanItsBoundOrThanWhatWasSeen() {
        long served = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed, Duration.ofNanos(BOUND));
            world.run();
            assertThat(world.wrong).as("seed %d", seed).isNull();
            served += world.served;
        }
        assertThat(served).isGreaterThan(10L * SEEDS);
    }

    private static void assertHistorySaysTheSame(World world, String what) {
        Verdict verdict = Checker.check(world.recorder.ops(), new Rules(0, false, BOUND * FINE, 1_000_000));
        assertThat(verdict.isViolation()).as(what + ": " + verdict).isEqualTo(world.stale);
        assertThat(verdict.isOk()).as(what + ": " + verdict).isEqualTo(!world.stale);
    }

    /** By the reads and writes alone, without a look at the log. */
    @Test
    void theHistoryOfCopiesIsWithinTheirBound() {
        for (int seed = 0; seed < HISTORIES; seed++) {
            World world = new World(seed, Duration.ofNanos(BOUND));
            world.run();
            assertHistorySaysTheSame(world, "seed " + seed);
            assertThat(world.stale).isFalse();
        }
    }

    /** The canary: some changes do not invalidate what the client has. */
    @Test
    void theHistoryTellsOfSkippedInvalidations() {
        int caught = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            World world = new World(seed, Duration.ofNanos(BOUND)) {
                @Override
                boolean tells(Written written) {
                    return written.index % 4 != 0;
                }

                @Override
                boolean endsWithTheFirst() {
                    return false;
                }
            };
            world.run();
            assertHistorySaysTheSame(world, "seed " + seed);
            caught += world.stale ? 1 : 0;
        }
        System.out.println("skipped invalidations were caught in " + caught + " of " + HISTORIES + " histories");
        assertThat(caught).isPositive();
    }

    /** The canary: the bound of the copies is another than that which is checked. */
    @Test
    void withoutTheBoundSomeWouldBe() {
        int wrong = 0;
        for (int seed = 0; seed < 200; seed++) {
            World world = new World(seed, Duration.ofDays(1));
            world.run();
            wrong += world.wrong != null && world.wrong.contains("overwritten") ? 1 : 0;
        }
        assertThat(wrong).isPositive();
    }
}
