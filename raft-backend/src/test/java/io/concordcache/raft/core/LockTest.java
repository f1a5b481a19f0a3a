package io.concordcache.raft.core;

import static io.concordcache.raft.core.OneClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LockTest {
    private final OneClient client = new OneClient();
    private long cache;

    @BeforeEach
    void createCache() {
        cache = client.create(CacheDefinition.named("c"));
    }

    private Outcome lock(long ttlMillis) {
        return client.one(new Command.LockKey(cache, bytes("k"), ttlMillis));
    }

    private Outcome putWith(long token) {
        return client.one(new Command.Write(
                cache,
                bytes("k"),
                Condition.ANY,
                new Mutation.Put(bytes("mine"), Expiry.ETERNAL),
                Command.Returning.NOTHING,
                token));
    }

    @Test
    void keepsOthersOutUntilTheHolderHasWritten() {
        long version = client.put(cache, "k", "1").afterVersion();
        Outcome held = lock(100);
        assertThat(held.beforeValue()).isEqualTo(bytes("1"));
        assertThat(held.beforeVersion()).isEqualTo(version);
        assertThat(lock(100).status()).isEqualTo(Outcome.Status.LOCKED);
        assertThat(client.put(cache, "k", "2").status()).isEqualTo(Outcome.Status.LOCKED);
        assertThat(client.put(cache, "other", "2").held()).isTrue();
        assertThat(putWith(held.afterVersion()).held()).isTrue();
        assertThat(client.put(cache, "k", "2").held()).isTrue();
    }

    @Test
    void aFailedWriteKeepsTheLock() {
        long token = lock(100).afterVersion();
        Command.Write failing = new Command.Write(
                cache, bytes("k"), Condition.PRESENT, Mutation.REMOVE, Command.Returning.NOTHING, token);
        assertThat(client.one(failing).status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(client.put(cache, "k", "2").status()).isEqualTo(Outcome.Status.LOCKED);
    }

    @Test
    void endsByItself() {
        long token = lock(100).afterVersion();
        client.clock += 100;
        assertThat(client.put(cache, "k", "2").held()).isTrue();
        assertThat(client.one(new Command.UnlockKey(cache, bytes("k"), token)).status())
                .isEqualTo(Outcome.Status.FAILED);
        assertThat(lock(100).held()).isTrue();
    }

    @Test
    void isGivenBackOnceWithItsToken() {
        long token = lock(100).afterVersion();
        assertThat(client.one(new Command.UnlockKey(cache, bytes("k"), token + 1))
                        .held())
                .isFalse();
        assertThat(client.one(new Command.UnlockKey(cache, bytes("k"), token)).held())
                .isTrue();
        assertThat(client.one(new Command.UnlockKey(cache, bytes("k"), token)).held())
                .isFalse();
        assertThat(client.put(cache, "k", "2").held()).isTrue();
    }

    @Test
    void doesNotHoldUpEvictionExpiryClearAndDestroy() {
        client.put(cache, "k", "1");
        lock(1_000);
        assertThat(client.write(cache, "k", Condition.ANY, Mutation.EVICT).held())
                .isTrue();
        assertThat(client.put(cache, "k", "1").status()).isEqualTo(Outcome.Status.LOCKED);
        assertThat(client.one(new Command.Clear(cache)).held()).isTrue();
        client.put(cache, "k", "1", 10);
        lock(1_000);
        client.clock += 10;
        client.one(new Command.Tick());
        assertThat(client.machine.state().get(cache, bytes("k"))).isNull();
        assertThat(client.one(new Command.DestroyCache(cache)).held()).isTrue();
    }

    @Test
    void doesNotStayInMemoryOnceItHasEnded() {
        for (int i = 0; i < 100; i++) {
            client.one(new Command.LockKey(cache, bytes("k" + i), 10));
            client.clock += 20;
        }
        CacheData data = client.machine.state().data(cache);
        assertThat(data).isNotNull();
        assertThat(data.locks()).hasSize(1);
    }

    @Test
    void aNegativeTimeIsRefusedBeforeTheLog() {
        assertThatThrownBy(() -> new Command.LockKey(cache, bytes("k"), -1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
