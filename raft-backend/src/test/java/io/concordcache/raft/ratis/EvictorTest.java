package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.ExpiryRule;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.wire.CommandCodec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the policy has chosen leaves the cache, whatever happens to the log meanwhile, and in few rounds. */
class EvictorTest {
    private static final int BOUND = 100;

    private final CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Channels channels = new Channels("none", LinkCompression.OFF, null, null, Traces.none());
    private volatile boolean broken;
    /** Largest size between two entries of the log. */
    private volatile int peak;

    private final GroupCommit commit =
            new GroupCommit(this::append, scheduler, Duration.ofMillis(300), 1 << 20, Traces.none());
    private final Evictor evictor = new Evictor(commit, channels, scheduler, machine::state, new Evictor.Lead() {
        @Override
        public boolean isHere() {
            return true;
        }

        @Override
        public @Nullable Member member() {
            return null;
        }
    });

    private long cache;

    private CompletableFuture<Applied> append(LogEntry entry) {
        if (broken) {
            return CompletableFuture.failedFuture(new GroupCommit.NotAppendedException("no majority", null));
        }
        return CompletableFuture.supplyAsync(() -> apply(entry), scheduler);
    }

    private synchronized Applied apply(LogEntry entry) {
        Applied applied = machine.apply(entry.at(1_000));
        peak = Math.max(peak, machine.state().size(cache));
        evictor.applied(applied.changes(), machine.state());
        return applied;
    }

    @BeforeEach
    void start() throws Exception {
        commit.start();
        evictor.start();
        evictor.leading(machine.state());
        CacheDefinition definition =
                new CacheDefinition("c", ExpiryRule.ETERNAL, BOUND, CacheDefinition.UNBOUNDED, new TreeMap<>());
        cache = commit.submit(new Command.CreateCache(definition), 100)
                .get(10, TimeUnit.SECONDS)
                .get(0)
                .afterVersion();
    }

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
        channels.close();
    }

    private Command.Write put(int number) {
        return new Command.Write(
                cache,
                Bytes.wrap(ByteBuffer.allocate(4).putInt(number).array()),
                Condition.ANY,
                new Mutation.Put(Bytes.wrap(new byte[10]), Expiry.ETERNAL));
    }

    private Command.Batch putAll(int from, int count) {
        List<Command.Write> writes = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            writes.add(put(i));
        }
        return new Command.Batch(cache, writes);
    }

    private void awaitBound() {
        Awaitility.await().until(() -> machine.state().size(cache) <= BOUND);
    }

    /** Evictions that do not reach the log within the timeout would leave their entries there for good. */
    @Test
    void anEvictionThatFailsIsTriedAgain() throws Exception {
        LogEntry registration = LogEntry.registration(0);
        long client = apply(registration).outcomes().get(0).get(0).afterVersion();
        broken = true;
        apply(new LogEntry(0, ClientId.of(client), 1, 0, List.of(putAll(0, BOUND), putAll(1000, BOUND))));
        assertThat(machine.state().size(cache)).isGreaterThan(BOUND);
        var failed = commit.submit(new Command.Tick(), 1).exceptionally(failure -> List.of());
        assertThat(failed.get(10, TimeUnit.SECONDS)).isEmpty(); // as the evictions did, which were sent before
        broken = false;
        awaitBound();
    }

    /** Each round evicts all that is due: one command for each eviction, 4096 in an entry, would never catch up. */
    @Test
    void aBurstOfLargeBatchesKeepsTheCacheNearItsBound() throws Exception {
        int batch = 10_000;
        for (int i = 0; i < 20; i++) {
            var written = commit.submit(putAll(i * batch, batch), 500_000).get(10, TimeUnit.SECONDS);
            assertThat(written).hasSize(batch);
        }
        awaitBound();
        assertThat(peak).isLessThanOrEqualTo(BOUND + 3 * batch);
    }
}
