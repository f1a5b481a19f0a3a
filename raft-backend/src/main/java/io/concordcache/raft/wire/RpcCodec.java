package io.concordcache.raft.wire;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.ClusterStatus.MemberStatus;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of {@link Request} and {@link Response} between members and clients. A request begins with the version of this
 * format and the name of the cluster.
 */
public final class RpcCodec {
    /** Newest version that this program reads and writes. */
    public static final int VERSION = 1;

    /**
     * Comes before a request with the {@link #traced} context of its caller. No version is so large: a member that does not
     * know it refuses it as one, and has done nothing then.
     */
    private static final int TRACED = 0x80;

    private static final int SMALL = 128;

    private enum RequestTag {
        PROBE,
        APPEND,
        READ,
        CACHES,
        KEYS,
        SUBSCRIBE,
        STATUS,
        ADD_MEMBER,
        REMOVE_MEMBER,
        TRANSFER,
        SNAPSHOT,
        POSITION,
        USED,
        FENCE,
        BACKUP,
        FETCH,
        TOKEN
    }

    private enum ResponseTag {
        DONE,
        NOT_LEADER,
        FAILED,
        HERE,
        APPENDED,
        ENTRIES,
        CACHE_LIST,
        KEYS,
        CHANGES,
        STATUS,
        POSITION,
        CHUNK,
        PIECE
    }

    private RpcCodec() {}

    /**
     * A request as it came, with the name of the cluster that it is meant for.
     *
     * @param trace where in a trace the caller is, null if it does not say
     */
    public record Addressed(
            String cluster, Request request, @Nullable String trace) {}

    public static ByteBuffer encode(String cluster, Request request) {
        ByteWriter out = new ByteWriter(
                request instanceof Request.Append append
                        ? SMALL + append.entry().commands().size() * 192
                        : SMALL);
        out.writeByte(VERSION);
        out.writeString(cluster);
        if (request instanceof Request.Probe probe) {
            Tags.write(out, RequestTag.PROBE);
            writeOptional(out, probe.from(), RpcCodec::writeStarting);
        } else if (request instanceof Request.Position position) {
            Tags.write(out, RequestTag.POSITION);
            out.writeString(position.from());
        } else if (request instanceof Request.Append append) {
            Tags.write(out, RequestTag.APPEND);
            out.writeString(append.from());
            CommandCodec.writeRequest(out, append.entry());
        } else if (request instanceof Request.Read read) {
            Tags.write(out, RequestTag.READ);
            out.writeLong(read.cacheId());
            Tags.write(out, read.level());
            out.writeVarLong(read.minIndex());
            writeList(out, read.keys(), ByteWriter::writeBytes);
        } else if (request instanceof Request.Used used) {
            Tags.write(out, RequestTag.USED);
            writeList(out, List.copyOf(used.keys().entrySet()), (to, cache) -> {
                to.writeLong(cache.getKey());
                writeList(to, cache.getValue(), ByteWriter::writeBytes);
            });
        } else if (request instanceof Request.Fence) {
            Tags.write(out, RequestTag.FENCE);
        } else if (request instanceof Request.Caches) {
            Tags.write(out, RequestTag.CACHES);
        } else if (request instanceof Request.Keys keys) {
            Tags.write(out, RequestTag.KEYS);
            out.writeLong(keys.cacheId());
            Tags.write(out, keys.level());
            out.writeVarLong(keys.minIndex());
        } else if (request instanceof Request.Subscribe subscribe) {
            Tags.write(out, RequestTag.SUBSCRIBE);
            out.writeLong(subscribe.cacheId());
        } else if (request instanceof Request.Status) {
            Tags.write(out, RequestTag.STATUS);
        } else if (request instanceof Request.AddMember add) {
            Tags.write(out, RequestTag.ADD_MEMBER);
            writeMember(out, add.member());
        } else if (request instanceof Request.RemoveMember remove) {
            Tags.write(out, RequestTag.REMOVE_MEMBER);
            out.writeString(remove.id());
        } else if (request instanceof Request.Transfer transfer) {
            Tags.write(out, RequestTag.TRANSFER);
            out.writeString(transfer.id());
        } else if (request instanceof Request.Snapshot snapshot) {
            Tags.write(out, RequestTag.SNAPSHOT);
            out.writeString(snapshot.id());
        } else if (request instanceof Request.Backup) {
            Tags.write(out, RequestTag.BACKUP);
        } else if (request instanceof Request.Fetch fetch) {
            Tags.write(out, RequestTag.FETCH);
            out.writeVarLong(fetch.from());
            out.writeVarLong(fetch.term());
            out.writeVarLong(fetch.index());
            out.writeVarLong(fetch.offset());
        } else if (request instanceof Request.Token token) {
            Tags.write(out, RequestTag.TOKEN);
            out.writeString(token.text());
        } else {
            throw new IllegalStateException("a request without a codec: " + request.getClass());
        }
        return out.written();
    }

    /** The same request, which says where in a trace the caller is. */
    public static ByteBuffer traced(ByteBuffer request, String context) {
        ByteWriter out = new ByteWriter(SMALL + request.remaining());
        out.writeByte(TRACED);
        out.writeString(context);
        out.writeRest(request.duplicate());
        return out.written();
    }

    /**
     * Reads a request.
     *
     * @throws CorruptDataException if these are not the bytes of a request, or of another version
     */
    public static Addressed decodeRequest(ByteBuffer bytes) {
        ByteReader in = new ByteReader(bytes);
        int version = in.readByte();
        String trace = null;
        if (version == TRACED) {
            trace = in.readString();
            version = in.readByte();
        }
        if (version != VERSION) {
            throw new CorruptDataException("a request of protocol version " + version + "; this member speaks version "
                    + VERSION + ": use the same release of Concord on both sides");
        }
        String cluster = in.readString();
        Request request = readRequest(in);
        in.expectEnd();
        return new Addressed(cluster, request, trace);
    }

    private static Request readRequest(ByteReader in) {
        return switch (Tags.read(in, RequestTag.values(), "request")) {
            case PROBE -> new Request.Probe(readOptional(in, RpcCodec::readStarting));
            case POSITION -> new Request.Position(in.readString());
            case APPEND -> {
                String from = in.readString();
                yield new Request.Append(CommandCodec.readRequest(in, 0), from);
            }
            case READ -> {
                long cacheId = in.readLong();
                ReadLevel level = Tags.read(in, ReadLevel.values(), "read level");
                long minIndex = in.readVarLong();
                yield new Request.Read(cacheId, readList(in, ByteReader::readBytes), level, minIndex);
            }
            case USED -> readUsed(in);
            case FENCE -> new Request.Fence();
            case CACHES -> new Request.Caches();
            case KEYS ->
                new Request.Keys(in.readLong(), Tags.read(in, ReadLevel.values(), "read level"), in.readVarLong());
            case SUBSCRIBE -> new Request.Subscribe(in.readLong());
            case STATUS -> new Request.Status();
            case ADD_MEMBER -> new Request.AddMember(readMember(in));
            case REMOVE_MEMBER -> new Request.RemoveMember(in.readString());
            case TRANSFER -> new Request.Transfer(in.readString());
            case SNAPSHOT -> new Request.Snapshot(in.readString());
            case BACKUP -> new Request.Backup();
            case FETCH -> new Request.Fetch(in.readVarLong(), in.readVarLong(), in.readVarLong(), in.readVarLong());
            case TOKEN -> new Request.Token(in.readString());
        };
    }

    private static Request.Used readUsed(ByteReader in) {
        Map<Long, List<Bytes>> keys = new TreeMap<>();
        for (int left = in.readCount(); left > 0; left--) {
            long cacheId = in.readLong();
            keys.put(cacheId, readList(in, ByteReader::readBytes));
        }
        return new Request.Used(keys);
    }

    public static ByteBuffer encode(Response response) {
        ByteWriter out = new ByteWriter(SMALL);
        if (response instanceof Response.Done) {
            Tags.write(out, ResponseTag.DONE);
        } else if (response instanceof Response.NotLeader not) {
            Tags.write(out, ResponseTag.NOT_LEADER);
            writeOptional(out, not.leader(), RpcCodec::writeMember);
        } else if (response instanceof Response.Failed failed) {
            Tags.write(out, ResponseTag.FAILED);
            Tags.write(out, failed.kind());
            out.writeString(failed.reason());
            out.writeString(failed.message());
        } else if (response instanceof Response.Here here) {
            Tags.write(out, ResponseTag.HERE);
            writeHere(out, here);
        } else if (response instanceof Response.Position position) {
            Tags.write(out, ResponseTag.POSITION);
            out.writeVarLong(position.lastIndex());
            out.writeVarLong(position.configurationIndex());
        } else if (response instanceof Response.Appended appended) {
            Tags.write(out, ResponseTag.APPENDED);
            Tags.write(out, appended.applied().result());
            writeList(out, appended.applied().outcomes(), (to, each) -> writeList(to, each, OutcomeCodec::write));
            out.writeVarLong(appended.index());
        } else if (response instanceof Response.Entries entries) {
            Tags.write(out, ResponseTag.ENTRIES);
            writeList(out, entries.entries(), (to, entry) -> writeOptional(to, entry, RpcCodec::writeEntry));
            out.writeVarLong(entries.index());
            out.writeVarLong(entries.upTo());
            out.writeLong(entries.nowMillis());
        } else if (response instanceof Response.CacheList list) {
            Tags.write(out, ResponseTag.CACHE_LIST);
            writeList(out, list.caches(), (to, cache) -> {
                to.writeLong(cache.info().id());
                CommandCodec.writeDefinition(to, cache.info().definition());
                to.writeVarLong(cache.size());
            });
            out.writeVarLong(list.index());
            out.writeLong(list.nowMillis());
        } else if (response instanceof Response.Keys keys) {
            Tags.write(out, ResponseTag.KEYS);
            writeList(out, keys.keys(), ByteWriter::writeBytes);
        } else if (response instanceof Response.Changes changes) {
            Tags.write(out, ResponseTag.CHANGES);
            out.writeByte(changes.missed() ? 1 : 0);
            writeList(out, changes.changes(), RpcCodec::writeChange);
            out.writeVarLong(changes.index());
            out.writeLong(changes.nowMillis());
        } else if (response instanceof Response.Status status) {
            Tags.write(out, ResponseTag.STATUS);
            out.writeString(status.status().cluster());
            writeOptional(out, status.status().leader(), ByteWriter::writeString);
            out.writeVarLong(status.status().term());
            writeList(out, status.status().members(), RpcCodec::writeStatus);
        } else if (response instanceof Response.Chunk chunk) {
            Tags.write(out, ResponseTag.CHUNK);
            out.writeBytes(chunk.bytes());
        } else if (response instanceof Response.Piece piece) {
            Tags.write(out, ResponseTag.PIECE);
            out.writeVarLong(piece.term());
            out.writeVarLong(piece.index());
            out.writeVarLong(piece.length());
            out.writeBytes(piece.members());
            out.writeBytes(piece.content());
        } else {
            throw new IllegalStateException("a response without a codec: " + response.getClass());
        }
        return out.written();
    }

    /**
     * Reads a response.
     *
     * @throws CorruptDataException if these are not the bytes of a response
     */
    public static Response decodeResponse(ByteBuffer bytes) {
        ByteReader in = new ByteReader(bytes);
        Response response = readResponse(in);
        in.expectEnd();
        return response;
    }

    private static Response readResponse(ByteReader in) {
        return switch (Tags.read(in, ResponseTag.values(), "response")) {
            case DONE -> new Response.Done();
            case NOT_LEADER -> new Response.NotLeader(readOptional(in, RpcCodec::readMember));
            case FAILED ->
                new Response.Failed(
                        Tags.read(in, Response.Failed.Kind.values(), "failure"), in.readString(), in.readString());
            case HERE -> readHere(in);
            case POSITION -> new Response.Position(in.readVarLong(), in.readVarLong());
            case APPENDED -> {
                Applied.Result result = Tags.read(in, Applied.Result.values(), "result");
                List<List<Outcome>> outcomes = readList(in, from -> readList(from, OutcomeCodec::read));
                yield new Response.Appended(new Applied(result, outcomes, List.of()), in.readVarLong());
            }
            case ENTRIES ->
                new Response.Entries(
                        readNullables(in, from -> readOptional(from, RpcCodec::readEntry)),
                        in.readVarLong(),
                        in.readVarLong(),
                        in.readLong());
            case CACHE_LIST ->
                new Response.CacheList(
                        readList(
                                in,
                                from -> new Response.SizedCache(
                                        new CacheInfo(from.readLong(), CommandCodec.readDefinition(from)),
                                        from.readVarLong())),
                        in.readVarLong(),
                        in.readLong());
            case KEYS -> new Response.Keys(readList(in, ByteReader::readBytes));
            case CHANGES ->
                new Response.Changes(
                        in.readByte() != 0, readList(in, RpcCodec::readChange), in.readVarLong(), in.readLong());
            case PIECE ->
                new Response.Piece(
                        in.readVarLong(), in.readVarLong(), in.readVarLong(), in.readBytes(), in.readBytes());
            case STATUS ->
                new Response.Status(new ClusterStatus(
                        in.readString(),
                        readOptional(in, ByteReader::readString),
                        in.readVarLong(),
                        readList(in, RpcCodec::readStatus)));
            case CHUNK -> new Response.Chunk(in.readBytes());
        };
    }

    private static void writeHere(ByteWriter out, Response.Here here) {
        writeStatus(out, here.status());
        out.writeLong(here.incarnation());
        out.writeLong(here.knows());
        out.writeByte(here.hasGroup() ? 1 : 0);
        out.writeVarLong(here.configurationIndex());
        writeList(out, here.members(), RpcCodec::writeMember);
        writeOptional(out, here.leader(), ByteWriter::writeString);
        writeList(out, here.list(), RpcCodec::writeMember);
    }

    private static Response.Here readHere(ByteReader in) {
        return new Response.Here(
                readStatus(in),
                in.readLong(),
                in.readLong(),
                in.readByte() != 0,
                in.readVarLong(),
                readList(in, RpcCodec::readMember),
                readOptional(in, ByteReader::readString),
                readList(in, RpcCodec::readMember));
    }

    private static void writeStarting(ByteWriter out, Request.Starting starting) {
        writeMember(out, starting.self());
        out.writeLong(starting.incarnation());
        writeList(out, starting.members(), RpcCodec::writeMember);
    }

    private static Request.Starting readStarting(ByteReader in) {
        return new Request.Starting(readMember(in), in.readLong(), readList(in, RpcCodec::readMember));
    }

    private static void writeMember(ByteWriter out, Member member) {
        out.writeString(member.id());
        out.writeString(member.host());
        out.writeVarLong(member.port());
    }

    private static Member readMember(ByteReader in) {
        String id = in.readString();
        String host = in.readString();
        long port = in.readVarLong();
        try {
            return new Member(id, host, Math.toIntExact(port));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CorruptDataException("not a member: " + e.getMessage(), e);
        }
    }

    private static void writeStatus(ByteWriter out, MemberStatus status) {
        writeMember(out, status.member());
        Tags.write(out, status.role());
        out.writeVarLong(status.term());
        out.writeVarLong(status.lastIndex());
        out.writeVarLong(status.appliedIndex());
        out.writeVarLong(status.snapshotIndex());
        out.writeVarLong(status.caches());
        out.writeVarLong(status.entries());
        writeOptional(out, status.problem(), ByteWriter::writeString);
    }

    private static MemberStatus readStatus(ByteReader in) {
        return new MemberStatus(
                readMember(in),
                Tags.read(in, ClusterStatus.Role.values(), "role"),
                in.readVarLong(),
                in.readVarLong(),
                in.readVarLong(),
                in.readVarLong(),
                (int) in.readVarLong(),
                in.readVarLong(),
                readOptional(in, ByteReader::readString));
    }

    private static void writeEntry(ByteWriter out, Entry entry) {
        out.writeBytes(entry.value());
        out.writeLong(entry.version());
        out.writeVarLong(entry.expiresAtMillis());
    }

    private static Entry readEntry(ByteReader in) {
        return Entry.of(in.readBytes(), in.readLong(), in.readVarLong());
    }

    private static void writeChange(ByteWriter out, Change change) {
        Tags.write(out, change.kind());
        out.writeLong(change.cacheId());
        out.writeBytes(change.key());
        writeOptional(out, change.before(), RpcCodec::writeEntry);
        writeOptional(out, change.after(), RpcCodec::writeEntry);
        out.writeLong(change.stamp());
    }

    private static Change readChange(ByteReader in) {
        return new Change(
                Tags.read(in, Change.Kind.values(), "change"),
                in.readLong(),
                in.readBytes(),
                readOptional(in, RpcCodec::readEntry),
                readOptional(in, RpcCodec::readEntry),
                in.readLong());
    }

    private static <T> void writeOptional(ByteWriter out, @Nullable T value, BiConsumer<ByteWriter, T> writer) {
        out.writeByte(value == null ? 0 : 1);
        if (value != null) {
            writer.accept(out, value);
        }
    }

    private static <T> @Nullable T readOptional(ByteReader in, Function<ByteReader, T> reader) {
        return in.readByte() == 0 ? null : reader.apply(in);
    }

    private static <T extends @Nullable Object> void writeList(
            ByteWriter out, List<T> list, BiConsumer<ByteWriter, T> writer) {
        out.writeVarLong(list.size());
        list.forEach(each -> writer.accept(out, each));
    }

    private static <T> List<T> readList(ByteReader in, Function<ByteReader, T> reader) {
        int count = in.readCount();
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(reader.apply(in));
        }
        return list;
    }

    private static List<@Nullable Entry> readNullables(ByteReader in, Function<ByteReader, @Nullable Entry> reader) {
        int count = in.readCount();
        List<@Nullable Entry> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(reader.apply(in));
        }
        return list;
    }
}
