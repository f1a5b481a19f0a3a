package io.concordcache.raft.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.ExpiryRule;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.StateView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotCodecTest {
    private static final int DIGEST = 32;

    @TempDir
    private Path directory;

    /** Something of everything that a snapshot holds. */
    static CacheMachine sample() {
        CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        ClientId client = new ClientId(1, 2);
        ClientId other = new ClientId(3, 4);
        CacheMachine.Restore sessions = machine.restore(0);
        sessions.session(client, 0, 0);
        sessions.session(other, 0, 0);
        long cache = machine.apply(new LogEntry(
                        1_000,
                        client,
                        1,
                        0,
                        List.of(new Command.CreateCache(new CacheDefinition(
                                "first",
                                new ExpiryRule(Expiry.after(500), Expiry.UNCHANGED, Expiry.ETERNAL),
                                10,
                                CacheDefinition.UNBOUNDED,
                                new TreeMap<>(Map.of("key type", "String")))))))
                .outcomes()
                .get(0)
                .get(0)
                .afterVersion();
        Bytes key = Bytes.wrap(new byte[] {1, 2});
        Mutation put = new Mutation.Put(Bytes.wrap(new byte[] {9}), Expiry.BY_RULE);
        machine.apply(new LogEntry(
                1_001,
                client,
                2,
                0,
                List.of(
                        new Command.Write(cache, key, Condition.ABSENT, put),
                        new Command.Write(cache, key, Condition.ANY, put, Command.Returning.VALUE_BEFORE, 0))));
        machine.apply(new LogEntry(
                1_002,
                other,
                1,
                0,
                List.of(
                        new Command.LockKey(cache, key, 100),
                        new Command.Write(cache, Bytes.EMPTY, Condition.ANY, put),
                        new Command.CreateCache(CacheDefinition.named("second")))));
        return machine;
    }

    static byte[] write(CacheMachine machine) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (StateView view = machine.view()) {
            assertThat(SnapshotCodec.write(view, "cluster", out)).isEqualTo(out.size());
        }
        return out.toByteArray();
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("snapshot.bin"), bytes);
    }

    private void refuses(byte[] bytes, String because) throws IOException {
        Path file = file(bytes);
        assertThatThrownBy(() -> SnapshotCodec.read(file, "cluster"))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(because);
    }

    private static byte[] withDigest(byte[] bytes) throws Exception {
        int length = bytes.length - DIGEST;
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bytes, length));
        System.arraycopy(digest, 0, bytes, length, DIGEST);
        return bytes;
    }

    @Test
    void aMachineComesBackAsItWas() throws IOException {
        byte[] bytes = write(sample());
        CacheMachine read = SnapshotCodec.read(file(bytes), "cluster");
        assertThat(write(read)).isEqualTo(bytes);
        assertThat(read.state().caches()).isEqualTo(sample().state().caches());
        assertThat(read.state().nextDeadline())
                .isGreaterThanOrEqualTo(sample().state().nextDeadline())
                .isLessThan(Expiry.NEVER);
    }

    @Test
    void anEmptyMachineComesBackToo() throws IOException {
        byte[] bytes = write(new CacheMachine(CommandCodec::decodeCommand));
        assertThat(write(SnapshotCodec.read(file(bytes), "cluster"))).isEqualTo(bytes);
    }

    @Test
    void everyFlippedBitIsRefused() throws IOException {
        byte[] bytes = write(sample());
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            refuses(bytes, "corrupt snapshot");
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void everyCutIsRefused() throws IOException {
        byte[] bytes = write(sample());
        for (int length = 0; length < bytes.length; length++) {
            refuses(Arrays.copyOf(bytes, length), "corrupt snapshot");
        }
        refuses(Arrays.copyOf(bytes, bytes.length + 1), "SHA-256");
    }

    /** Behind a digest that is right, each flipped bit is read or refused, never anything else. */
    @Test
    void behindARightDigestNothingElseEscapes() throws Exception {
        byte[] good = write(sample());
        for (int bit = 0; bit < (good.length - DIGEST) * 8; bit++) {
            byte[] bytes = good.clone();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                SnapshotCodec.read(file(withDigest(bytes)), "cluster");
            } catch (CorruptDataException e) {
                assertThat(e).hasMessageContaining("snapshot.bin");
            }
        }
    }

    @Test
    void anotherClusterIsRefusedByName() throws IOException {
        Path file = file(write(sample()));
        assertThatThrownBy(() -> SnapshotCodec.read(file, "other"))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("'cluster'")
                .hasMessageContaining("'other'")
                .hasMessageContaining(file.toString());
    }

    @Test
    void theNameOfAnotherClusterIsNotToldAsItIs() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (StateView view = sample().view()) {
            assertThat(SnapshotCodec.write(view, "a\n\u0085\u009bb", out)).isPositive();
        }
        Path file = file(out.toByteArray());
        assertThatThrownBy(() -> SnapshotCodec.read(file, "cluster")).hasMessageContaining("'a???b'");
    }

    @Test
    void aNewerVersionIsRefused() throws Exception {
        byte[] bytes = write(sample());
        bytes[SnapshotCodec.MAGIC.length] = 2;
        refuses(withDigest(bytes), "format version 2");
    }

    @Test
    void somethingElseIsRefused() throws Exception {
        byte[] bytes = write(sample());
        bytes[0] = 'X';
        refuses(withDigest(bytes), "not a snapshot");
    }

    @Test
    void anUnknownTagIsRefused() throws Exception {
        byte[] bytes = write(sample());
        bytes[bytes.length - DIGEST - 1] = 66;
        refuses(withDigest(bytes), "snapshot record tag 66");
    }

    @Test
    void aSnapshotWithoutAnEndIsRefused() throws Exception {
        byte[] bytes = write(sample());
        byte[] cut = Arrays.copyOf(bytes, bytes.length - 2);
        refuses(withDigest(cut), "a record");
    }

    @Test
    void anythingAfterTheEndIsRefused() throws Exception {
        byte[] bytes = write(sample());
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 3);
        longer[bytes.length - DIGEST] = 7;
        refuses(withDigest(longer), "after its end");
    }

    @Test
    void aMissingFileIsNotACorruptOne() {
        assertThatThrownBy(() -> SnapshotCodec.read(directory.resolve("none"), "cluster"))
                .isInstanceOf(IOException.class);
    }
}
