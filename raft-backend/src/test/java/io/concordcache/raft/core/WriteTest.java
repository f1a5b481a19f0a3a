package io.concordcache.raft.core;

import static io.concordcache.raft.core.OneClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Condition × mutation, batches, and the caches themselves, by example. */
class WriteTest {
    private final OneClient client = new OneClient();
    private long cache;

    @BeforeEach
    void createCache() {
        cache = client.create(CacheDefinition.named("c"));
        client.changes.clear();
    }

    private Entry get(String key) {
        return client.machine.state().get(cache, bytes(key));
    }

    @Test
    void aPutCreatesThenUpdates() {
        Outcome created = client.put(cache, "k", "1");
        assertThat(created.existed()).isFalse();
        assertThat(created.beforeValue()).isNull();
        Outcome updated = client.put(cache, "k", "2");
        assertThat(updated.beforeVersion()).isEqualTo(created.afterVersion());
        assertThat(updated.beforeValue()).isEqualTo(bytes("1"));
        assertThat(updated.afterVersion()).isGreaterThan(created.afterVersion());
        assertThat(get("k")).isEqualTo(Entry.of(bytes("2"), updated.afterVersion(), Expiry.NEVER));
        assertThat(client.kinds()).containsExactly(Change.Kind.CREATED, Change.Kind.UPDATED);
    }

    @Test
    void absentHoldsOnlyWithoutAnEntry() {
        Mutation put = new Mutation.Put(bytes("1"), Expiry.ETERNAL);
        assertThat(client.write(cache, "k", Condition.ABSENT, put).held()).isTrue();
        Outcome again = client.write(cache, "k", Condition.ABSENT, put);
        assertThat(again.status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(again.beforeValue()).isEqualTo(bytes("1"));
        assertThat(again.afterVersion()).isEqualTo(again.beforeVersion());
    }

    @Test
    void presentHoldsOnlyWithAnEntry() {
        Mutation put = new Mutation.Put(bytes("1"), Expiry.ETERNAL);
        assertThat(client.write(cache, "k", Condition.PRESENT, put).status()).isEqualTo(Outcome.Status.FAILED);
        client.put(cache, "k", "0");
        assertThat(client.write(cache, "k", Condition.PRESENT, put).held()).isTrue();
    }

    @Test
    void versionIsHoldsOnlyForTheValueThatWasRead() {
        long read = client.put(cache, "k", "1").afterVersion();
        Mutation put = new Mutation.Put(bytes("2"), Expiry.ETERNAL);
        assertThat(client.write(cache, "k", new Condition.VersionIs(read), put).held())
                .isTrue();
        assertThat(client.write(cache, "k", new Condition.VersionIs(read), put).status())
                .isEqualTo(Outcome.Status.FAILED);
        assertThat(client.write(cache, "absent", new Condition.VersionIs(read), put)
                        .held())
                .isFalse();
    }

    @Test
    void removeAndEvictDifferInTheirChange() {
        client.put(cache, "a", "1");
        client.put(cache, "b", "1");
        client.changes.clear();
        assertThat(client.write(cache, "a", Condition.ANY, Mutation.REMOVE).existed())
                .isTrue();
        assertThat(client.write(cache, "b", Condition.ANY, Mutation.EVICT).existed())
                .isTrue();
        assertThat(client.write(cache, "b", Condition.ANY, Mutation.REMOVE).existed())
                .isFalse();
        assertThat(client.kinds()).containsExactly(Change.Kind.REMOVED, Change.Kind.EVICTED);
    }

    @Test
    void aWriteReturnsTheValueOnlyWhenAsked() {
        client.put(cache, "k", "1");
        Outcome outcome = client.one(new Command.Write(cache, bytes("k"), Condition.ANY, Mutation.REMOVE));
        assertThat(outcome.existed()).isTrue();
        assertThat(outcome.beforeValue()).isNull();
    }

    @Test
    void aBatchJudgesEachKeyForItself() {
        client.put(cache, "a", "1");
        Mutation put = new Mutation.Put(bytes("2"), Expiry.BY_RULE);
        List<Outcome> outcomes = client.apply(new Command.Batch(
                        cache,
                        List.of(
                                new Command.Write(cache, bytes("a"), Condition.ABSENT, put),
                                new Command.Write(cache, bytes("b"), Condition.ABSENT, put))))
                .outcomes()
                .get(0);
        assertThat(outcomes).extracting(Outcome::status).containsExactly(Outcome.Status.FAILED, Outcome.Status.HELD);
    }

    @Test
    void aBatchWithALockedKeyDoesNothingAndSaysSoForEachKey() {
        client.one(new Command.LockKey(cache, bytes("b"), 1_000));
        Command.Batch batch = new Command.Batch(
                cache,
                List.of(
                        new Command.Write(
                                cache, bytes("a"), Condition.ANY, new Mutation.Put(bytes("1"), Expiry.ETERNAL)),
                        new Command.Write(cache, bytes("b"), Condition.ANY, Mutation.REMOVE)));
        assertThat(client.apply(batch).outcomes().get(0))
                .extracting(Outcome::status)
                .containsExactly(Outcome.Status.LOCKED, Outcome.Status.LOCKED);
        assertThat(get("a")).isNull();
    }

    @Test
    void aBatchOnNoCacheSaysSoForEachKey() {
        Command.Batch batch = new Command.Batch(
                5,
                List.of(
                        new Command.Write(5, bytes("a"), Condition.ANY, Mutation.REMOVE),
                        new Command.Write(5, bytes("b"), Condition.ANY, Mutation.REMOVE)));
        assertThat(client.apply(batch).outcomes().get(0))
                .extracting(Outcome::status)
                .containsExactly(Outcome.Status.NO_CACHE, Outcome.Status.NO_CACHE);
    }

    /** Else a reader between the two would meet two values of one version. */
    @Test
    void aBatchNamesAKeyOnce() {
        Command.Write write = new Command.Write(cache, bytes("a"), Condition.ANY, Mutation.REMOVE);
        assertThatThrownBy(() -> new Command.Batch(cache, List.of(write, write)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBatchWritesToOneCache() {
        Command.Write write = new Command.Write(cache + 1, bytes("a"), Condition.ANY, Mutation.REMOVE);
        assertThatThrownBy(() -> new Command.Batch(cache, List.of(write))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNameIsTakenUntilItsCacheIsDestroyed() {
        Outcome taken = client.one(new Command.CreateCache(CacheDefinition.named("c")));
        assertThat(taken.status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(taken.beforeVersion()).isEqualTo(cache);
        assertThat(client.one(new Command.DestroyCache(cache)).held()).isTrue();
        assertThat(client.machine.state().cache("c")).isNull();
        assertThat(client.create(CacheDefinition.named("c"))).isGreaterThan(cache);
        assertThat(client.put(cache, "k", "1").status()).isEqualTo(Outcome.Status.NO_CACHE);
        assertThat(client.one(new Command.DestroyCache(cache)).status()).isEqualTo(Outcome.Status.NO_CACHE);
        assertThat(client.kinds()).containsExactly(Change.Kind.DESTROYED);
    }

    @Test
    void clearIsOneChange() {
        client.put(cache, "a", "1", 50);
        client.put(cache, "b", "1");
        client.changes.clear();
        assertThat(client.one(new Command.Clear(cache)).held()).isTrue();
        assertThat(client.kinds()).containsExactly(Change.Kind.CLEARED);
        assertThat(client.machine.state().size(cache)).isZero();
        assertThat(client.one(new Command.Clear(99)).status()).isEqualTo(Outcome.Status.NO_CACHE);
    }

    @Test
    void everyCommandHasAnOutcomeWithoutItsCache() {
        for (Command command : List.of(
                new Command.Write(99, bytes("k"), Condition.ANY, Mutation.REMOVE),
                new Command.LockKey(99, bytes("k"), 5),
                new Command.UnlockKey(99, bytes("k"), 5))) {
            assertThat(client.one(command).status()).isEqualTo(Outcome.Status.NO_CACHE);
        }
    }
}
