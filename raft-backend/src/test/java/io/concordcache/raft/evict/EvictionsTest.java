package io.concordcache.raft.evict;

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
import io.concordcache.raft.wire.CommandCodec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A leader that writes down what the policy chooses keeps its caches within their bounds. */
class EvictionsTest {
    private final CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
    private Evictions evictions = new Evictions(() -> {});
    private final ClientId client = ClientId.of(
            machine.apply(LogEntry.registration(1_000)).outcomes().get(0).get(0).afterVersion());
    private long sequence;

    private Applied apply(Command... commands) {
        sequence++;
        LogEntry entry = new LogEntry(1_000, client, sequence, sequence - 1, List.of(commands));
        Applied applied = machine.apply(entry);
        write(evictions.applied(applied.changes(), machine.state()));
        return applied;
    }

    private void write(List<Command.Write> victims) {
        if (!victims.isEmpty()) {
            apply(victims.toArray(new Command[0]));
        }
    }

    private long create(String name, long maxEntries, long maxBytes) {
        CacheDefinition definition =
                new CacheDefinition(name, ExpiryRule.ETERNAL, maxEntries, maxBytes, new TreeMap<>());
        return apply(new Command.CreateCache(definition))
                .outcomes()
                .get(0)
                .get(0)
                .afterVersion();
    }

    private static Bytes key(int number) {
        return Bytes.wrap(ByteBuffer.allocate(4).putInt(number).array());
    }

    private void put(long cache, int number, int size) {
        apply(new Command.Write(
                cache, key(number), Condition.ANY, new Mutation.Put(Bytes.wrap(new byte[size]), Expiry.ETERNAL)));
    }

    private void fill(long cache, int count, int size) {
        for (int i = 0; i < count; i++) {
            put(cache, i, size);
        }
    }

    private long bytes(long cache) {
        long sum = 0;
        for (Bytes each : machine.state().keys(cache)) {
            sum += each.length() + machine.state().get(cache, each).value().length();
        }
        return sum;
    }

    @Test
    void entriesAreBounded() {
        long cache = create("c", 50, CacheDefinition.UNBOUNDED);
        fill(cache, 1000, 10);
        assertThat(machine.state().size(cache)).isBetween(40, 50);
    }

    @Test
    void bytesAreBounded() {
        long cache = create("c", CacheDefinition.UNBOUNDED, 10_000);
        fill(cache, 1000, 96);
        assertThat(bytes(cache)).isBetween(7_000L, 10_000L);
    }

    @Test
    void bothBoundsHold() {
        long small = create("small", 50, 10_000);
        fill(small, 1000, 10);
        assertThat(machine.state().size(small)).isBetween(40, 50);
        long large = create("large", 50, 10_000);
        fill(large, 1000, 996);
        assertThat(bytes(large)).isBetween(5_000L, 10_000L);
    }

    @Test
    void whatHasNoBoundsStays() {
        long cache = create("c", CacheDefinition.UNBOUNDED, CacheDefinition.UNBOUNDED);
        fill(cache, 1000, 10);
        assertThat(machine.state().size(cache)).isEqualTo(1000);
    }

    @Test
    void whatIsReadOftenOutlivesAScan() {
        long cache = create("c", 100, CacheDefinition.UNBOUNDED);
        fill(cache, 50, 10);
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 50; i++) {
                evictions.used(cache, key(i), machine::state);
            }
        }
        for (int i = 1000; i < 3000; i++) {
            put(cache, i, 10);
        }
        int survivors = 0;
        for (int i = 0; i < 50; i++) {
            survivors += machine.state().get(cache, key(i)) == null ? 0 : 1;
        }
        assertThat(survivors).isGreaterThan(40);
    }

    @Test
    void aNewLeaderGoesOnFromTheState() {
        long cache = create("c", 50, CacheDefinition.UNBOUNDED);
        fill(cache, 50, 10);
        evictions = new Evictions(() -> {});
        write(evictions.restored(machine.state()));
        for (int i = 100; i < 200; i++) {
            put(cache, i, 10);
        }
        assertThat(machine.state().size(cache)).isBetween(40, 50);
    }

    @Test
    void aClearedCacheStartsAnew() {
        long cache = create("c", 50, CacheDefinition.UNBOUNDED);
        fill(cache, 50, 10);
        apply(new Command.Clear(cache));
        fill(cache, 50, 10);
        assertThat(machine.state().size(cache)).isEqualTo(50);
        apply(new Command.DestroyCache(cache));
        long again = create("c", 50, CacheDefinition.UNBOUNDED);
        fill(again, 60, 10);
        assertThat(machine.state().size(again)).isBetween(40, 50);
    }

    private void relearnReads(Evictions from) {
        from.takeReads(Integer.MAX_VALUE, machine.state()).forEach(evictions::learnReads);
    }

    /** Hits in a hundred when members read through in turn; those that do not lead tell of it once in so many requests. */
    private double hitRatio(int[] requests, int maxEntries, List<Evictions> members, int tellAfter) {
        long cache = create("c" + machine.state().caches().size(), maxEntries, 64 << 20);
        int hits = 0;
        for (int i = 0; i < requests.length; i++) {
            Evictions member = members.get(i % members.size());
            if (machine.state().get(cache, key(requests[i])) != null) {
                hits++;
                member.used(cache, key(requests[i]), machine::state);
            } else {
                put(cache, requests[i], 100);
            }
            if (i % tellAfter == tellAfter - 1) {
                members.stream().filter(each -> each != evictions).forEach(this::relearnReads);
            }
        }
        return 100.0 * hits / requests.length;
    }

    /** Within a point of Caffeine, wherever is read; and far from it if the leader did not hear of it. */
    @Test
    void theHitRatioIsThatOfCaffeine() {
        int[] requests = Workload.zipf(10_000, 100_000);
        Evictions second = new Evictions(() -> {});
        Evictions third = new Evictions(() -> {});
        double caffeine = Workload.caffeine(requests, 500);
        assertThat(hitRatio(requests, 500, List.of(evictions), 1)).isBetween(caffeine - 1, caffeine + 1);
        assertThat(hitRatio(requests, 500, List.of(evictions, second, third), 500))
                .isBetween(caffeine - 1, caffeine + 1);
        assertThat(hitRatio(requests, 500, List.of(second, third), 500)).isBetween(caffeine - 1, caffeine + 1);
        assertThat(hitRatio(requests, 500, List.of(second, third), Integer.MAX_VALUE))
                .isLessThan(caffeine - 2);
    }

    @Test
    void readsAreTakenOnceAndOnlyOfCachesWithBounds() {
        long bounded = create("bounded", 50, CacheDefinition.UNBOUNDED);
        long unbounded = create("unbounded", CacheDefinition.UNBOUNDED, CacheDefinition.UNBOUNDED);
        evictions.used(bounded, key(1), machine::state);
        evictions.used(unbounded, key(2), machine::state);
        assertThat(evictions.takeReads(1000, machine.state())).isEqualTo(Map.of(bounded, List.of(key(1))));
        assertThat(evictions.takeReads(1000, machine.state())).isEmpty();
        evictions.used(bounded, key(1), machine::state);
        apply(new Command.DestroyCache(bounded));
        assertThat(evictions.takeReads(1000, machine.state())).isEmpty();
    }

    /** When bytes bind later, what was useful before stays. */
    @Test
    void largeEntriesDriveOutTheLeastUsefulOnes() {
        long cache = create("c", 1000, 100_000);
        fill(cache, 500, 10);
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 100; i++) {
                evictions.used(cache, key(i), machine::state);
            }
            put(cache, 0, 10);
        }
        for (int i = 1000; i < 1400; i++) {
            put(cache, i, 996);
        }
        assertThat(bytes(cache)).isBetween(70_000L, 100_000L);
        assertThat(machine.state().get(cache, key(7))).isNotNull();
        assertThat(machine.state().get(cache, key(400))).isNull();
    }

    @Test
    void aLeaderAgainForgetsWhatIsGone() {
        long cache = create("c", 50, CacheDefinition.UNBOUNDED);
        fill(cache, 50, 10);
        Evictions former = evictions;
        former.retired();
        evictions = new Evictions(() -> {});
        write(evictions.restored(machine.state()));
        apply(new Command.Clear(cache));
        evictions = former;
        write(evictions.restored(machine.state()));
        fill(cache, 50, 10);
        assertThat(machine.state().size(cache)).isEqualTo(50);
    }
}
