package io.concordcache.raft.simulation;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.StateView;
import io.concordcache.raft.history.Op;
import io.concordcache.raft.history.Recorder;
import io.concordcache.raft.wire.CommandCodec;
import io.concordcache.raft.wire.SnapshotCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Replicas, clients, a network and a log, all driven by one seed. The log keeps Raft's promise: what is committed stays
 * in its place, what is not may vanish with its leader. Everything else goes wrong: requests are lost, doubled and late,
 * answers are lost, clocks differ and jump, at times so far that clients are forgotten, replicas lag, crash, and come back
 * from an old snapshot or another's.
 *
 * <p>What a replica or a client does can be overridden, to see that the checks notice one that does wrong.
 */
class Simulation {
    private static final String CLUSTER = "simulation";
    private static final int STEPS = 300;
    private static final int COUNTERS = 3;
    private static final long HOUR = 3_600_000;

    private final Random random;
    private final Path file;
    final History history;
    /** What clients saw of counters and claims. */
    final Recorder recorder = new Recorder();

    /** Whether clocks jump so far that clients are forgotten, and have to register anew. */
    private final boolean longJumps;

    /** A client's request: the client, which one of its calls, and the bytes. */
    private record Request(Client from, long call, ByteBuffer bytes) {}

    /** What stands in the log, and whose request it was; null for what was there from the beginning. */
    private record Placed(byte[] entry, Request request) {}

    private final List<Placed> committed = new ArrayList<>();
    private final List<Placed> tail = new ArrayList<>();
    private final List<Request> network = new ArrayList<>();
    private final List<Request> everSent = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private Replica leader;
    private long time = 1_700_000_000_000L;
    private long mainCache;

    private final int[] incremented = new int[COUNTERS];
    private final int[] perhapsIncremented = new int[COUNTERS];
    private final Map<Bytes, Bytes> winners = new HashMap<>();
    private int answered;

    Simulation(long seed, Path directory) {
        random = new Random(seed * 0x9e37_79b9_7f4a_7c15L);
        file = directory.resolve("snapshot");
        longJumps = seed % 4 == 0;
        history = new History("seed " + seed);
    }

    // What canaries get wrong

    /** What a replica applies of an entry. */
    LogEntry seenBy(LogEntry entry, long ownClock) {
        return entry;
    }

    /** What a replica makes of an entry. */
    Applied apply(CacheMachine machine, LogEntry entry) {
        return machine.apply(entry);
    }

    /** The number under which a client sends its request again. */
    long sequenceOfRetry(long sequence) {
        return sequence;
    }

    /** What a replica makes of the snapshot it restarts from. */
    CacheMachine restored(CacheMachine read) {
        return read;
    }

    /** Where a replica goes on after a snapshot of so many entries. */
    int resumeAfter(int entries) {
        return entries;
    }

    final class Replica {
        private CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        private boolean up = true;
        private int applied;
        private byte[] snapshot = new byte[0];
        private int snapshotEntries;
        private long skew = random.nextInt(10_000) - 5_000L;

        long clock() {
            return time + skew;
        }

        void applyNext(boolean answers) {
            if (!up || applied >= committed.size()) {
                return;
            }
            Placed placed = committed.get(applied);
            LogEntry entry = CommandCodec.decode(ByteBuffer.wrap(placed.entry));
            Applied result = apply(machine, seenBy(entry, clock()));
            history.applied(applied, entry, result);
            applied++;
            if (answers && placed.request != null) {
                placed.request.from.answer(placed.request.call, entry, result);
            }
        }

        void takeSnapshot() {
            if (up) {
                snapshot = bytes(machine);
                snapshotEntries = applied;
            }
        }

        void install(Replica from) {
            if (from.snapshotEntries > applied) {
                snapshot = from.snapshot;
                snapshotEntries = from.snapshotEntries;
                restart();
            }
        }

        void crash() {
            up = false;
            machine = new CacheMachine(CommandCodec::decodeCommand);
        }

        void restart() {
            up = true;
            machine = snapshot.length == 0 ? new CacheMachine(CommandCodec::decodeCommand) : restored(read(snapshot));
            applied = snapshot.length == 0 ? 0 : Math.min(committed.size(), resumeAfter(snapshotEntries));
        }

        private CacheMachine read(byte[] bytes) {
            try {
                return SnapshotCodec.read(Files.write(file, bytes), CLUSTER);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        Entry get(Bytes key) {
            Entry entry = machine.state().get(mainCache, key);
            if (entry != null) {
                history.read(applied, mainCache, key, entry);
            }
            return entry;
        }
    }

    static byte[] bytes(CacheMachine machine) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (StateView view = machine.view()) {
            SnapshotCodec.write(view, CLUSTER, out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    /** Registers, then has one request at a time; each is sent until it is answered. */
    final class Client {
        private ClientId id = ClientId.NONE;
        private long call;
        private long sequence;
        private long acknowledged;
        private List<Command> commands = List.of();
        private boolean waiting;
        private int counter = -1;
        private Bytes claim = Bytes.EMPTY;
        /** Number of what is recorded of the request, negative if nothing is. */
        private int recorded = -1;

        void step(boolean mayBegin) {
            if (waiting) {
                sequence = isRegistered() ? sequenceOfRetry(sequence) : 0;
                send();
            } else if (mayBegin) {
                begin();
                call++;
                sequence = isRegistered() ? sequence + 1 : 0;
                waiting = true;
                send();
            }
        }

        private boolean isRegistered() {
            return !id.equals(ClientId.NONE);
        }

        private void send() {
            LogEntry entry = new LogEntry(0, id, sequence, acknowledged, commands);
            Request request = new Request(this, call, CommandCodec.encodeRequest(entry));
            network.add(request);
            everSent.add(request);
        }

        private void begin() {
            counter = -1;
            claim = Bytes.EMPTY;
            recorded = -1;
            if (!isRegistered()) {
                commands = List.of(new Command.Register());
                return;
            }
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    counter = random.nextInt(COUNTERS);
                    commands = List.of(increment(counter));
                }
                case 2 -> {
                    claim = key("claim" + random.nextInt(12));
                    recorded =
                            recorder.begin(called(Op.Kind.PUT_IF_ABSENT, claim).with("value", text(name())));
                    commands = List.of(new Command.Write(
                            mainCache, claim, Condition.ABSENT, new Mutation.Put(name(), Expiry.ETERNAL)));
                }
                default -> commands = anything();
            }
        }

        private Op called(Op.Kind kind, Bytes key) {
            return Op.begun("c" + id.low(), kind, text(key), time);
        }

        private Bytes name() {
            return key(id.low() + "#" + sequence);
        }

        private Command increment(int of) {
            Bytes key = key("counter" + of);
            Entry read = any().get(key);
            recorder.add(found(read, called(Op.Kind.GET, key).ended(time, Op.Outcome.OK))
                    .with("level", "eventual"));
            int next = read == null ? 1 : ByteBuffer.wrap(read.value().unwrap()).getInt() + 1;
            Condition when = read == null ? Condition.ABSENT : new Condition.VersionIs(read.version());
            recorded = recorder.begin(
                    read == null
                            ? called(Op.Kind.PUT_IF_ABSENT, key).with("value", next)
                            : called(Op.Kind.CAS, key).with("value", next).with("expected", read.version()));
            Bytes value =
                    Bytes.wrap(ByteBuffer.allocate(Integer.BYTES).putInt(next).array());
            return new Command.Write(mainCache, key, when, new Mutation.Put(value, Expiry.ETERNAL));
        }

        private List<Command> anything() {
            CacheInfo scratch = any().machine.state().cache("scratch");
            if (scratch == null) {
                return List.of(new Command.CreateCache(CacheDefinition.named("scratch")));
            }
            List<Command> all = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                long cache = random.nextInt(3) == 0 ? mainCache : scratch.id();
                Bytes key = key("t" + random.nextInt(5));
                Expiry expiry = random.nextInt(4) == 0 ? Expiry.ETERNAL : Expiry.after(random.nextInt(200));
                all.add(
                        switch (random.nextInt(12)) {
                            case 0 -> new Command.Clear(scratch.id());
                            case 1 -> new Command.DestroyCache(scratch.id());
                            case 2 -> new Command.LockKey(cache, key, random.nextInt(100));
                            case 3, 4 -> new Command.Write(cache, key, Condition.PRESENT, new Mutation.Touch(expiry));
                            case 5 -> new Command.Write(cache, key, Condition.ANY, Mutation.REMOVE);
                            case 6 -> new Command.Tick();
                            case 7, 8 ->
                                new Command.Batch(
                                        cache,
                                        List.of(
                                                new Command.Write(
                                                        cache, key, Condition.ANY, new Mutation.Put(name(), expiry)),
                                                new Command.Write(
                                                        cache,
                                                        key("u" + random.nextInt(3)),
                                                        Condition.ABSENT,
                                                        new Mutation.Put(name(), expiry))));
                            default ->
                                new Command.Write(
                                        cache,
                                        key,
                                        Condition.ANY,
                                        new Mutation.Put(name(), expiry),
                                        Command.Returning.VALUE_BEFORE,
                                        0);
                        });
            }
            return all;
        }

        void answer(long ofCall, LogEntry entry, Applied applied) {
            if (!waiting || ofCall != call || entry.sequence() != sequence) {
                return;
            }
            history.require(applied.result() != Applied.Result.FORGOTTEN, "forgotten before it was answered: " + entry);
            waiting = false;
            if (!isRegistered()) {
                id = ClientId.of(applied.outcomes().get(0).get(0).afterVersion());
                return;
            }
            if (applied.result() == Applied.Result.CLIENT_UNKNOWN) {
                history.require(longJumps, "a client that is not idle is not known: " + entry);
                if (counter >= 0) {
                    perhapsIncremented[counter]++;
                }
                id = ClientId.NONE;
                sequence = 0;
                acknowledged = 0;
                return;
            }
            answered++;
            acknowledged = sequence;
            history.require(history.wasApplied(id, sequence), "answered but not applied: " + entry);
            Outcome outcome = applied.outcomes().get(0).get(0);
            if (recorded >= 0) {
                Op op = recorder.get(recorded);
                recorder.set(
                        recorded,
                        outcome.held()
                                ? op.ended(time, Op.Outcome.OK)
                                        .with("version", outcome.afterVersion())
                                        .with("index", outcome.afterVersion())
                                : op.ended(time, Op.Outcome.FAILED));
            }
            if (counter >= 0 && outcome.held()) {
                incremented[counter]++;
            }
            if (claim.length() > 0 && outcome.held()) {
                Bytes value = ((Mutation.Put) ((Command.Write) commands.get(0)).then()).value();
                Bytes other = winners.putIfAbsent(claim, value);
                history.require(other == null, "two winners of " + claim);
            }
        }
    }

    private static Bytes key(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Bytes bytes) {
        return new String(bytes.unwrap(), StandardCharsets.UTF_8);
    }

    /** The read with what it found: counters are numbers, claims text. */
    private static Op found(Entry entry, Op read) {
        if (entry == null) {
            return read.with("found", "");
        }
        boolean number = read.key().startsWith("counter");
        return read.with(
                        "found",
                        number ? ByteBuffer.wrap(entry.value().unwrap()).getInt() : text(entry.value()))
                .with("version", entry.version());
    }

    private Replica any() {
        return replicas.get(random.nextInt(replicas.size()));
    }

    /** Runs all steps, lets everything settle, and checks. Returns the number of requests that were answered. */
    int run() {
        begin();
        for (int i = 0; i < STEPS; i++) {
            time += random.nextInt(20);
            step();
        }
        settle();
        check();
        return answered;
    }

    int entries() {
        return committed.size();
    }

    private void begin() {
        CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        ClientId creator = ClientId.of(commitFirst(machine, LogEntry.registration(time)));
        mainCache = commitFirst(
                machine,
                new LogEntry(
                        time,
                        creator,
                        1,
                        0,
                        List.of(
                                new Command.CreateCache(CacheDefinition.named("main")),
                                new Command.CreateCache(CacheDefinition.named("scratch")))));
        for (int i = random.nextInt(3) + 3; i > 0; i--) {
            replicas.add(new Replica());
        }
        for (int i = 0; i < 4; i++) {
            clients.add(new Client());
        }
        leader = any();
    }

    /** Returns the id of what the first command of the entry makes. */
    private long commitFirst(CacheMachine machine, LogEntry entry) {
        committed.add(new Placed(array(CommandCodec.encode(entry)), null));
        return machine.apply(entry).outcomes().get(0).get(0).afterVersion();
    }

    private void step() {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> clients.get(random.nextInt(clients.size())).step(true);
            case 5, 6, 7, 8 -> deliver();
            case 9, 10, 11 -> commit(random.nextInt(4));
            case 12, 13, 14, 15 -> {
                Replica replica = any();
                for (int i = random.nextInt(8); i >= 0; i--) {
                    replica.applyNext(random.nextInt(3) > 0);
                }
            }
            case 16 -> any().takeSnapshot();
            case 17 -> changeLeader();
            case 18 -> crashOrRestart(any());
            default -> somethingRare();
        }
    }

    private void deliver() {
        if (network.isEmpty()) {
            return;
        }
        int which = random.nextInt(network.size());
        Request request = network.get(which);
        if (random.nextInt(4) > 0) {
            network.remove(which);
        }
        if (random.nextInt(6) > 0) {
            LogEntry entry = CommandCodec.decodeRequest(request.bytes.duplicate(), leader.clock());
            tail.add(new Placed(array(CommandCodec.encode(entry)), request));
        }
    }

    private static byte[] array(ByteBuffer buffer) {
        return Arrays.copyOfRange(buffer.array(), buffer.position(), buffer.limit());
    }

    private void commit(int count) {
        List<Placed> done = tail.subList(0, Math.min(count, tail.size()));
        committed.addAll(done);
        done.clear();
    }

    private void changeLeader() {
        commit(random.nextInt(tail.size() + 1));
        tail.clear();
        leader = any();
    }

    private void crashOrRestart(Replica replica) {
        if (!replica.up) {
            replica.restart();
            return;
        }
        replica.crash();
        if (replica == leader) {
            changeLeader();
        }
    }

    private void somethingRare() {
        Replica replica = any();
        switch (random.nextInt(4)) {
            case 0, 1 -> replica.install(any());
            case 2 -> replica.skew += random.nextInt(120_000) - 60_000L;
            default -> {
                if (longJumps) {
                    jump();
                }
            }
        }
    }

    /** The time passes or the leader's clock goes wrong; clients are forgotten, and then what they sent comes again. */
    private void jump() {
        if (random.nextBoolean()) {
            time += 2 * HOUR;
        } else {
            leader.skew += 2 * HOUR;
        }
        for (int i = random.nextInt(6); i > 0 && !everSent.isEmpty(); i--) {
            network.add(everSent.get(random.nextInt(everSent.size())));
        }
    }

    private void settle() {
        replicas.stream().filter(replica -> !replica.up).forEach(Replica::restart);
        for (int round = 0; round <= 100 && clients.stream().anyMatch(client -> client.waiting); round++) {
            history.require(round < 100, "a request is never answered");
            clients.forEach(client -> client.step(false));
            while (!network.isEmpty()) {
                deliver();
            }
            commit(tail.size());
            catchUp();
        }
        catchUp();
    }

    private void catchUp() {
        for (Replica replica : replicas) {
            while (replica.applied < committed.size()) {
                replica.applyNext(true);
            }
        }
    }

    /** Reads at the end, of all counters and claims. */
    private void readAll(CacheMachine machine) {
        recorder.ops().stream()
                .map(Op::key)
                .distinct()
                .forEach(key -> recorder.add(found(
                        machine.state().get(mainCache, key(key)),
                        Op.begun("end", Op.Kind.GET, key, time + 1).ended(time + 1, Op.Outcome.OK))));
    }

    private void check() {
        CacheMachine undisturbed = new CacheMachine(CommandCodec::decodeCommand);
        committed.forEach(placed -> apply(undisturbed, CommandCodec.decode(ByteBuffer.wrap(placed.entry))));
        readAll(undisturbed);
        byte[] expected = bytes(undisturbed);
        for (Replica replica : replicas) {
            history.require(Arrays.equals(expected, bytes(replica.machine)), "a replica ended in another state");
        }
        history.require(history.length() == committed.size(), "not all of the log was applied");
        for (int i = 0; i < COUNTERS; i++) {
            Entry entry = undisturbed.state().get(mainCache, key("counter" + i));
            int sum =
                    entry == null ? 0 : ByteBuffer.wrap(entry.value().unwrap()).getInt();
            history.require(
                    incremented[i] <= sum && sum <= incremented[i] + perhapsIncremented[i],
                    "counter " + i + " is " + sum + " after " + incremented[i] + " increments");
        }
        winners.forEach((claim, value) -> {
            Entry entry = undisturbed.state().get(mainCache, claim);
            history.require(entry != null && entry.value().equals(value), "the winner of " + claim + " lost");
        });
    }
}
