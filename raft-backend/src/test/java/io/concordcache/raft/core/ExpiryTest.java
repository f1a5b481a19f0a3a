package io.concordcache.raft.core;

import static io.concordcache.raft.core.OneClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ExpiryTest {
    private final OneClient client = new OneClient();

    private long create(Expiry onCreation, Expiry onAccess, Expiry onUpdate) {
        long cache = client.create(new CacheDefinition(
                "c",
                new ExpiryRule(onCreation, onAccess, onUpdate),
                CacheDefinition.UNBOUNDED,
                CacheDefinition.UNBOUNDED,
                new TreeMap<>()));
        client.changes.clear();
        return cache;
    }

    private long eternal() {
        return create(Expiry.ETERNAL, Expiry.UNCHANGED, Expiry.UNCHANGED);
    }

    private Entry get(long cache, String key) {
        return client.machine.state().get(cache, bytes(key));
    }

    private Outcome touch(long cache, Expiry expiry) {
        return client.write(cache, "k", Condition.ANY, new Mutation.Touch(expiry));
    }

    @Test
    void anEntryEndsAtItsDeadlineNotBefore() {
        long cache = eternal();
        client.put(cache, "k", "1", 10);
        assertThat(client.machine.state().nextDeadline()).isEqualTo(1_010);
        client.clock = 1_009;
        client.one(new Command.Tick());
        assertThat(get(cache, "k")).isNotNull();
        client.clock = 1_010;
        client.one(new Command.Tick());
        assertThat(get(cache, "k")).isNull();
        assertThat(client.kinds()).containsExactly(Change.Kind.CREATED, Change.Kind.EXPIRED);
        assertThat(client.machine.state().nextDeadline()).isEqualTo(Expiry.NEVER);
    }

    @Test
    void isGoneForTheEntryThatPassesTheDeadline() {
        long cache = eternal();
        client.put(cache, "k", "1", 10);
        client.clock = 1_010;
        Outcome outcome = client.write(cache, "k", Condition.ABSENT, new Mutation.Put(bytes("2"), Expiry.ETERNAL));
        assertThat(outcome.held()).isTrue();
        assertThat(client.kinds()).containsExactly(Change.Kind.CREATED, Change.Kind.EXPIRED, Change.Kind.CREATED);
    }

    @Test
    void aClockThatGoesBackBringsNothingBack() {
        long cache = eternal();
        client.put(cache, "k", "1", 10);
        client.clock = 1_010;
        client.one(new Command.Tick());
        client.clock = 500;
        assertThat(touch(cache, Expiry.ETERNAL).existed()).isFalse();
        assertThat(get(cache, "k")).isNull();
        long stamp = client.put(cache, "k", "2", 10).afterVersion();
        assertThat(Stamp.millis(stamp)).isEqualTo(1_010);
        assertThat(get(cache, "k")).isNotNull();
    }

    @Test
    void theRuleDecidesByCase() {
        long cache = create(Expiry.after(100), Expiry.after(50), Expiry.after(200));
        client.put(cache, "k", "1");
        assertThat(get(cache, "k").expiresAtMillis()).isEqualTo(1_100);
        touch(cache, Expiry.BY_RULE);
        assertThat(get(cache, "k").expiresAtMillis()).isEqualTo(1_050);
        client.put(cache, "k", "2");
        assertThat(get(cache, "k").expiresAtMillis()).isEqualTo(1_200);
        assertThat(client.kinds()).containsExactly(Change.Kind.CREATED, Change.Kind.TOUCHED, Change.Kind.UPDATED);
    }

    @Test
    void unchangedKeepsTheDeadline() {
        long cache = create(Expiry.after(100), Expiry.UNCHANGED, Expiry.UNCHANGED);
        client.put(cache, "k", "1");
        client.clock += 30;
        client.put(cache, "k", "2");
        touch(cache, Expiry.BY_RULE);
        assertThat(get(cache, "k").expiresAtMillis()).isEqualTo(1_100);
        client.write(cache, "new", Condition.ANY, new Mutation.Put(bytes("1"), Expiry.UNCHANGED));
        assertThat(get(cache, "new").expiresAtMillis()).isEqualTo(Expiry.NEVER);
    }

    @Test
    void aTouchKeepsValueAndVersion() {
        long cache = eternal();
        long version = client.put(cache, "k", "1").afterVersion();
        assertThat(touch(cache, Expiry.after(5)).afterVersion()).isEqualTo(version);
        assertThat(get(cache, "k")).isEqualTo(Entry.of(bytes("1"), version, 1_005));
    }

    @Test
    void zeroEndsTheEntryAtOnce() {
        long cache = eternal();
        Outcome onNothing = client.put(cache, "k", "1", 0);
        assertThat(onNothing.held()).isTrue();
        assertThat(onNothing.afterVersion()).isZero();
        client.put(cache, "k", "1");
        assertThat(client.put(cache, "k", "2", 0).existed()).isTrue();
        client.put(cache, "k", "3");
        touch(cache, Expiry.after(0));
        assertThat(get(cache, "k")).isNull();
        assertThat(client.kinds())
                .containsExactly(Change.Kind.CREATED, Change.Kind.EXPIRED, Change.Kind.CREATED, Change.Kind.EXPIRED);
    }

    @Test
    void aTimeBeyondAllClocksIsForEver() {
        long cache = eternal();
        client.put(cache, "k", "1", Expiry.NEVER - 1);
        assertThat(get(cache, "k").expiresAtMillis()).isEqualTo(Expiry.NEVER);
    }

    @Test
    void manyExpireAtOnceButAreRemovedInPortions() {
        long cache = eternal();
        int count = CacheMachine.EXPIRED_PER_LOG_ENTRY + 5;
        List<Command> puts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            puts.add(new Command.Write(
                    cache, bytes("k" + i), Condition.ANY, new Mutation.Put(bytes("v"), Expiry.after(10 + i % 3))));
        }
        client.apply(puts.toArray(new Command[0]));
        client.changes.clear();
        client.clock += 100;
        client.one(new Command.Tick());
        assertThat(client.changes).hasSize(CacheMachine.EXPIRED_PER_LOG_ENTRY);
        assertThat(client.machine.state().size(cache)).isEqualTo(5);
        for (Bytes key : client.machine.state().keys(cache)) {
            assertThat(client.machine.state().get(cache, key)).isNull();
        }
        client.one(new Command.Tick());
        assertThat(client.machine.state().size(cache)).isZero();
        assertThat(client.changes)
                .isSortedAccordingTo((a, b) ->
                        Long.compare(a.before().expiresAtMillis(), b.before().expiresAtMillis()));
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> Expiry.after(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Expiry(-3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ExpiryRule(Expiry.BY_RULE, Expiry.ETERNAL, Expiry.ETERNAL))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CacheDefinition.named("")).isInstanceOf(IllegalArgumentException.class);
    }
}
