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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Arbitrary values of everything that has a wire shape, by type. */
final class Shapes {
    private Shapes() {}

    static Arbitrary<Bytes> bytes() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(40).map(Bytes::wrap);
    }

    static Arbitrary<Expiry> expiries() {
        return Arbitraries.oneOf(Arbitraries.of(Expiry.BY_RULE, Expiry.UNCHANGED, Expiry.ETERNAL), fixedExpiries());
    }

    private static Arbitrary<Expiry> fixedExpiries() {
        return Arbitraries.longs().between(0, Expiry.NEVER).map(Expiry::after);
    }

    static Map<Class<?>, Arbitrary<? extends Condition>> conditions() {
        Map<Class<?>, Arbitrary<? extends Condition>> all = new LinkedHashMap<>();
        all.put(Condition.Any.class, Arbitraries.just(Condition.ANY));
        all.put(Condition.Absent.class, Arbitraries.just(Condition.ABSENT));
        all.put(Condition.Present.class, Arbitraries.just(Condition.PRESENT));
        all.put(Condition.VersionIs.class, Arbitraries.longs().map(Condition.VersionIs::new));
        return all;
    }

    static Map<Class<?>, Arbitrary<? extends Mutation>> mutations() {
        Map<Class<?>, Arbitrary<? extends Mutation>> all = new LinkedHashMap<>();
        all.put(Mutation.Put.class, Combinators.combine(bytes(), expiries()).as(Mutation.Put::new));
        all.put(Mutation.Remove.class, Arbitraries.just(Mutation.REMOVE));
        all.put(Mutation.Evict.class, Arbitraries.just(Mutation.EVICT));
        all.put(Mutation.Touch.class, expiries().map(Mutation.Touch::new));
        return all;
    }

    static Map<Class<?>, Arbitrary<? extends Command>> commands() {
        Map<Class<?>, Arbitrary<? extends Command>> all = new LinkedHashMap<>();
        Arbitrary<Long> ids = Arbitraries.longs();
        all.put(Command.Write.class, ids.flatMap(Shapes::writes));
        all.put(
                Command.Batch.class,
                ids.flatMap(
                        id -> writes(id).list().ofMaxSize(5).map(writes -> new Command.Batch(id, distinct(writes)))));
        all.put(Command.Clear.class, ids.map(Command.Clear::new));
        all.put(Command.CreateCache.class, definitions().map(Command.CreateCache::new));
        all.put(Command.DestroyCache.class, ids.map(Command.DestroyCache::new));
        all.put(Command.Tick.class, Arbitraries.just(new Command.Tick()));
        all.put(
                Command.LockKey.class,
                Combinators.combine(ids, bytes(), Arbitraries.longs().between(0, Long.MAX_VALUE))
                        .as(Command.LockKey::new));
        all.put(
                Command.Part.class,
                Combinators.combine(ids, Arbitraries.integers().between(0, 9), bytes())
                        .as((id, index, content) -> new Command.Part(id, index, 10, content)));
        all.put(Command.Register.class, Arbitraries.just(new Command.Register()));
        all.put(
                Command.RenewLease.class,
                Combinators.combine(texts(), ids, Arbitraries.longs().between(0, Long.MAX_VALUE))
                        .as(Command.RenewLease::new));
        Arbitrary<LockId> lockIds = Combinators.combine(ids, Arbitraries.longs().between(0, Long.MAX_VALUE))
                .as(LockId::new);
        Arbitrary<Slot> slots = Combinators.combine(ids, bytes()).as(Slot::new);
        all.put(
                Command.SoftLock.class,
                Combinators.combine(
                                lockIds,
                                Arbitraries.longs().between(0, Long.MAX_VALUE),
                                slots.list().ofMaxSize(4),
                                ids.list().ofMaxSize(3))
                        .as(Command.SoftLock::new));
        all.put(
                Command.SoftUnlock.class,
                Combinators.combine(
                                lockIds,
                                slots.list().uniqueElements().ofMaxSize(7),
                                Arbitraries.integers().between(0, 7),
                                bytes())
                        .as((id, some, fills, value) -> new Command.SoftUnlock(
                                id,
                                some.stream()
                                        .limit(fills)
                                        .map(slot -> new Command.Fill(slot, value))
                                        .toList(),
                                some.stream().skip(fills).toList())));
        all.put(
                Command.PutFromLoad.class,
                Combinators.combine(slots, ids, bytes()).as(Command.PutFromLoad::new));
        all.put(Command.Invalidate.class, slots.map(Command.Invalidate::new));
        all.put(Command.UnlockKey.class, Combinators.combine(ids, bytes(), ids).as(Command.UnlockKey::new));
        return all;
    }

    private static List<Command.Write> distinct(List<Command.Write> writes) {
        Map<Bytes, Command.Write> byKey = new LinkedHashMap<>();
        writes.forEach(write -> byKey.put(write.key(), write));
        return List.copyOf(new LinkedHashSet<>(byKey.values()));
    }

    private static Arbitrary<Command.Write> writes(long cacheId) {
        return Combinators.combine(
                        bytes(),
                        oneOf(conditions()),
                        oneOf(mutations()),
                        Arbitraries.of(Command.Returning.class),
                        Arbitraries.longs())
                .as((key, when, then, returning, lock) -> new Command.Write(cacheId, key, when, then, returning, lock));
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withCharRange('\u0001', '\ud7ff')
                .ofMinLength(1)
                .ofMaxLength(20);
    }

    static Arbitrary<CacheDefinition> definitions() {
        Arbitrary<Expiry> fixed = Arbitraries.oneOf(Arbitraries.of(Expiry.UNCHANGED, Expiry.ETERNAL), fixedExpiries());
        Arbitrary<Long> bounds = Arbitraries.longs().between(1, Long.MAX_VALUE);
        return Combinators.combine(
                        texts(),
                        Combinators.combine(fixed, fixed, fixed).as(ExpiryRule::new),
                        bounds,
                        bounds,
                        Arbitraries.maps(texts(), texts()).ofMaxSize(4))
                .as((name, rule, entries, bytes, attributes) ->
                        new CacheDefinition(name, rule, entries, bytes, new TreeMap<>(attributes)));
    }

    static Arbitrary<Command> command() {
        return oneOf(commands());
    }

    static Arbitrary<LogEntry> entries() {
        Arbitrary<LogEntry> registrations = Combinators.combine(
                        Arbitraries.longs(),
                        Arbitraries.just((Command) new Command.Register())
                                .list()
                                .ofMaxSize(3))
                .as((millis, commands) -> new LogEntry(millis, ClientId.NONE, 0, 0, commands));
        return Arbitraries.frequencyOf(Tuple.of(9, entriesOfSessions()), Tuple.of(1, registrations));
    }

    private static Arbitrary<LogEntry> entriesOfSessions() {
        Arbitrary<Long> any = Arbitraries.longs();
        return Combinators.combine(
                        any,
                        Combinators.combine(any, any).as(ClientId::new).filter(client -> !client.equals(ClientId.NONE)),
                        Arbitraries.longs().between(1, Long.MAX_VALUE),
                        Arbitraries.longs().between(0, Long.MAX_VALUE),
                        command()
                                .filter(command -> !(command instanceof Command.Register))
                                .list()
                                .ofMaxSize(5))
                .as((millis, client, sequence, acknowledged, commands) ->
                        new LogEntry(millis, client, sequence, acknowledged % sequence, commands));
    }

    private static <T> Arbitrary<T> oneOf(Map<Class<?>, Arbitrary<? extends T>> byType) {
        return Arbitraries.of(byType.keySet()).flatMap(type -> byType.get(type).map(value -> (T) value));
    }
}
