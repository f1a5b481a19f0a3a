package io.concordcache.raft.core;

import static io.concordcache.raft.core.OneClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SoftLockTest {
    private static final LockId ONE = new LockId(1, 1);
    private static final LockId TWO = new LockId(1, 2);

    private final OneClient client = new OneClient();
    private long cache;
    private Slot slot;

    @BeforeEach
    void createCache() {
        cache = client.create(CacheDefinition.named("c"));
        slot = new Slot(cache, bytes("k"));
    }

    private Outcome lock(LockId id, Slot... slots) {
        return client.one(new Command.SoftLock(id, 100, List.of(slots), List.of()));
    }

    private Outcome unlock(LockId id, String value) {
        return client.one(new Command.SoftUnlock(id, List.of(new Command.Fill(slot, bytes(value))), List.of()));
    }

    private Outcome load(long began, String value) {
        return client.one(new Command.PutFromLoad(slot, began, bytes(value)));
    }

    private long now() {
        return client.machine.state().lastStamp() + 1;
    }

    private String value() {
        Entry entry = client.machine.state().get(cache, slot.key());
        return entry == null ? null : new String(entry.value().unwrap(), StandardCharsets.UTF_8);
    }

    @Test
    void hidesTheValueUntilTheNewOneIsThere() {
        assertThat(load(now(), "old").held()).isTrue();
        assertThat(value()).isEqualTo("old");
        assertThat(lock(ONE, slot).held()).isTrue();
        assertThat(value()).isNull();
        assertThat(load(now(), "old").status()).isEqualTo(Outcome.Status.LOCKED);
        assertThat(unlock(ONE, "new").held()).isTrue();
        assertThat(value()).isEqualTo("new");
    }

    @Test
    void aLoadThatBeganBeforeTheWriteEndedDoesNotGetIn() {
        long before = now();
        lock(ONE, slot);
        long during = now();
        unlock(ONE, "new");
        client.write(cache, "k", Condition.ANY, Mutation.EVICT);
        assertThat(load(before, "old").status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(load(during, "old").status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(value()).isNull();
        assertThat(load(now(), "new").held()).isTrue();
    }

    @Test
    void ofTwoWritersAtATimeNoneKnowsTheValue() {
        lock(ONE, slot);
        lock(TWO, slot);
        unlock(ONE, "one");
        assertThat(value()).isNull();
        unlock(TWO, "two");
        assertThat(value()).isNull();
        assertThat(load(now(), "two").held()).isTrue();
    }

    @Test
    void aLockOfTheWholeCacheIsALockOfEachKey() {
        load(now(), "old");
        lock(TWO, slot);
        client.one(new Command.SoftLock(ONE, 100, List.of(), List.of(cache)));
        assertThat(load(now(), "old").status()).isEqualTo(Outcome.Status.LOCKED);
        client.one(new Command.SoftUnlock(ONE, List.of(), List.of()));
        unlock(TWO, "two");
        assertThat(value()).as("the whole cache was written meanwhile").isNull();
        assertThat(load(now(), "new").held()).isTrue();
    }

    @Test
    void endsByItselfAndThenNothingIsLoadedForAsLongAgain() {
        lock(ONE, slot);
        client.clock += 100;
        assertThat(client.machine.state().nextDeadline()).isEqualTo(client.clock);
        client.one(new Command.Tick());
        assertThat(unlock(ONE, "late").held()).isFalse();
        assertThat(load(now(), "old").status()).isEqualTo(Outcome.Status.FAILED);
        client.clock += 99;
        client.one(new Command.Tick());
        assertThat(load(now(), "old").status()).isEqualTo(Outcome.Status.FAILED);
        client.clock += 1;
        client.one(new Command.Tick());
        client.one(new Command.Tick());
        assertThat(load(now(), "new").held()).isTrue();
    }

    @Test
    void anEndedLockDoesNotBeginAgain() {
        lock(ONE, slot);
        client.clock += 100;
        assertThat(lock(ONE, slot).status()).as("timed out").isEqualTo(Outcome.Status.FAILED);
        assertThat(client.one(new Command.SoftUnlock(TWO, List.of(), List.of())).held())
                .isFalse();
        assertThat(lock(TWO, slot).status()).as("released before it came").isEqualTo(Outcome.Status.FAILED);
    }

    @Test
    void locksOfOneNameAddUpAndBeginTheTimeAnew() {
        Slot other = new Slot(cache, bytes("other"));
        lock(ONE, slot);
        client.clock += 60;
        lock(ONE, other);
        client.clock += 60;
        client.one(new Command.Tick());
        unlock(ONE, "new");
        assertThat(value()).isEqualTo("new");
        assertThat(client.one(new Command.PutFromLoad(other, now(), bytes("x"))).held())
                .isTrue();
    }

    @Test
    void aMarkTellsWhenASpaceWasChangedLast() {
        lock(ONE, slot);
        lock(TWO, slot);
        client.one(new Command.SoftUnlock(ONE, List.of(), List.of(slot)));
        assertThat(value()).as("another writer is in it").isNull();
        Outcome last = client.one(new Command.SoftUnlock(TWO, List.of(), List.of(slot)));
        assertThat(client.machine.state().get(cache, slot.key()).version()).isEqualTo(last.afterVersion());
        assertThat(load(now(), "").held()).isTrue();
        assertThat(client.machine.state().get(cache, slot.key()).version())
                .as("looking does not change it")
                .isEqualTo(last.afterVersion());
    }

    /** Else one version would stand for two values, and copies are told apart by their versions. */
    @Test
    void anUnlockNamesASlotOnce() {
        Command.Fill fill = new Command.Fill(slot, bytes("v"));
        assertThatThrownBy(() -> new Command.SoftUnlock(ONE, List.of(fill), List.of(slot)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names a slot once");
        assertThatThrownBy(() -> new Command.SoftUnlock(ONE, List.of(fill, fill), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatBeganBeforeTheCacheWasMadeOrClearedIsOld() {
        assertThat(load(cache, "old").status()).isEqualTo(Outcome.Status.FAILED);
        long before = now();
        client.one(new Command.Clear(cache));
        assertThat(load(before, "old").status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(load(now(), "new").held()).isTrue();
    }

    @Test
    void invalidatedIsWrittenByNobodyWhoWasThereBefore() {
        long before = now();
        lock(ONE, slot);
        client.one(new Command.Invalidate(slot));
        unlock(ONE, "one");
        assertThat(value()).isNull();
        assertThat(load(before, "old").status()).isEqualTo(Outcome.Status.FAILED);
    }

    @Test
    void nothingIsDoneIfOneOfTheCachesIsNone() {
        load(now(), "old");
        assertThat(lock(ONE, slot, new Slot(5, bytes("k"))).status()).isEqualTo(Outcome.Status.NO_CACHE);
        assertThat(value()).isEqualTo("old");
        assertThat(client.one(new Command.SoftLock(ONE, 100, List.of(slot), List.of(5L)))
                        .status())
                .isEqualTo(Outcome.Status.NO_CACHE);
        assertThat(value()).isEqualTo("old");
    }

    @Test
    void whatIsForgottenOfTheWritesIsRefusedAsAWhole() {
        Guard guard = new Guard(0);
        for (int i = 1; i <= Guard.LAST_WRITES + 1; i++) {
            guard.write(bytes("key " + i), i);
        }
        assertThat(guard.lastWrites()).hasSize(Guard.LAST_WRITES);
        assertThat(guard.floor()).isEqualTo(1);
        assertThat(guard.isNewer(bytes("key 1"), 1)).isFalse();
        assertThat(guard.isNewer(bytes("never written"), 1)).isFalse();
        assertThat(guard.isNewer(bytes("key 1"), 2)).isTrue();
        assertThat(guard.isNewer(bytes("key 2"), 2)).isFalse();
    }
}
