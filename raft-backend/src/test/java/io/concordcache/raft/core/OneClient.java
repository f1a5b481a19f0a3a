package io.concordcache.raft.core;

import io.concordcache.raft.wire.CommandCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One client of one machine: numbers the entries and holds the leader's clock, which tests move by hand. */
final class OneClient {
    final CacheMachine machine;
    final ClientId id;
    final List<Change> changes = new ArrayList<>();
    long clock = 1_000;
    private long sequence;

    OneClient() {
        this(new CacheMachine(CommandCodec::decodeCommand));
    }

    OneClient(CacheMachine machine) {
        this.machine = machine;
        id = register(machine, clock);
    }

    static ClientId register(CacheMachine machine, long millis) {
        Applied applied = machine.apply(LogEntry.registration(millis));
        return ClientId.of(applied.outcomes().get(0).get(0).afterVersion());
    }

    Applied apply(Command... commands) {
        sequence++;
        Applied applied = machine.apply(new LogEntry(clock, id, sequence, sequence - 1, List.of(commands)));
        changes.addAll(applied.changes());
        return applied;
    }

    Outcome one(Command command) {
        return apply(command).outcomes().get(0).get(0);
    }

    long create(CacheDefinition definition) {
        return one(new Command.CreateCache(definition)).afterVersion();
    }

    Outcome write(long cache, String key, Condition when, Mutation then) {
        return one(new Command.Write(cache, bytes(key), when, then, Command.Returning.VALUE_BEFORE, 0));
    }

    Outcome put(long cache, String key, String value) {
        return write(cache, key, Condition.ANY, new Mutation.Put(bytes(value), Expiry.BY_RULE));
    }

    Outcome put(long cache, String key, String value, long ttlMillis) {
        return write(cache, key, Condition.ANY, new Mutation.Put(bytes(value), Expiry.after(ttlMillis)));
    }

    List<Change.Kind> kinds() {
        return changes.stream().map(Change::kind).toList();
    }

    static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
