package io.concordcache.raft.wire;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LockId;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Slot;
import io.concordcache.raft.core.StateView;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes of a snapshot: "CONCORD\n", 1 byte version, then records, each a length and its bytes, then 32 bytes SHA-256 of
 * all before. The first record names the cluster and the clock; each other one begins with a tag. The order is that of
 * {@link StateView}, so replicas with equal state write equal snapshots.
 */
public final class SnapshotCodec {
    static final byte[] MAGIC = "CONCORD\n".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;

    private static final int DIGEST_LENGTH = 32;
    private static final int BUFFER = 1 << 16;
    private static final int LONGEST_NAME = 100;

    private enum Tag {
        SESSION,
        OUTCOMES,
        CACHE,
        LOCK,
        ENTRY,
        END,
        TRANSFER_PART,
        LEASE,
        GUARD,
        LAST_WRITE,
        SOFT_LOCK,
        CONTENDED,
        ENDED_LOCK
    }

    private SnapshotCodec() {}

    /** Where a snapshot comes from. */
    public record Origin(String cluster, long lastStamp) {}

    /** Writes the view; returns the number of bytes. Does not close the stream. */
    public static long write(StateView view, String cluster, OutputStream out) throws IOException {
        MessageDigest digest = sha256();
        Writer writer = new Writer(new DigestOutputStream(out, digest));
        writer.header(cluster, view.lastStamp());
        view.visit(writer);
        writer.end();
        out.write(digest.digest());
        return writer.written + DIGEST_LENGTH;
    }

    /**
     * Reads a snapshot that is whole; what it says is trusted only once the digest of the file has been checked.
     *
     * @throws CorruptDataException if the file is damaged, of another format version or of another cluster
     */
    public static CacheMachine read(Path file, String cluster) throws IOException {
        long size = Files.size(file);
        if (size < MAGIC.length + 1 + DIGEST_LENGTH) {
            throw corrupt(file, "cut off: " + size + " bytes");
        }
        checkDigest(file, size);
        try (BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
            Reader reader = new Reader(in, size);
            Origin origin = reader.origin();
            if (!origin.cluster.equals(cluster)) {
                throw new CorruptDataException(
                        "it belongs to the cluster '" + Reader.shown(origin.cluster) + "', not to '" + cluster + "'");
            }
            CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
            reader.visit(machine.restore(origin.lastStamp));
            if (in.readNBytes(DIGEST_LENGTH + 1).length != DIGEST_LENGTH) {
                throw new CorruptDataException("it goes on after its end");
            }
            return machine;
        } catch (CorruptDataException | IllegalStateException e) {
            throw corrupt(file, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Reads a snapshot of any cluster as it comes. What the visitor was told is trusted only when this has returned: the
     * digest stands at the end.
     *
     * @throws CorruptDataException if it is damaged, cut off, or of another format version
     */
    public static <X extends Exception> Origin read(InputStream in, StateView.Visitor<X> visitor)
            throws IOException, X {
        MessageDigest digest = sha256();
        Reader reader = new Reader(new DigestInputStream(in, digest), Long.MAX_VALUE);
        Origin origin = reader.origin();
        reader.visit(visitor);
        byte[] computed = digest.digest();
        if (!MessageDigest.isEqual(computed, in.readNBytes(DIGEST_LENGTH))) {
            throw new CorruptDataException("its SHA-256 does not match its content");
        }
        if (in.read() >= 0) {
            throw new CorruptDataException("it goes on after its end");
        }
        return origin;
    }

    private static void checkDigest(Path file, long size) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            long left = size - DIGEST_LENGTH;
            while (left > 0) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw corrupt(file, "cut off while being read");
                }
                digest.update(buffer, 0, read);
                left -= read;
            }
            if (!MessageDigest.isEqual(digest.digest(), in.readNBytes(DIGEST_LENGTH))) {
                throw corrupt(file, "its SHA-256 does not match its content");
            }
        }
    }

    private static CorruptDataException corrupt(Path file, String why) {
        return new CorruptDataException("corrupt snapshot " + file + ": " + why);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static final class Writer implements StateView.Visitor<IOException> {
        private final OutputStream out;
        private final ByteWriter length = new ByteWriter(10);
        private final ByteWriter content = new ByteWriter(1024);
        private long written;

        Writer(OutputStream out) {
            this.out = out;
        }

        void header(String cluster, long lastStamp) throws IOException {
            out.write(MAGIC);
            out.write(VERSION);
            written = MAGIC.length + 1L;
            content.writeString(cluster);
            content.writeLong(lastStamp);
            flush();
        }

        @Override
        public void session(ClientId client, long acknowledged, long usedAtMillis) throws IOException {
            begin(Tag.SESSION);
            writeClient(client);
            content.writeVarLong(acknowledged);
            content.writeVarLong(usedAtMillis);
            flush();
        }

        @Override
        public void outcomes(ClientId client, long sequence, List<List<Outcome>> outcomes) throws IOException {
            begin(Tag.OUTCOMES);
            writeClient(client);
            content.writeVarLong(sequence);
            content.writeVarLong(outcomes.size());
            for (List<Outcome> ofCommand : outcomes) {
                content.writeVarLong(ofCommand.size());
                ofCommand.forEach(outcome -> OutcomeCodec.write(content, outcome));
            }
            flush();
        }

        @Override
        public void lease(String holder, long millis) throws IOException {
            begin(Tag.LEASE);
            content.writeString(holder);
            content.writeVarLong(millis);
            flush();
        }

        @Override
        public void transferPart(long id, int count, long deadlineMillis, Bytes part) throws IOException {
            begin(Tag.TRANSFER_PART);
            content.writeLong(id);
            content.writeVarLong(count);
            content.writeVarLong(deadlineMillis);
            content.writeBytes(part);
            flush();
        }

        @Override
        public void cache(CacheInfo info) throws IOException {
            begin(Tag.CACHE);
            content.writeLong(info.id());
            CommandCodec.writeDefinition(content, info.definition());
            flush();
        }

        @Override
        public void lock(long cacheId, Bytes key, long token, long deadlineMillis) throws IOException {
            begin(Tag.LOCK);
            content.writeLong(cacheId);
            content.writeBytes(key);
            content.writeLong(token);
            content.writeVarLong(deadlineMillis);
            flush();
        }

        @Override
        public void entry(long cacheId, Bytes key, Entry entry) throws IOException {
            begin(Tag.ENTRY);
            content.writeLong(cacheId);
            content.writeBytes(key);
            content.writeLong(entry.version());
            content.writeVarLong(entry.expiresAtMillis() == Expiry.NEVER ? 0 : entry.expiresAtMillis());
            content.writeBytes(entry.value());
            flush();
        }

        @Override
        public void guard(long cacheId, long floor) throws IOException {
            begin(Tag.GUARD);
            content.writeLong(cacheId);
            content.writeLong(floor);
            flush();
        }

        @Override
        public void lastWrite(long cacheId, Bytes key, long stamp) throws IOException {
            begin(Tag.LAST_WRITE);
            content.writeLong(cacheId);
            content.writeBytes(key);
            content.writeLong(stamp);
            flush();
        }

        @Override
        public void softLock(LockId id, long deadlineMillis, long ttlMillis, List<Slot> slots, List<Long> caches)
                throws IOException {
            begin(Tag.SOFT_LOCK);
            CommandCodec.writeLockId(content, id);
            content.writeVarLong(deadlineMillis);
            content.writeVarLong(ttlMillis);
            CommandCodec.writeSlots(content, slots);
            CommandCodec.writeIds(content, caches);
            flush();
        }

        @Override
        public void contended(long cacheId, Bytes key) throws IOException {
            begin(Tag.CONTENDED);
            content.writeLong(cacheId);
            content.writeBytes(key);
            flush();
        }

        @Override
        public void endedLock(LockId id, long forgetAtMillis) throws IOException {
            begin(Tag.ENDED_LOCK);
            CommandCodec.writeLockId(content, id);
            content.writeVarLong(forgetAtMillis);
            flush();
        }

        void end() throws IOException {
            begin(Tag.END);
            flush();
        }

        private void begin(Tag tag) {
            Tags.write(content, tag);
        }

        private void writeClient(ClientId client) {
            content.writeLong(client.high());
            content.writeLong(client.low());
        }

        private void flush() throws IOException {
            length.writeVarLong(content.length());
            out.write(length.array(), 0, length.length());
            out.write(content.array(), 0, content.length());
            written += (long) length.length() + content.length();
            length.clear();
            content.clear();
        }
    }

    private static final class Reader {
        private final InputStream in;
        private final long size;

        /** @param size of the whole file, if it is known */
        Reader(InputStream in, long size) {
            this.in = in;
            this.size = size;
        }

        Origin origin() throws IOException {
            if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
                throw new CorruptDataException("not a snapshot");
            }
            int version = in.read();
            if (version != VERSION) {
                throw new CorruptDataException("format version " + version + ", this program reads " + VERSION);
            }
            ByteReader header = record();
            return new Origin(header.readString(), header.readLong());
        }

        <X extends Exception> void visit(StateView.Visitor<X> visitor) throws IOException, X {
            while (readRecord(record(), visitor)) {
                // each one is told
            }
        }

        /** Fit for a line of a log, whoever chose the name. */
        private static String shown(String name) {
            return name.substring(0, Math.min(name.length(), LONGEST_NAME)).replaceAll("\\p{Cc}", "?");
        }

        /** Returns whether more follow. */
        private <X extends Exception> boolean readRecord(ByteReader record, StateView.Visitor<X> into) throws X {
            switch (Tags.read(record, Tag.values(), "snapshot record")) {
                case SESSION -> into.session(readClient(record), record.readVarLong(), record.readVarLong());
                case OUTCOMES -> into.outcomes(readClient(record), record.readVarLong(), readOutcomes(record));
                case CACHE -> into.cache(new CacheInfo(record.readLong(), CommandCodec.readDefinition(record)));
                case LOCK -> into.lock(record.readLong(), record.readBytes(), record.readLong(), record.readVarLong());
                case ENTRY -> readEntry(record, into);
                case LEASE -> into.lease(record.readString(), record.readVarLong());
                case TRANSFER_PART ->
                    into.transferPart(
                            record.readLong(), (int) record.readVarLong(), record.readVarLong(), record.readBytes());
                case GUARD -> into.guard(record.readLong(), record.readLong());
                case LAST_WRITE -> into.lastWrite(record.readLong(), record.readBytes(), record.readLong());
                case SOFT_LOCK ->
                    into.softLock(
                            CommandCodec.readLockId(record),
                            record.readVarLong(),
                            record.readVarLong(),
                            CommandCodec.readSlots(record),
                            CommandCodec.readIds(record));
                case CONTENDED -> into.contended(record.readLong(), record.readBytes());
                case ENDED_LOCK -> into.endedLock(CommandCodec.readLockId(record), record.readVarLong());
                case END -> {
                    record.expectEnd();
                    return false;
                }
            }
            record.expectEnd();
            return true;
        }

        private static <X extends Exception> void readEntry(ByteReader record, StateView.Visitor<X> into) throws X {
            long cacheId = record.readLong();
            Bytes key = record.readBytes();
            long version = record.readLong();
            long deadline = record.readVarLong();
            into.entry(cacheId, key, Entry.of(record.readBytes(), version, deadline == 0 ? Expiry.NEVER : deadline));
        }

        private static ClientId readClient(ByteReader record) {
            return new ClientId(record.readLong(), record.readLong());
        }

        private static List<List<Outcome>> readOutcomes(ByteReader record) {
            int commands = record.readCount();
            List<List<Outcome>> all = new ArrayList<>(commands);
            for (int i = 0; i < commands; i++) {
                int keys = record.readCount();
                List<Outcome> ofCommand = new ArrayList<>(keys);
                for (int k = 0; k < keys; k++) {
                    ofCommand.add(OutcomeCodec.read(record));
                }
                all.add(ofCommand);
            }
            return all;
        }

        private ByteReader record() throws IOException {
            int length = 0;
            for (int shift = 0; ; shift += 7) {
                int next = in.read();
                if (next < 0 || shift > 28) {
                    throw new CorruptDataException("a record without an end");
                }
                length |= (next & 0x7f) << shift;
                if (next < 0x80) {
                    break;
                }
            }
            if (length < 0 || length > size) {
                throw new CorruptDataException("a record of " + length + " bytes in a file of " + size);
            }
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new CorruptDataException("a record is cut off");
            }
            return new ByteReader(ByteBuffer.wrap(bytes));
        }
    }
}
