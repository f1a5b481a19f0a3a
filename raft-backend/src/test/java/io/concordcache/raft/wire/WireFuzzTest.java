package io.concordcache.raft.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.LockId;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Slot;
import io.concordcache.raft.fuzz.Fuzz;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Example;

/** Whatever comes from a network or a disk is decoded or refused, without harm. */
class WireFuzzTest {
    private static final int SAMPLES = 400;

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] array = new byte[buffer.remaining()];
        buffer.get(array);
        return array;
    }

    private static List<LogEntry> entries() {
        return Shapes.entries().sampleStream().limit(SAMPLES).toList();
    }

    @Example
    void logEntries() throws Exception {
        List<byte[]> valid = entries().stream()
                .map(CommandCodec::encode)
                .map(WireFuzzTest::bytes)
                .toList();
        new Fuzz<>("log entries", valid, bytes -> CommandCodec.decode(ByteBuffer.wrap(bytes)))
                .refusing(CorruptDataException.class)
                .then(entry -> assertThat(CommandCodec.decode(CommandCodec.encode(entry)))
                        .isEqualTo(entry))
                .run();
    }

    @Example
    void commandsInParts() throws Exception {
        List<byte[]> valid = Shapes.command()
                .filter(command -> !(command instanceof Command.Part) && !(command instanceof Command.Register))
                .sampleStream()
                .limit(SAMPLES)
                .map(command -> CommandCodec.encodeCommand(command).unwrap())
                .toList();
        new Fuzz<>("commands that come in parts", valid, bytes -> CommandCodec.decodeCommand(Bytes.wrap(bytes)))
                .refusing(CorruptDataException.class)
                .then(command -> assertThat(CommandCodec.decodeCommand(CommandCodec.encodeCommand(command)))
                        .isEqualTo(command))
                .run();
    }

    @Example
    void requests() throws Exception {
        List<byte[]> valid = Stream.concat(
                        RpcCodecTest.requests(), entries().stream().map(entry -> new Request.Append(entry.at(0), "m")))
                .map(request -> RpcCodec.encode("cluster", request))
                .flatMap(request -> Stream.of(bytes(request.duplicate()), bytes(RpcCodec.traced(request, "00-ab-01"))))
                .toList();
        new Fuzz<>("requests", valid, bytes -> RpcCodec.decodeRequest(ByteBuffer.wrap(bytes)))
                .refusing(CorruptDataException.class)
                .then(read -> assertThat(RpcCodec.decodeRequest(encode(read))).isEqualTo(read))
                .run();
    }

    private static ByteBuffer encode(RpcCodec.Addressed read) {
        ByteBuffer request = RpcCodec.encode(read.cluster(), read.request());
        return read.trace() == null ? request : RpcCodec.traced(request, read.trace());
    }

    @Example
    void responses() throws Exception {
        List<byte[]> valid = RpcCodecTest.responses()
                .map(response -> bytes(RpcCodec.encode(response)))
                .toList();
        new Fuzz<>("responses", valid, bytes -> RpcCodec.decodeResponse(ByteBuffer.wrap(bytes)))
                .refusing(CorruptDataException.class)
                .then(response -> assertThat(RpcCodec.decodeResponse(RpcCodec.encode(response)))
                        .isEqualTo(response))
                .run();
    }

    private static byte[] encode(Outcome outcome) {
        ByteWriter out = new ByteWriter(64);
        OutcomeCodec.write(out, outcome);
        return bytes(out.written());
    }

    private static Outcome decode(byte[] bytes) {
        ByteReader in = new ByteReader(ByteBuffer.wrap(bytes));
        Outcome outcome = OutcomeCodec.read(in);
        in.expectEnd();
        return outcome;
    }

    @Example
    void outcomes() throws Exception {
        List<byte[]> valid = new ArrayList<>();
        for (Outcome.Status status : Outcome.Status.values()) {
            valid.add(encode(new Outcome(status, 0, null, 0)));
            valid.add(encode(new Outcome(status, 77, Bytes.wrap(new byte[] {1, 2, 3}), Long.MAX_VALUE)));
        }
        new Fuzz<>("outcomes", valid, WireFuzzTest::decode)
                .refusing(CorruptDataException.class)
                .then(outcome -> assertThat(decode(encode(outcome))).isEqualTo(outcome))
                .run();
    }

    /** Something of everything, and what {@link SnapshotCodecTest#sample} lacks. */
    private static CacheMachine full() {
        CacheMachine machine = SnapshotCodecTest.sample();
        ClientId client = new ClientId(1, 2);
        long cache = machine.state().caches().get(0).id();
        Bytes key = Bytes.wrap(new byte[] {5});
        machine.apply(new LogEntry(
                1_003,
                client,
                3,
                1,
                List.of(
                        new Command.RenewLease("m1", 7, 1_000),
                        new Command.SoftLock(new LockId(8, 1), 500, List.of(new Slot(cache, key)), List.of(cache)),
                        new Command.Invalidate(new Slot(cache, key)),
                        new Command.SoftUnlock(new LockId(8, 2), List.of(), List.of()),
                        new Command.Part(0, 0, 2, Bytes.wrap(new byte[] {1, 2, 3})))));
        return machine;
    }

    /** Behind a digest that is right; that a wrong one is noticed is tested elsewhere. */
    @Example
    void snapshots() throws Exception {
        Path file = Files.createTempFile("concord-fuzz-", ".snapshot");
        try {
            List<byte[]> valid = List.of(
                    SnapshotCodecTest.write(full()),
                    SnapshotCodecTest.write(SnapshotCodecTest.sample()),
                    SnapshotCodecTest.write(new CacheMachine(CommandCodec::decodeCommand)));
            new Fuzz<>("snapshots", valid, bytes -> read(file, bytes))
                    .refusing(CorruptDataException.class)
                    .allocating(200, 1_000_000) // among it the buffers for files
                    .then(machine -> {
                        byte[] again = SnapshotCodecTest.write(machine);
                        assertThat(SnapshotCodecTest.write(read(file, again))).isEqualTo(again);
                    })
                    .run();
        } finally {
            Files.delete(file);
        }
    }

    private static CacheMachine read(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes.length > SnapshotFiles.DIGEST_LENGTH ? SnapshotFiles.withDigest(bytes) : bytes);
        return SnapshotCodec.read(file, "cluster");
    }
}
