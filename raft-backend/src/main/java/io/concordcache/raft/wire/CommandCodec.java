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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Bytes of a {@link LogEntry}: 8 bytes leader time, then the client's part: 1 byte version, 16 bytes client, sequence,
 * acknowledged, number of commands, and each command as a tag and its fields.
 *
 * <p>The leader time stands in front so that the leader can put its own there without touching the rest.
 */
public final class CommandCodec {
    static final int VERSION = 1;

    /** Bytes at most that a command takes beyond its keys, values and definition, and an entry beyond its commands. */
    public static final int OVERHEAD = 64;

    private CommandCodec() {}

    /** The client's part, without the leader time. */
    public static ByteBuffer encodeRequest(LogEntry entry) {
        ByteWriter out = new ByteWriter(OVERHEAD + entry.commands().size() * 192);
        writeRequest(out, entry);
        return ByteBuffer.wrap(out.array(), 0, out.length());
    }

    /** The whole entry. */
    public static ByteBuffer encode(LogEntry entry) {
        ByteWriter out = new ByteWriter(OVERHEAD + entry.commands().size() * 192);
        out.writeLong(entry.leaderMillis());
        writeRequest(out, entry);
        return ByteBuffer.wrap(out.array(), 0, out.length());
    }

    /** Bytes that the command takes at most. */
    public static long sizeBound(Command command) {
        if (command instanceof Command.Write write) {
            return (long) OVERHEAD + write.key().length() + valueLength(write);
        }
        if (command instanceof Command.Batch batch) {
            long size = OVERHEAD;
            for (Command.Write write : batch.writes()) {
                size += (long) OVERHEAD + write.key().length() + valueLength(write);
            }
            return size;
        }
        if (command instanceof Command.Part part) {
            return (long) OVERHEAD + part.content().length();
        }
        if (command instanceof Command.PutFromLoad put) {
            return (long) OVERHEAD + put.slot().key().length() + put.value().length();
        }
        if (command instanceof Command.SoftUnlock unlock) {
            long size = OVERHEAD;
            for (Command.Fill fill : unlock.fills()) {
                size += (long) OVERHEAD
                        + fill.slot().key().length()
                        + fill.value().length();
            }
            for (Slot mark : unlock.marks()) {
                size += (long) OVERHEAD + mark.key().length();
            }
            return size;
        }
        ByteWriter out = new ByteWriter(OVERHEAD);
        writeCommand(out, command);
        return out.length();
    }

    private static int valueLength(Command.Write write) {
        return write.then() instanceof Mutation.Put put ? put.value().length() : 0;
    }

    static void writeRequest(ByteWriter out, LogEntry entry) {
        out.writeByte(VERSION);
        out.writeLong(entry.client().high());
        out.writeLong(entry.client().low());
        out.writeVarLong(entry.sequence());
        out.writeVarLong(entry.acknowledged());
        out.writeVarLong(entry.commands().size());
        entry.commands().forEach(command -> writeCommand(out, command));
    }

    /**
     * Reads a whole entry.
     *
     * @throws CorruptDataException if these are not the bytes of an entry, or of a newer version
     */
    public static LogEntry decode(ByteBuffer bytes) {
        ByteReader in = new ByteReader(bytes);
        LogEntry entry = readRequest(in, in.readLong());
        in.expectEnd();
        return entry;
    }

    /** Reads the client's part alone, as taken in by a leader at that time. */
    public static LogEntry decodeRequest(ByteBuffer bytes, long leaderMillis) {
        ByteReader in = new ByteReader(bytes);
        LogEntry entry = readRequest(in, leaderMillis);
        in.expectEnd();
        return entry;
    }

    static LogEntry readRequest(ByteReader in, long leaderMillis) {
        int version = in.readByte();
        if (version != VERSION) {
            throw new CorruptDataException("a log entry of version " + version + "; this program reads " + VERSION);
        }
        ClientId client = new ClientId(in.readLong(), in.readLong());
        long sequence = in.readVarLong();
        long acknowledged = in.readVarLong();
        int count = in.readCount();
        List<Command> commands = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            commands.add(readCommand(in));
        }
        try {
            return new LogEntry(leaderMillis, client, sequence, acknowledged, commands);
        } catch (IllegalArgumentException e) {
            throw new CorruptDataException("not a log entry: " + e.getMessage(), e);
        }
    }

    /** The bytes of a command alone, as they are cut into {@link Command.Part}s. */
    public static Bytes encodeCommand(Command command) {
        ByteWriter out = new ByteWriter((int) Math.min(sizeBound(command), Integer.MAX_VALUE - 8));
        writeCommand(out, command);
        return Bytes.wrap(Arrays.copyOf(out.array(), out.length()));
    }

    /** Reads what {@link #encodeCommand} wrote; the {@link io.concordcache.raft.core.CommandReader} of this format. */
    public static Command decodeCommand(Bytes bytes) {
        ByteReader in = new ByteReader(ByteBuffer.wrap(bytes.unwrap()));
        Command command = readCommand(in);
        in.expectEnd();
        if (command instanceof Command.Part || command instanceof Command.Register) {
            throw new CorruptDataException(
                    "what never comes in parts: " + command.getClass().getSimpleName());
        }
        return command;
    }

    private enum CommandTag {
        WRITE,
        BATCH,
        CLEAR,
        CREATE_CACHE,
        DESTROY_CACHE,
        TICK,
        LOCK_KEY,
        UNLOCK_KEY,
        PART,
        REGISTER,
        RENEW_LEASE,
        SOFT_LOCK,
        SOFT_UNLOCK,
        PUT_FROM_LOAD,
        INVALIDATE
    }

    private enum ConditionTag {
        ANY,
        ABSENT,
        PRESENT,
        VERSION_IS
    }

    private enum MutationTag {
        PUT,
        REMOVE,
        EVICT,
        TOUCH
    }

    static void writeCommand(ByteWriter out, Command command) {
        if (command instanceof Command.Write write) {
            Tags.write(out, CommandTag.WRITE);
            out.writeLong(write.cacheId());
            writeKeyed(out, write);
        } else if (command instanceof Command.Batch batch) {
            Tags.write(out, CommandTag.BATCH);
            out.writeLong(batch.cacheId());
            out.writeVarLong(batch.writes().size());
            batch.writes().forEach(write -> writeKeyed(out, write));
        } else if (command instanceof Command.Clear clear) {
            Tags.write(out, CommandTag.CLEAR);
            out.writeLong(clear.cacheId());
        } else if (command instanceof Command.CreateCache create) {
            Tags.write(out, CommandTag.CREATE_CACHE);
            writeDefinition(out, create.definition());
        } else if (command instanceof Command.DestroyCache destroy) {
            Tags.write(out, CommandTag.DESTROY_CACHE);
            out.writeLong(destroy.cacheId());
        } else if (command instanceof Command.Tick) {
            Tags.write(out, CommandTag.TICK);
        } else if (command instanceof Command.LockKey lock) {
            Tags.write(out, CommandTag.LOCK_KEY);
            out.writeLong(lock.cacheId());
            out.writeBytes(lock.key());
            out.writeVarLong(lock.ttlMillis());
        } else if (command instanceof Command.UnlockKey unlock) {
            Tags.write(out, CommandTag.UNLOCK_KEY);
            out.writeLong(unlock.cacheId());
            out.writeBytes(unlock.key());
            out.writeLong(unlock.lock());
        } else if (command instanceof Command.Part part) {
            Tags.write(out, CommandTag.PART);
            out.writeLong(part.transfer());
            out.writeVarLong(part.index());
            out.writeVarLong(part.count());
            out.writeBytes(part.content());
        } else if (command instanceof Command.Register) {
            Tags.write(out, CommandTag.REGISTER);
        } else if (command instanceof Command.RenewLease lease) {
            Tags.write(out, CommandTag.RENEW_LEASE);
            out.writeString(lease.holder());
            out.writeLong(lease.nonce());
            out.writeVarLong(lease.millis());
        } else if (command instanceof Command.SoftLock lock) {
            Tags.write(out, CommandTag.SOFT_LOCK);
            writeLockId(out, lock.id());
            out.writeVarLong(lock.ttlMillis());
            writeSlots(out, lock.slots());
            writeIds(out, lock.caches());
        } else if (command instanceof Command.SoftUnlock unlock) {
            Tags.write(out, CommandTag.SOFT_UNLOCK);
            writeLockId(out, unlock.id());
            out.writeVarLong(unlock.fills().size());
            unlock.fills().forEach(fill -> {
                writeSlot(out, fill.slot());
                out.writeBytes(fill.value());
            });
            writeSlots(out, unlock.marks());
        } else if (command instanceof Command.PutFromLoad put) {
            Tags.write(out, CommandTag.PUT_FROM_LOAD);
            writeSlot(out, put.slot());
            out.writeLong(put.began());
            out.writeBytes(put.value());
        } else if (command instanceof Command.Invalidate invalidate) {
            Tags.write(out, CommandTag.INVALIDATE);
            writeSlot(out, invalidate.slot());
        } else {
            throw new IllegalStateException("a command without a codec: " + command.getClass());
        }
    }

    private static Command readCommand(ByteReader in) {
        try {
            return readTagged(in);
        } catch (IllegalArgumentException e) {
            throw new CorruptDataException("not a command: " + e.getMessage(), e);
        }
    }

    private static Command readTagged(ByteReader in) {
        return switch (Tags.read(in, CommandTag.values(), "command")) {
            case WRITE -> readKeyed(in, in.readLong());
            case BATCH -> readBatch(in);
            case CLEAR -> new Command.Clear(in.readLong());
            case CREATE_CACHE -> new Command.CreateCache(readDefinition(in));
            case DESTROY_CACHE -> new Command.DestroyCache(in.readLong());
            case TICK -> new Command.Tick();
            case LOCK_KEY -> new Command.LockKey(in.readLong(), in.readBytes(), in.readVarLong());
            case UNLOCK_KEY -> new Command.UnlockKey(in.readLong(), in.readBytes(), in.readLong());
            case PART -> readPart(in);
            case REGISTER -> new Command.Register();
            case RENEW_LEASE -> new Command.RenewLease(in.readString(), in.readLong(), in.readVarLong());
            case SOFT_LOCK -> new Command.SoftLock(readLockId(in), in.readVarLong(), readSlots(in), readIds(in));
            case SOFT_UNLOCK -> new Command.SoftUnlock(readLockId(in), readFills(in), readSlots(in));
            case PUT_FROM_LOAD -> new Command.PutFromLoad(readSlot(in), in.readLong(), in.readBytes());
            case INVALIDATE -> new Command.Invalidate(readSlot(in));
        };
    }

    private static List<Command.Fill> readFills(ByteReader in) {
        int count = in.readCount();
        List<Command.Fill> fills = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            fills.add(new Command.Fill(readSlot(in), in.readBytes()));
        }
        return fills;
    }

    static void writeLockId(ByteWriter out, LockId id) {
        out.writeLong(id.owner());
        out.writeVarLong(id.number());
    }

    static LockId readLockId(ByteReader in) {
        return new LockId(in.readLong(), in.readVarLong());
    }

    private static void writeSlot(ByteWriter out, Slot slot) {
        out.writeLong(slot.cacheId());
        out.writeBytes(slot.key());
    }

    private static Slot readSlot(ByteReader in) {
        return new Slot(in.readLong(), in.readBytes());
    }

    static void writeSlots(ByteWriter out, List<Slot> slots) {
        out.writeVarLong(slots.size());
        slots.forEach(slot -> writeSlot(out, slot));
    }

    static List<Slot> readSlots(ByteReader in) {
        int count = in.readCount();
        List<Slot> slots = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            slots.add(readSlot(in));
        }
        return slots;
    }

    static void writeIds(ByteWriter out, List<Long> ids) {
        out.writeVarLong(ids.size());
        ids.forEach(out::writeLong);
    }

    static List<Long> readIds(ByteReader in) {
        int count = in.readCount();
        List<Long> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(in.readLong());
        }
        return ids;
    }

    private static Command.Part readPart(ByteReader in) {
        long transfer = in.readLong();
        long index = in.readVarLong();
        long count = in.readVarLong();
        if (index < 0 || index >= count || count > Integer.MAX_VALUE) {
            throw new CorruptDataException("part " + index + " of " + count);
        }
        return new Command.Part(transfer, (int) index, (int) count, in.readBytes());
    }

    private static Command.Batch readBatch(ByteReader in) {
        long cacheId = in.readLong();
        int count = in.readCount();
        List<Command.Write> writes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            writes.add(readKeyed(in, cacheId));
        }
        return new Command.Batch(cacheId, writes);
    }

    private static void writeKeyed(ByteWriter out, Command.Write write) {
        out.writeBytes(write.key());
        writeCondition(out, write.when());
        writeMutation(out, write.then());
        Tags.write(out, write.returning());
        out.writeVarLong(write.lock());
    }

    private static Command.Write readKeyed(ByteReader in, long cacheId) {
        Bytes key = in.readBytes();
        Condition when = readCondition(in);
        Mutation then = readMutation(in);
        Command.Returning returning = Tags.read(in, Command.Returning.values(), "returning");
        return new Command.Write(cacheId, key, when, then, returning, in.readVarLong());
    }

    private static void writeCondition(ByteWriter out, Condition condition) {
        if (condition instanceof Condition.Any) {
            Tags.write(out, ConditionTag.ANY);
        } else if (condition instanceof Condition.Absent) {
            Tags.write(out, ConditionTag.ABSENT);
        } else if (condition instanceof Condition.Present) {
            Tags.write(out, ConditionTag.PRESENT);
        } else if (condition instanceof Condition.VersionIs is) {
            Tags.write(out, ConditionTag.VERSION_IS);
            out.writeLong(is.version());
        } else {
            throw new IllegalStateException("a condition without a codec: " + condition.getClass());
        }
    }

    private static Condition readCondition(ByteReader in) {
        return switch (Tags.read(in, ConditionTag.values(), "condition")) {
            case ANY -> Condition.ANY;
            case ABSENT -> Condition.ABSENT;
            case PRESENT -> Condition.PRESENT;
            case VERSION_IS -> new Condition.VersionIs(in.readLong());
        };
    }

    private static void writeMutation(ByteWriter out, Mutation mutation) {
        if (mutation instanceof Mutation.Put put) {
            Tags.write(out, MutationTag.PUT);
            out.writeBytes(put.value());
            writeExpiry(out, put.expiry());
        } else if (mutation instanceof Mutation.Remove) {
            Tags.write(out, MutationTag.REMOVE);
        } else if (mutation instanceof Mutation.Evict) {
            Tags.write(out, MutationTag.EVICT);
        } else if (mutation instanceof Mutation.Touch touch) {
            Tags.write(out, MutationTag.TOUCH);
            writeExpiry(out, touch.expiry());
        } else {
            throw new IllegalStateException("a mutation without a codec: " + mutation.getClass());
        }
    }

    private static Mutation readMutation(ByteReader in) {
        return switch (Tags.read(in, MutationTag.values(), "mutation")) {
            case PUT -> new Mutation.Put(in.readBytes(), readExpiry(in));
            case REMOVE -> Mutation.REMOVE;
            case EVICT -> Mutation.EVICT;
            case TOUCH -> new Mutation.Touch(readExpiry(in));
        };
    }

    /** 0 by rule, 1 unchanged, 2 eternal, else milliseconds + 3, unsigned: the common ones take one byte. */
    static void writeExpiry(ByteWriter out, Expiry expiry) {
        out.writeVarLong(
                expiry.millis() == Expiry.NEVER ? 2 : expiry.millis() < 0 ? expiry.millis() + 2 : expiry.millis() + 3);
    }

    static Expiry readExpiry(ByteReader in) {
        long code = in.readVarLong();
        if (code == 0 || code == 1) {
            return new Expiry(code - 2);
        }
        long millis = code == 2 ? Expiry.NEVER : code - 3;
        if (millis < 0) {
            throw new CorruptDataException("not an expiry: " + Long.toUnsignedString(code));
        }
        return new Expiry(millis);
    }

    static void writeDefinition(ByteWriter out, CacheDefinition definition) {
        out.writeString(definition.name());
        writeExpiry(out, definition.expiry().onCreation());
        writeExpiry(out, definition.expiry().onAccess());
        writeExpiry(out, definition.expiry().onUpdate());
        out.writeVarLong(definition.maxEntries());
        out.writeVarLong(definition.maxBytes());
        out.writeVarLong(definition.attributes().size());
        for (Map.Entry<String, String> attribute : definition.attributes().entrySet()) {
            out.writeString(attribute.getKey());
            out.writeString(attribute.getValue());
        }
    }

    static CacheDefinition readDefinition(ByteReader in) {
        String name = in.readString();
        try {
            ExpiryRule rule = new ExpiryRule(readExpiry(in), readExpiry(in), readExpiry(in));
            long maxEntries = in.readVarLong();
            long maxBytes = in.readVarLong();
            int count = in.readCount();
            TreeMap<String, String> attributes = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                attributes.put(in.readString(), in.readString());
            }
            return new CacheDefinition(name, rule, maxEntries, maxBytes, attributes);
        } catch (IllegalArgumentException e) {
            throw new CorruptDataException("not a cache definition: " + e.getMessage(), e);
        }
    }
}
