package io.concordcache.raft.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.CacheStoreContract;
import io.concordcache.raft.store.ReadLevel;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LocalStoreTest extends CacheStoreContract {
    @Override
    protected CacheStore open() {
        return new LocalStore(System::currentTimeMillis);
    }

    @Override
    protected void passTime() {
        store.execute(new Command.Tick());
    }

    @Test
    void goesOnAfterAnIdleDay() {
        AtomicLong clock = new AtomicLong(1_000);
        try (LocalStore store = new LocalStore(clock::get)) {
            store.execute(new Command.Tick());
            clock.addAndGet(86_400_000);
            assertThat(store.execute(new Command.Tick()).held()).isTrue();
        }
    }

    /** Two keys of one deadline leave together, though the clock moves while they are read. */
    @Test
    void aBatchIsSeenWholeWhileItExpires() {
        AtomicLong clock = new AtomicLong(1_000);
        try (LocalStore store = new LocalStore(clock::getAndIncrement)) {
            long cache = store.execute(new Command.CreateCache(CacheDefinition.named("c")))
                    .afterVersion();
            Bytes a = Bytes.wrap(new byte[] {1});
            Bytes b = Bytes.wrap(new byte[] {2});
            Mutation put = new Mutation.Put(Bytes.EMPTY, Expiry.after(20));
            store.executeAll(new Command.Batch(
                    cache,
                    List.of(
                            new Command.Write(cache, a, Condition.ANY, put),
                            new Command.Write(cache, b, Condition.ANY, put))));
            for (int i = 0; i < 30; i++) {
                List<?> both = store.getAll(cache, List.of(a, b), ReadLevel.LINEARIZABLE);
                assertThat(both.get(0) == null).isEqualTo(both.get(1) == null);
            }
        }
    }
}
