package io.concordcache.raft.core;

import io.concordcache.raft.wire.CommandCodec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.RandomDistribution;

/**
 * Log entries that do something: a few caches and keys, versions and lock tokens that were really given out, small steps
 * of a clock that now and then jumps back, and at times so far ahead that clients are forgotten. Each step is drawn from a number of its own, so that a failing sequence
 * shrinks to the steps that matter.
 */
final class Steps {
    private static final List<Expiry> EXPIRIES = List.of(
            Expiry.BY_RULE, Expiry.UNCHANGED, Expiry.ETERNAL, Expiry.after(0), Expiry.after(3), Expiry.after(12));
    private static final List<Expiry> RULED = EXPIRIES.subList(1, EXPIRIES.size());

    private final CacheMachine driver = new CacheMachine(CommandCodec::decodeCommand);
    private final List<LogEntry> entries = new ArrayList<>();
    private final List<Long> tokens = new ArrayList<>(List.of(0L));
    private final ClientId[] clients = new ClientId[3];
    private final long[] sequences = new long[clients.length];
    private final List<LogEntry> lastOf = new ArrayList<>();
    private long clock = 1_000;

    private Steps() {}

    static Arbitrary<List<LogEntry>> logs(boolean repeats) {
        return Arbitraries.longs()
                .list()
                .ofMinSize(1)
                .ofMaxSize(100)
                .withSizeDistribution(RandomDistribution.uniform())
                .map(numbers -> log(numbers, repeats));
    }

    private static List<LogEntry> log(List<Long> numbers, boolean repeats) {
        Steps steps = new Steps();
        for (int client = 0; client < steps.clients.length; client++) {
            steps.register(client);
        }
        steps.clock++;
        steps.add(new Random(0), List.of(new Command.CreateCache(CacheDefinition.named("c0"))));
        numbers.forEach(number -> steps.step(new Random(number * 0x9e37_79b9_7f4a_7c15L), repeats));
        return steps.entries;
    }

    private void step(Random random, boolean repeats) {
        clock += random.nextInt(12) == 0 ? -random.nextInt(30) : random.nextInt(4);
        if (random.nextInt(100) == 0) {
            clock += CacheMachine.SESSION_IDLE_MILLIS;
        }
        if (repeats && !lastOf.isEmpty() && random.nextInt(6) == 0) {
            LogEntry again = lastOf.get(random.nextInt(lastOf.size())).at(clock);
            driver.apply(again);
            entries.add(again);
            return;
        }
        List<Command> commands = new ArrayList<>();
        for (int i = random.nextInt(4) == 0 ? 3 : 1; i > 0; i--) {
            commands.add(command(random));
        }
        add(random, commands);
    }

    /** In a millisecond of its own, so that the session has the same id in a log where entries come twice. */
    private void register(int client) {
        clock = Math.max(clock, Stamp.millis(driver.state().lastStamp())) + 1;
        LogEntry entry = LogEntry.registration(clock);
        clients[client] =
                ClientId.of(driver.apply(entry).outcomes().get(0).get(0).afterVersion());
        sequences[client] = 0;
        entries.add(entry);
    }

    private void add(Random random, List<Command> commands) {
        int client = random.nextInt(clients.length);
        long sequence = ++sequences[client];
        long acknowledged = Math.max(0, sequence - 1 - random.nextInt(3));
        LogEntry entry = new LogEntry(clock, clients[client], sequence, acknowledged, commands);
        Applied applied = driver.apply(entry);
        entries.add(entry);
        lastOf.add(entry);
        if (applied.result() == Applied.Result.CLIENT_UNKNOWN) {
            register(client);
            return;
        }
        for (int i = 0; i < commands.size(); i++) {
            if (commands.get(i) instanceof Command.LockKey) {
                tokens.add(applied.outcomes().get(i).get(0).afterVersion());
            }
        }
    }

    private long cache(Random random) {
        List<CacheInfo> caches = driver.state().caches();
        return caches.isEmpty() || random.nextInt(30) == 0
                ? 5
                : caches.get(random.nextInt(caches.size())).id();
    }

    static Bytes key(int index) {
        return Bytes.wrap(new byte[] {(byte) (index * 60)});
    }

    private Command command(Random random) {
        Bytes key = key(random.nextInt(4));
        return switch (random.nextInt(34)) {
            case 0 ->
                new Command.CreateCache(new CacheDefinition(
                        "c" + random.nextInt(3),
                        new ExpiryRule(ruled(random), ruled(random), ruled(random)),
                        CacheDefinition.UNBOUNDED,
                        CacheDefinition.UNBOUNDED,
                        new TreeMap<>()));
            case 1 ->
                random.nextInt(3) == 0 ? new Command.DestroyCache(cache(random)) : new Command.Clear(cache(random));
            case 2 -> new Command.Tick();
            case 3, 4 -> new Command.LockKey(cache(random), key, random.nextInt(15));
            case 5 -> new Command.UnlockKey(cache(random), key, token(random));
            case 24, 25, 26 ->
                new Command.SoftLock(
                        lockId(random),
                        random.nextInt(40),
                        random.nextInt(4) == 0 ? List.of() : List.of(slot(random), slot(random)),
                        random.nextInt(4) == 0 ? List.of(cache(random)) : List.of());
            case 27, 28, 29 -> {
                Slot slot = slot(random);
                Slot mark = slot(random);
                yield new Command.SoftUnlock(
                        lockId(random),
                        random.nextInt(3) == 0
                                ? List.of()
                                : List.of(new Command.Fill(slot, Bytes.wrap(new byte[random.nextInt(5)]))),
                        random.nextInt(3) == 0 && !mark.equals(slot) ? List.of(mark) : List.of());
            }
            case 30, 31, 32 ->
                new Command.PutFromLoad(
                        slot(random),
                        driver.state().lastStamp() - ((long) random.nextInt(20) << 20),
                        Bytes.wrap(new byte[random.nextInt(5)]));
            case 33 -> new Command.Invalidate(slot(random));
            case 6, 7, 8 -> {
                long cache = cache(random);
                LinkedHashSet<Integer> keys = new LinkedHashSet<>();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    keys.add(random.nextInt(4));
                }
                yield new Command.Batch(
                        cache,
                        keys.stream().map(of -> write(random, cache, key(of))).toList());
            }
            default -> write(random, cache(random), key);
        };
    }

    private Slot slot(Random random) {
        return new Slot(cache(random), key(random.nextInt(4)));
    }

    private static LockId lockId(Random random) {
        return new LockId(random.nextInt(2), random.nextInt(4));
    }

    private static Expiry ruled(Random random) {
        return RULED.get(random.nextInt(RULED.size()));
    }

    private long token(Random random) {
        return tokens.get(tokens.size() - 1 - random.nextInt(Math.min(3, tokens.size())));
    }

    private Command.Write write(Random random, long cache, Bytes key) {
        Entry current = driver.state().get(cache, key);
        Condition when = switch (random.nextInt(6)) {
            case 0 -> Condition.ABSENT;
            case 1 -> Condition.PRESENT;
            case 2 ->
                new Condition.VersionIs(
                        current == null || random.nextInt(4) == 0 ? random.nextInt(9) : current.version());
            default -> Condition.ANY;
        };
        Expiry expiry = EXPIRIES.get(random.nextInt(EXPIRIES.size()));
        Mutation then = switch (random.nextInt(8)) {
            case 0 -> Mutation.REMOVE;
            case 1 -> Mutation.EVICT;
            case 2, 3 -> new Mutation.Touch(expiry);
            default -> new Mutation.Put(Bytes.wrap(new byte[random.nextInt(5)]), expiry);
        };
        Command.Returning returning = Command.Returning.values()[random.nextInt(2)];
        return new Command.Write(cache, key, when, then, returning, random.nextInt(4) == 0 ? token(random) : 0);
    }
}
