package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.wire.CommandCodec;
import io.concordcache.raft.wire.SnapshotCodec;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written, whenever the thread that writes gets its turn. */
class SnapshotsTest {
    private static final Bytes KEY = bytes("k");

    @TempDir
    Path directory;

    private final CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
    private final Queue<Runnable> toWrite = new ArrayDeque<>();
    private long index;
    private ClientId client;
    private long cache;

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private long apply(Command command) {
        index++;
        return machine.apply(new LogEntry(1_000 + index, client, index, index - 1, List.of(command)))
                .outcomes()
                .get(0)
                .get(0)
                .afterVersion();
    }

    private void put(String value) {
        long unused =
                apply(new Command.Write(cache, KEY, Condition.ANY, new Mutation.Put(bytes(value), Expiry.ETERNAL)));
    }

    private Path file(long at) {
        return directory.resolve("snapshot" + at);
    }

    private Snapshots snapshots(Runnable taken) {
        client = ClientId.of(machine.apply(new LogEntry(1_000, ClientId.NONE, 0, 0, List.of(new Command.Register())))
                .outcomes()
                .get(0)
                .get(0)
                .afterVersion());
        cache = apply(new Command.CreateCache(CacheDefinition.named("c")));
        SimpleStateMachineStorage storage = new SimpleStateMachineStorage() {
            @Override
            public File getSnapshotFile(long term, long endIndex) {
                return file(endIndex).toFile();
            }
        };
        return new Snapshots(RatisSettings.durable(Durability.DISK, directory), storage, toWrite::add, taken);
    }

    private static String value(Path snapshot, long cache) throws Exception {
        var read = SnapshotCodec.read(snapshot, "concord").state();
        byte[] value = Objects.requireNonNull(read.get(cache, KEY)).value().unwrap();
        return new String(value, StandardCharsets.UTF_8);
    }

    /** A machine keeps what one view needs: the next must not begin before the one before has ended. */
    @Test
    void aSnapshotThatIsWantedWhenOneIsTakenIsOfItsOwnMoment() throws Exception {
        Snapshots[] of = new Snapshots[1];
        of[0] = snapshots(() -> {
            put("second");
            of[0].want();
            of[0].applied(machine, TermIndex.valueOf(1, 2), 1);
        });
        put("first");
        of[0].want();
        of[0].applied(machine, TermIndex.valueOf(1, 1), 1);
        toWrite.remove().run();
        put("third");
        toWrite.remove().run();
        assertThat(value(file(1), cache)).isEqualTo("first");
        assertThat(value(file(2), cache)).isEqualTo("second");
    }

    /** Ratis would find no other beside what is left of its checksum. */
    @Test
    void nothingIsLeftOfAChecksumThatCannotBeWritten() throws Exception {
        Snapshots snapshots = snapshots(() -> {});
        put("first");
        Files.createDirectories(directory.resolve("snapshot1.md5.tmp/in the way")); // of what Ratis writes first
        Files.createFile(directory.resolve("snapshot1.md5"));
        snapshots.want();
        snapshots.applied(machine, TermIndex.valueOf(1, 1), 1);
        toWrite.remove().run();
        assertThat(directory.resolve("snapshot1.md5")).doesNotExist();
        assertThat(snapshots.lastIndex()).isEqualTo(-1);
    }

    @Test
    void aCopyIsOfTheEntryThatBeganItAndWaitsForASnapshot() throws Exception {
        Snapshots snapshots = snapshots(() -> {});
        put("first");
        snapshots.want();
        snapshots.applied(machine, TermIndex.valueOf(1, 1), 1);
        CompletableFuture<Void> copied = snapshots.copy(file(9));
        put("second");
        snapshots.applied(machine, TermIndex.valueOf(1, 2), 1);
        toWrite.remove().run();
        assertThat(toWrite).isEmpty();
        put("third");
        snapshots.applied(machine, TermIndex.valueOf(1, 3), 1);
        put("fourth");
        toWrite.remove().run();
        assertThat(copied).isCompleted();
        assertThat(value(file(1), cache)).isEqualTo("first");
        assertThat(value(file(9), cache)).isEqualTo("third");
    }

    @Test
    void aCopyThatCannotBeWrittenSaysSoAndTheNextCan() {
        Snapshots snapshots = snapshots(() -> {});
        put("first");
        CompletableFuture<Void> nowhere = snapshots.copy(directory.resolve("none/x"));
        snapshots.applied(machine, TermIndex.valueOf(1, 1), 1);
        toWrite.remove().run();
        assertThat(nowhere).isCompletedExceptionally();
        CompletableFuture<Void> copied = snapshots.copy(file(9));
        snapshots.applied(machine, TermIndex.valueOf(1, 2), 1);
        toWrite.remove().run();
        assertThat(copied).isCompleted();
    }
}
