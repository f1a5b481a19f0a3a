package io.concordcache.raft.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.ClusterStatus.MemberStatus;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages survive the way, and bytes that are none are refused. */
class RpcCodecTest {
    private static final Bytes KEY = Bytes.wrap(new byte[] {1, 2});
    private static final Entry ENTRY = Entry.of(Bytes.wrap(new byte[] {3}), 77, 99);
    private static final Member M = Member.parse("m=h:1");
    private static final Member N = Member.parse("[::1]:2");
    private static final MemberStatus STATUS =
            new MemberStatus(M, ClusterStatus.Role.FOLLOWER, 3, 4, -1, -1, 5, 6, null);

    static Stream<Request> requests() {
        return Stream.of(
                new Request.Probe(null),
                new Request.Probe(new Request.Starting(M, -5, List.of(M, N))),
                new Request.Position("m"),
                new Request.Append(
                        new LogEntry(0, ClientId.of(9), 3, 2, List.of(new Command.Tick(), new Command.Clear(5))), "m"),
                new Request.Read(7, List.of(KEY, Bytes.EMPTY), ReadLevel.SESSION, 12),
                new Request.Used(Map.of(7L, List.of(KEY, Bytes.EMPTY, KEY), -8L, List.of())),
                new Request.Caches(),
                new Request.Fence(),
                new Request.Keys(7, ReadLevel.EVENTUAL, 0),
                new Request.Subscribe(7),
                new Request.Status(),
                new Request.AddMember(N),
                new Request.RemoveMember("m"),
                new Request.Transfer(""),
                new Request.Snapshot("m"),
                new Request.Backup(),
                new Request.Fetch(5, -1, -1, 0),
                new Request.Fetch(5, 2, 7, 1 << 20),
                new Request.Token("0123456789abcdef"));
    }

    static Stream<Response> responses() {
        return Stream.of(
                new Response.Done(),
                new Response.NotLeader(null),
                new Response.NotLeader(N),
                new Response.Failed(Response.Failed.Kind.REJECTED, "NO_SUCH_CACHE", "none"),
                new Response.Here(STATUS, 1, 2, true, -1, List.of(M), "m", List.of(N)),
                new Response.Position(-1, 8),
                new Response.Appended(
                        new Applied(
                                Applied.Result.REPEATED,
                                List.of(List.of(new Outcome(Outcome.Status.HELD, 1, KEY, 2))),
                                List.of()),
                        40),
                new Response.Entries(Arrays.asList(ENTRY, null), 3, 4, 5),
                new Response.CacheList(
                        List.of(new Response.SizedCache(new CacheInfo(4, CacheDefinition.named("c")), 5)), 6, 7),
                new Response.Keys(List.of(KEY)),
                new Response.Changes(true, List.of(new Change(Change.Kind.UPDATED, 1, KEY, ENTRY, null, 5)), 6, 7),
                new Response.Piece(2, 7, 1 << 30, KEY, Bytes.EMPTY),
                new Response.Status(new ClusterStatus("x", null, 2, List.of(STATUS))),
                new Response.Chunk(Bytes.wrap(new byte[] {1, 2})));
    }

    private static final String CONTEXT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] array = new byte[buffer.remaining()];
        buffer.get(array);
        return array;
    }

    @ParameterizedTest
    @MethodSource("requests")
    void requestsSurvive(Request request) {
        assertThat(RpcCodec.decodeRequest(RpcCodec.encode("cluster", request)))
                .isEqualTo(new RpcCodec.Addressed("cluster", request, null));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void requestsSayWhereInATraceTheyAre(Request request) {
        ByteBuffer plain = RpcCodec.encode("cluster", request);
        assertThat(RpcCodec.decodeRequest(RpcCodec.traced(plain, CONTEXT)))
                .isEqualTo(new RpcCodec.Addressed("cluster", request, CONTEXT));
        assertThat(RpcCodec.decodeRequest(plain)).isEqualTo(new RpcCodec.Addressed("cluster", request, null));
    }

    /** Members that do not know of traces take the first byte for a version, and refuse it. */
    @Test
    void whereInATraceIsSaidBeforeTheVersion() {
        ByteBuffer plain = RpcCodec.encode("c", new Request.Status());
        byte[] traced = bytes(RpcCodec.traced(plain, "00-ab"));
        assertThat(traced).isEqualTo(new byte[] {
            (byte) 0x80, 5, '0', '0', '-', 'a', 'b', RpcCodec.VERSION, 1, 'c', bytes(plain)[3]
        });
    }

    @ParameterizedTest
    @MethodSource("responses")
    void responsesSurvive(Response response) {
        assertThat(RpcCodec.decodeResponse(RpcCodec.encode(response))).isEqualTo(response);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void whatIsCutOffIsRefused(Request request) {
        byte[] whole = bytes(RpcCodec.encode("cluster", request));
        for (int length = 0; length < whole.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> RpcCodec.decodeRequest(cut)).isInstanceOf(CorruptDataException.class);
        }
    }

    @Test
    void anotherVersionIsNamed() {
        byte[] bytes = bytes(RpcCodec.encode("cluster", new Request.Status()));
        bytes[0] = 9;
        assertThatThrownBy(() -> RpcCodec.decodeRequest(ByteBuffer.wrap(bytes)))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("version 9")
                .hasMessageContaining("version 1");
    }

    @Test
    void anyBytesAreReadOrRefused() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && i % 2 == 0) {
                bytes[0] = RpcCodec.VERSION;
            }
            try {
                var unused = i % 4 < 2
                        ? RpcCodec.decodeRequest(ByteBuffer.wrap(bytes))
                        : RpcCodec.decodeResponse(ByteBuffer.wrap(bytes));
            } catch (CorruptDataException e) {
                assertThat(e).hasMessageContaining("");
            }
        }
    }
}
