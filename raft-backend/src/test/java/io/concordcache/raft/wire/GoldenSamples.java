package io.concordcache.raft.wire;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.ExpiryRule;
import io.concordcache.raft.core.LockId;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Slot;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The log entries whose bytes are the first golden lines, in their order. Only added to. */
final class GoldenSamples {
    private static final long CACHE = 0x0102_0304_0506_0708L;
    private static final Bytes KEY = Bytes.wrap(new byte[] {'k', 'e', 'y'});
    private static final Bytes VALUE = Bytes.wrap(new byte[] {(byte) 0xca, (byte) 0xfe});

    static final List<LogEntry> ENTRIES = List.of(
            entry(new Command.Write(CACHE, KEY, Condition.ANY, new Mutation.Put(VALUE, Expiry.BY_RULE))),
            entry(new Command.Write(
                    CACHE,
                    KEY,
                    Condition.ABSENT,
                    new Mutation.Put(VALUE, Expiry.UNCHANGED),
                    Command.Returning.VALUE_BEFORE,
                    0)),
            entry(new Command.Write(CACHE, KEY, Condition.PRESENT, new Mutation.Put(Bytes.EMPTY, Expiry.ETERNAL))),
            entry(new Command.Write(
                    CACHE,
                    KEY,
                    new Condition.VersionIs(1_700_000_000_000L << 20),
                    Mutation.REMOVE,
                    Command.Returning.NOTHING,
                    77)),
            entry(new Command.Write(CACHE, Bytes.EMPTY, Condition.ANY, Mutation.EVICT)),
            entry(new Command.Write(CACHE, KEY, Condition.ANY, new Mutation.Touch(Expiry.after(60_000)))),
            entry(new Command.Write(CACHE, KEY, Condition.ANY, new Mutation.Touch(Expiry.after(Expiry.NEVER - 1)))),
            entry(new Command.Batch(
                    CACHE,
                    List.of(
                            new Command.Write(CACHE, KEY, Condition.ANY, new Mutation.Put(VALUE, Expiry.after(0))),
                            new Command.Write(CACHE, VALUE, Condition.PRESENT, Mutation.REMOVE)))),
            entry(new Command.Batch(CACHE, List.of())),
            entry(new Command.Clear(CACHE)),
            entry(new Command.CreateCache(CacheDefinition.named("cache"))),
            entry(new Command.CreateCache(new CacheDefinition(
                    "größe",
                    new ExpiryRule(Expiry.after(1_000), Expiry.UNCHANGED, Expiry.after(0)),
                    1_000,
                    1L << 40,
                    new TreeMap<>(Map.of("a", "1", "b", ""))))),
            entry(new Command.DestroyCache(CACHE)),
            entry(new Command.Tick()),
            entry(new Command.LockKey(CACHE, KEY, 5_000)),
            entry(new Command.UnlockKey(CACHE, KEY, CACHE + 1)),
            new LogEntry(-1, new ClientId(-1, Long.MIN_VALUE), Long.MAX_VALUE, 300, List.of()),
            entry(new Command.Tick(), new Command.Clear(CACHE), new Command.Tick()),
            entry(new Command.Part(CACHE, 1, 3, VALUE)),
            LogEntry.registration(1_700_000_000_000L),
            entry(new Command.RenewLease("m1", -5, 1_000)),
            entry(new Command.SoftLock(
                    new LockId(-1, 300), 60_000, List.of(new Slot(CACHE, KEY)), List.of(CACHE, CACHE + 1))),
            entry(new Command.SoftUnlock(
                    new LockId(7, 0),
                    List.of(new Command.Fill(new Slot(CACHE, KEY), VALUE)),
                    List.of(new Slot(CACHE + 1, VALUE)))),
            entry(new Command.PutFromLoad(new Slot(CACHE, KEY), 1_700_000_000_000L << 20, VALUE)),
            entry(new Command.Invalidate(new Slot(CACHE, KEY))));

    private GoldenSamples() {}

    private static LogEntry entry(Command... commands) {
        return new LogEntry(1_700_000_000_000L, new ClientId(1, 2), 3, 2, List.of(commands));
    }
}
