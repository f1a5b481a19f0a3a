package io.concordcache.raft.core;

import static io.concordcache.raft.core.OneClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ConcurrentReadTest {
    /** A reader that paused between entry and clock must not take an entry that lives on for expired. */
    @Test
    void anEntryThatIsAlwaysThereIsAlwaysRead() throws Exception {
        OneClient client = new OneClient();
        long cache = client.create(CacheDefinition.named("c"));
        client.put(cache, "k", "v", 2);
        Command touch = new Command.Write(cache, bytes("k"), Condition.ANY, new Mutation.Touch(Expiry.after(2)));
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Integer> missed = CompletableFuture.supplyAsync(() -> {
            int count = 0;
            while (!done.get()) {
                if (client.machine.state().get(cache, bytes("k")) == null) {
                    count++;
                }
            }
            return count;
        });
        for (int i = 2; i < 400_000; i++) {
            client.clock++;
            client.machine.apply(new LogEntry(client.clock, client.id, i + 1L, i, List.of(touch)));
        }
        done.set(true);
        assertThat(missed.get()).isZero();
    }
}
