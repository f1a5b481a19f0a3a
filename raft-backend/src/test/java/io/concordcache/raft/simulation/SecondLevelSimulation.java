package io.concordcache.raft.simulation;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.ExpiryRule;
import io.concordcache.raft.core.LockId;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Slot;
import io.concordcache.raft.wire.CommandCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A database with row locks, transactions that write, load and query it, and the cache before it, step by step in an order
 * drawn from a seed. Whatever is readable in the cache must be what the database has at that moment.
 */
final class SecondLevelSimulation {
    private static final int ROWS = 3;
    private static final long TTL_MILLIS = 40;

    /** What is left out. */
    enum Canary {
        NONE,
        /** A load is put like any value. */
        PLAIN_PUT,
        /** A load says that it began when it is put. */
        LATE_BEGIN,
        /** The database commits before the lock. */
        LOCK_AFTER_COMMIT,
        /** The lock ends before the database commits. */
        UNLOCK_BEFORE_COMMIT,
        /** The new value is stored whoever else wrote. */
        ALWAYS_FILL,
        /** Query spaces are marked, but not locked. */
        NO_SPACE_LOCK,
        /** A bulk statement locks nothing. */
        NO_BULK_LOCK,
        /** A result says that it began when it is put. */
        LATE_QUERY
    }

    /** What the transactions did; the interesting cases must not be missing. */
    static final class Counts {
        int readable;
        int validQueries;
        int filled;
        int refused;
        int crashed;
        int timedOut;
    }

    private interface Transaction {
        /** One step; false when there is no further. */
        boolean step();
    }

    private final Random random;
    private final Canary canary;
    private final CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
    private final ClientId client;
    private final long entities;
    private final long spaces;
    private final long queries;
    private final Slot space;
    private final int[] committed = new int[ROWS];
    private final boolean[] rowLocked = new boolean[ROWS];
    private final List<Transaction> running = new ArrayList<>();
    private final TreeMap<Integer, Long> oldStamps = new TreeMap<>();
    private final Counts counts;
    private long clock = 1_000;
    private long sequence;
    private long lockNumber;
    private int values;

    SecondLevelSimulation(long seed, Canary canary, Counts counts) {
        this.random = new Random(seed * 0x9e37_79b9_7f4a_7c15L);
        this.canary = canary;
        this.counts = counts;
        Applied registered = machine.apply(LogEntry.registration(clock));
        client = ClientId.of(registered.outcomes().get(0).get(0).afterVersion());
        ExpiryRule rule = random.nextInt(3) == 0
                ? new ExpiryRule(Expiry.after(30), Expiry.UNCHANGED, Expiry.after(30))
                : ExpiryRule.ETERNAL;
        entities = create(new CacheDefinition(
                "entities", rule, CacheDefinition.UNBOUNDED, CacheDefinition.UNBOUNDED, new TreeMap<>()));
        spaces = create(CacheDefinition.named("spaces"));
        queries = create(CacheDefinition.named("queries"));
        space = new Slot(spaces, number(0));
    }

    private long create(CacheDefinition definition) {
        return apply(new Command.CreateCache(definition)).afterVersion();
    }

    private Outcome apply(Command command) {
        sequence++;
        return machine.apply(new LogEntry(clock, client, sequence, sequence - 1, List.of(command)))
                .outcomes()
                .get(0)
                .get(0);
    }

    private static Bytes number(long value) {
        return Bytes.wrap(ByteBuffer.allocate(8).putLong(value).array());
    }

    private static long number(Bytes bytes) {
        return ByteBuffer.wrap(bytes.unwrap()).getLong();
    }

    private Slot row(int row) {
        return new Slot(entities, number(row));
    }

    private long sum() {
        long sum = 0;
        for (int value : committed) {
            sum = sum * 1_000_003 + value;
        }
        return sum;
    }

    /** What is wrong, null if nothing is. */
    @Nullable
    String run(int steps) {
        for (int i = 0; i < steps; i++) {
            clock += random.nextInt(30) == 0 ? random.nextInt((int) TTL_MILLIS) : random.nextInt(3);
            oldStamps.put(i, machine.state().lastStamp());
            if (running.size() < 5 && random.nextInt(3) == 0) {
                running.add(begin(i));
            }
            if (random.nextInt(25) == 0) {
                disturb();
            } else if (!running.isEmpty()) {
                int turn = random.nextInt(running.size());
                if (!running.get(turn).step()) {
                    running.remove(turn);
                }
            }
            String wrong = check();
            if (wrong != null) {
                return "step " + i + ": " + wrong;
            }
        }
        return null;
    }

    /** What a node far behind has seen of the clock is a safe time of its transaction's begin. */
    private long beginAt(int step) {
        long seen = random.nextInt(4) == 0
                ? oldStamps.get(Math.max(0, step - random.nextInt(10)))
                : machine.state().lastStamp();
        return seen + 1;
    }

    private Transaction begin(int step) {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> new Writer();
            case 3 -> new Bulk();
            case 4, 5 -> new Query(beginAt(step));
            default -> new Loader(beginAt(step), random.nextInt(ROWS));
        };
    }

    /** What the outside does to the cache; none of it may bring old values back. */
    private void disturb() {
        Slot slot = row(random.nextInt(ROWS));
        switch (random.nextInt(5)) {
            case 0 -> apply(new Command.Invalidate(slot));
            case 1 -> apply(new Command.Clear(random.nextBoolean() ? entities : spaces));
            case 2 -> apply(new Command.Write(slot.cacheId(), slot.key(), Condition.ANY, Mutation.EVICT));
            case 3 -> apply(new Command.Write(space.cacheId(), space.key(), Condition.ANY, Mutation.EVICT));
            default -> apply(new Command.Tick());
        }
    }

    private @Nullable String check() {
        for (int row = 0; row < ROWS; row++) {
            Entry entry = machine.state().get(entities, number(row));
            if (entry != null) {
                counts.readable++;
                if (number(entry.value()) != committed[row]) {
                    return "row " + row + " reads " + number(entry.value()) + ", the database has " + committed[row];
                }
            }
        }
        Entry mark = machine.state().get(spaces, space.key());
        Entry result = machine.state().get(queries, number(0));
        if (mark != null && result != null) {
            ByteBuffer content = ByteBuffer.wrap(result.value().unwrap());
            if (content.getLong() > mark.version()) {
                counts.validQueries++;
                long read = content.getLong();
                if (read != sum()) {
                    return "the query reads " + read + ", the database has " + sum();
                }
            }
        }
        return null;
    }

    private abstract class Locking implements Transaction {
        final LockId id = new LockId(1, ++lockNumber);
        final boolean crashes = random.nextInt(12) == 0;
        final boolean rollsBack = random.nextInt(6) == 0;
        private long locked;
        private int next;

        abstract boolean lockRows();

        abstract Command.SoftLock lock(List<Slot> marks);

        abstract void commit();

        abstract void unlockRows();

        abstract List<Command.Fill> fills();

        abstract boolean isLockLeftOut();

        @Override
        public boolean step() {
            switch (next) {
                case 0 -> next = lockRows() ? 1 : 0;
                case 1 -> {
                    next = 2;
                    if (canary != Canary.LOCK_AFTER_COMMIT) {
                        return takeLock();
                    }
                }
                case 2 -> {
                    if (canary == Canary.UNLOCK_BEFORE_COMMIT) {
                        unlock();
                    }
                    boolean late = locked > 0 && clock - locked >= 2 * TTL_MILLIS; // the window that no cache can close
                    if (!rollsBack && !late && !(crashes && random.nextBoolean())) {
                        commit();
                    }
                    unlockRows();
                    next = 3;
                    if (crashes) {
                        counts.crashed++;
                        return false;
                    }
                }
                default -> {
                    if (canary == Canary.LOCK_AFTER_COMMIT) {
                        takeLock();
                    }
                    if (canary != Canary.UNLOCK_BEFORE_COMMIT) {
                        unlock();
                    }
                    return false;
                }
            }
            return true;
        }

        private boolean takeLock() {
            locked = clock;
            if (isLockLeftOut()
                    || apply(lock(canary == Canary.NO_SPACE_LOCK ? List.of() : List.of(space)))
                            .held()) {
                return true;
            }
            unlockRows();
            return false;
        }

        private void unlock() {
            List<Command.Fill> fills = fills();
            if (!apply(new Command.SoftUnlock(id, fills, List.of(space))).held()) {
                counts.timedOut++;
                return;
            }
            for (Command.Fill fill : fills) {
                Slot slot = fill.slot();
                if (canary == Canary.ALWAYS_FILL) {
                    apply(new Command.Write(
                            slot.cacheId(), slot.key(), Condition.ANY, new Mutation.Put(fill.value(), Expiry.BY_RULE)));
                }
                counts.filled += machine.state().get(slot.cacheId(), slot.key()) == null ? 0 : 1;
            }
        }
    }

    private final class Writer extends Locking {
        private final int row = random.nextInt(ROWS);
        private final int value = ++values;
        private boolean committedHere;

        @Override
        boolean lockRows() {
            boolean free = !rowLocked[row];
            rowLocked[row] = true;
            return free;
        }

        @Override
        Command.SoftLock lock(List<Slot> marks) {
            List<Slot> slots = new ArrayList<>(marks);
            slots.add(row(row));
            return new Command.SoftLock(id, TTL_MILLIS, slots, List.of());
        }

        @Override
        void commit() {
            committed[row] = value;
            committedHere = true;
        }

        @Override
        void unlockRows() {
            rowLocked[row] = false;
        }

        @Override
        List<Command.Fill> fills() {
            return committedHere || canary == Canary.UNLOCK_BEFORE_COMMIT
                    ? List.of(new Command.Fill(row(row), number(value)))
                    : List.of();
        }

        @Override
        boolean isLockLeftOut() {
            return false;
        }
    }

    private final class Bulk extends Locking {
        private final int value = ++values;

        @Override
        boolean lockRows() {
            for (boolean locked : rowLocked) {
                if (locked) {
                    return false;
                }
            }
            Arrays.fill(rowLocked, true);
            return true;
        }

        @Override
        Command.SoftLock lock(List<Slot> marks) {
            return new Command.SoftLock(id, TTL_MILLIS, marks, List.of(entities));
        }

        @Override
        void commit() {
            Arrays.fill(committed, value);
        }

        @Override
        void unlockRows() {
            Arrays.fill(rowLocked, false);
        }

        @Override
        List<Command.Fill> fills() {
            return List.of();
        }

        @Override
        boolean isLockLeftOut() {
            return canary == Canary.NO_BULK_LOCK;
        }
    }

    private final class Loader implements Transaction {
        private final long began;
        private final int row;
        private int read = -1;

        Loader(long began, int row) {
            this.began = began;
            this.row = row;
        }

        @Override
        public boolean step() {
            if (read < 0) {
                read = committed[row];
                return true;
            }
            Slot slot = row(row);
            if (canary == Canary.PLAIN_PUT) {
                apply(new Command.Write(
                        slot.cacheId(), slot.key(), Condition.ANY, new Mutation.Put(number(read), Expiry.BY_RULE)));
            } else {
                long at = canary == Canary.LATE_BEGIN ? machine.state().lastStamp() + 1 : began;
                counts.refused +=
                        apply(new Command.PutFromLoad(slot, at, number(read))).held() ? 0 : 1;
            }
            return false;
        }
    }

    private final class Query implements Transaction {
        private final long began;
        private @Nullable Long result;

        Query(long began) {
            this.began = began;
        }

        @Override
        public boolean step() {
            if (result == null) {
                result = sum();
                return true;
            }
            long at = canary == Canary.LATE_QUERY ? machine.state().lastStamp() + 1 : began;
            byte[] content = ByteBuffer.allocate(16).putLong(at).putLong(result).array();
            apply(new Command.Write(
                    queries, number(0), Condition.ANY, new Mutation.Put(Bytes.wrap(content), Expiry.ETERNAL)));
            if (machine.state().get(spaces, space.key()) == null) {
                apply(new Command.PutFromLoad(space, at, Bytes.EMPTY));
            }
            return false;
        }
    }
}
