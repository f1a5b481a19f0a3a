package io.concordcache.raft.core;

import io.concordcache.raft.wire.CommandCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One client of one machine: numbers the entries and holds the leader's clock, which tests move by hand. */
final class OneClient {
    static final ClientId ID = new ClientId(7, 9);

    final CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
    final List<Change> changes = new ArrayList<>();
    long clock = 1_000;
    private long sequence;

    Applied apply(Command... commands) {
        sequence++;
        Applied applied = machine.apply(new LogEntry(clock, ID, sequence, sequence - 1, List.of(commands)));
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
