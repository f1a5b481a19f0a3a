package io.concordcache.raft.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.wire.CommandCodec;
import io.concordcache.raft.wire.CorruptDataException;
import io.concordcache.raft.wire.SnapshotCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that come in parts are applied whole, with the last part, or not at all. */
class TransferTest {
    private final OneClient client = new OneClient();
    private long cache;
    private Command.Batch whole;
    private Bytes bytes;

    @BeforeEach
    void makeABatch() {
        cache = client.create(CacheDefinition.named("c"));
        whole = new Command.Batch(cache, List.of(put("a", "1"), put("b", "2")));
        bytes = CommandCodec.encodeCommand(whole);
        client.changes.clear();
    }

    private Command.Write put(String key, String value) {
        return new Command.Write(
                cache, OneClient.bytes(key), Condition.ANY, new Mutation.Put(OneClient.bytes(value), Expiry.ETERNAL));
    }

    private Command.Part part(long transfer, int index, int count) {
        int size = (bytes.length() + count - 1) / count;
        byte[] content = Arrays.copyOfRange(bytes.unwrap(), index * size, Math.min(bytes.length(), (index + 1) * size));
        return new Command.Part(transfer, index, count, Bytes.wrap(content));
    }

    @Test
    void theLastPartAppliesTheWholeCommand() {
        long id = client.one(part(0, 0, 3)).afterVersion();
        assertThat(client.one(part(id, 1, 3)).held()).isTrue();
        assertThat(client.changes).isEmpty();
        assertThat(client.machine.state().size(cache)).isZero();

        List<Outcome> outcomes = client.apply(part(id, 2, 3)).outcomes().get(0);
        assertThat(outcomes).hasSize(2).allMatch(Outcome::held);
        assertThat(outcomes.stream().map(Outcome::afterVersion).distinct()).hasSize(1);
        assertThat(client.kinds()).containsExactly(Change.Kind.CREATED, Change.Kind.CREATED);
        assertThat(client.machine.state().size(cache)).isEqualTo(2);
    }

    @Test
    void aPartOutOfOrderFailsAndTheTransferGoesOn() {
        long id = client.one(part(0, 0, 3)).afterVersion();
        assertThat(client.one(part(id, 2, 3)).status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(client.one(part(id, 1, 4)).status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(client.one(part(id + 1, 1, 3)).status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(client.one(part(id, 1, 3)).held()).isTrue();
        assertThat(client.one(part(id, 2, 3)).held()).isTrue();
        assertThat(client.machine.state().size(cache)).isEqualTo(2);
    }

    @Test
    void transfersDoNotMix() {
        long one = client.one(part(0, 0, 2)).afterVersion();
        long two = client.one(part(0, 0, 2)).afterVersion();
        assertThat(two).isNotEqualTo(one);
        assertThat(client.one(part(one, 1, 2)).held()).isTrue();
        assertThat(client.one(part(one, 1, 2)).status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(client.one(part(two, 1, 2)).held()).isTrue();
    }

    @Test
    void aTransferThatTakesTooLongIsDropped() {
        long id = client.one(part(0, 0, 2)).afterVersion();
        client.clock += CacheState.TRANSFER_MILLIS;
        assertThat(client.one(part(id, 1, 2)).status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(client.machine.state().transfers()).isEmpty();
        assertThat(client.machine.state().size(cache)).isZero();
    }

    @Test
    void aSnapshotCarriesWhatHasCome(@TempDir Path directory) throws IOException {
        long id = client.one(part(0, 0, 3)).afterVersion();
        client.one(part(id, 1, 3));
        Path file = directory.resolve("snapshot");
        try (StateView view = client.machine.view();
                OutputStream out = Files.newOutputStream(file)) {
            SnapshotCodec.write(view, "c", out);
        }
        CacheMachine resumed = SnapshotCodec.read(file, "c");
        assertThat(new OneClient(resumed).apply(part(id, 2, 3)).outcomes().get(0))
                .hasSize(2);
        assertThat(resumed.state().size(cache)).isEqualTo(2);
    }

    @Test
    void whatTheLastPartCompletesIsKnownBeforeItIsApplied() {
        CacheState state = client.machine.state();
        assertThat(state.completedBy(new Command.Part(0, 0, 1, bytes))).isEqualTo(whole);
        long id = client.one(part(0, 0, 3)).afterVersion();
        assertThatThrownBy(() -> state.completedBy(part(id, 2, 3))).isInstanceOf(IllegalStateException.class);
        assertThat(client.one(part(id, 1, 3)).held()).isTrue();
        assertThat(state.completedBy(part(id, 2, 3))).isEqualTo(whole);
        Command.Part garbage = new Command.Part(id, 2, 3, OneClient.bytes("garbage"));
        assertThatThrownBy(() -> state.completedBy(garbage)).isInstanceOf(CorruptDataException.class);

        assertThat(client.apply(part(id, 2, 3)).outcomes().get(0)).allMatch(Outcome::held);
        // Sent again: the transfer is over, and no other will have its id.
        assertThat(state.completedBy(part(id, 2, 3))).isNull();
        // One that may begin before this is applied.
        assertThatThrownBy(() -> state.completedBy(part(state.lastStamp() + 1, 2, 3)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> state.completedBy(part(state.lastStamp(), 2, 3)))
                .isInstanceOf(IllegalStateException.class);
    }
}
