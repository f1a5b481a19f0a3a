package io.concordcache.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.wire.CommandCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** A view shows one moment, though the writer goes on between any two things it visits. */
class StateViewTest {
    @Provide
    Arbitrary<List<LogEntry>> logs() {
        return Steps.logs(true);
    }

    /** Notes what it visits, and lets the writer work after each visit. */
    private static final class Notes implements StateView.Visitor<RuntimeException> {
        private final List<String> lines = new ArrayList<>();
        private final Runnable writer;

        Notes(Runnable writer) {
            this.writer = writer;
        }

        private void note(Object... line) {
            lines.add(List.of(line).toString());
            writer.run();
        }

        @Override
        public void session(ClientId client, long acknowledged, long usedAtMillis) {
            note("session", client, acknowledged, usedAtMillis);
        }

        @Override
        public void outcomes(ClientId client, long sequence, List<List<Outcome>> outcomes) {
            note("outcomes", client, sequence, outcomes);
        }

        @Override
        public void lease(String holder, long millis) {
            note("lease", holder, millis);
        }

        @Override
        public void transferPart(long id, int count, long deadlineMillis, Bytes content) {
            throw new AssertionError("no transfer here");
        }

        @Override
        public void cache(CacheInfo info) {
            note("cache", info);
        }

        @Override
        public void lock(long cacheId, Bytes key, long token, long deadlineMillis) {
            note("lock", cacheId, key, token, deadlineMillis);
        }

        @Override
        public void entry(long cacheId, Bytes key, Entry entry) {
            note("entry", cacheId, key, entry);
        }

        @Override
        public void guard(long cacheId, long floor) {
            note("guard", cacheId, floor);
        }

        @Override
        public void lastWrite(long cacheId, Bytes key, long stamp) {
            note("last write", cacheId, key, stamp);
        }

        @Override
        public void softLock(LockId id, long deadlineMillis, long ttlMillis, List<Slot> slots, List<Long> caches) {
            note("soft lock", id, deadlineMillis, ttlMillis, slots, caches);
        }

        @Override
        public void contended(long cacheId, Bytes key) {
            note("contended", cacheId, key);
        }

        @Override
        public void endedLock(LockId id, long forgetAtMillis) {
            note("ended lock", id, forgetAtMillis);
        }
    }

    private static List<String> visit(StateView view, Runnable writer) {
        Notes notes = new Notes(writer);
        view.visit(notes);
        return notes.lines;
    }

    private static List<String> still(CacheMachine machine) {
        try (StateView view = machine.view()) {
            return visit(view, () -> {});
        }
    }

    @Property(tries = 1_000)
    void showsTheMomentItWasTaken(@ForAll("logs") List<LogEntry> log, @ForAll Random random) {
        int cut = random.nextInt(log.size());
        CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        log.subList(0, cut).forEach(machine::apply);
        List<String> expected = still(machine);
        long stamp = machine.state().lastStamp();
        int[] next = {cut};
        Runnable writer = () -> {
            for (int steps = random.nextInt(4); steps > 0 && next[0] < log.size(); steps--) {
                machine.apply(log.get(next[0]++));
            }
        };
        try (StateView view = machine.view()) {
            writer.run();
            assertThat(visit(view, writer)).isEqualTo(expected);
            assertThat(view.lastStamp()).isEqualTo(stamp);
            assertThat(visit(view, () -> {})).as("once more, later").isEqualTo(expected);
        }
        while (next[0] < log.size()) {
            machine.apply(log.get(next[0]++));
        }
        CacheMachine undisturbed = new CacheMachine(CommandCodec::decodeCommand);
        log.forEach(undisturbed::apply);
        assertThat(still(machine)).isEqualTo(still(undisturbed));
    }

    private static OneClient full(long[] cache) {
        OneClient client = new OneClient();
        cache[0] = client.create(CacheDefinition.named("c"));
        for (int i = 0; i < 6; i++) {
            client.put(cache[0], "k" + i, "old", i < 3 ? 50 : Expiry.NEVER);
        }
        return client;
    }

    private interface Disturbance {
        void run(OneClient client, long cache);
    }

    /** Each kind of change, at each place where a writer could come between. */
    @Test
    void noKindOfChangeShowsThrough() {
        List<Disturbance> all = List.of(
                (client, cache) -> client.put(cache, "k4", "new"),
                (client, cache) -> client.put(cache, "k5", "new", 0),
                (client, cache) -> client.put(cache, "k45", "created"),
                (client, cache) -> client.write(cache, "k5", Condition.ANY, Mutation.REMOVE),
                (client, cache) -> client.write(cache, "k0", Condition.ANY, new Mutation.Touch(Expiry.after(9))),
                (client, cache) -> {
                    client.clock += 60;
                    client.one(new Command.Tick());
                },
                (client, cache) -> client.one(new Command.Clear(cache)),
                (client, cache) -> client.one(new Command.DestroyCache(cache)),
                (client, cache) -> client.one(new Command.LockKey(cache, OneClient.bytes("k1"), 10)),
                (client, cache) -> {
                    client.write(cache, "k5", Condition.ANY, Mutation.REMOVE);
                    client.put(cache, "k5", "again");
                    client.write(cache, "k5", Condition.ANY, Mutation.REMOVE);
                });
        for (Disturbance disturbance : all) {
            for (int place = 0; place < 9; place++) {
                long[] cache = new long[1];
                OneClient client = full(cache);
                List<String> expected = still(client.machine);
                int[] left = {place};
                Runnable writer = () -> {
                    if (left[0]-- == 0) {
                        disturbance.run(client, cache[0]);
                    }
                };
                try (StateView view = client.machine.view()) {
                    writer.run();
                    assertThat(visit(view, writer)).as("place %s", place).isEqualTo(expected);
                }
            }
        }
    }

    /** The check above can fail: nothing kept aside, and the writer shows through. */
    @Test
    void withoutKeepingAsideTheChangeWouldShow() {
        long[] cache = new long[1];
        OneClient client = full(cache);
        List<String> expected = still(client.machine);
        try (StateView view = client.machine.view()) {
            client.machine.state().data(cache[0]).keepNoMore();
            client.put(cache[0], "k4", "new");
            assertThat(visit(view, () -> {})).isNotEqualTo(expected);
        }
    }

    @Test
    void aClosedViewCostsNoMore() {
        long[] cache = new long[1];
        OneClient client = full(cache);
        StateView view = client.machine.view();
        view.close();
        client.put(cache[0], "k4", "new");
        assertThat(visit(view, () -> {}))
                .anyMatch(line -> line.contains(OneClient.bytes("new").toString()));
    }
}
