package io.concordcache.raft.core;

import static io.concordcache.raft.core.OneClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.wire.CommandCodec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionTest {
    private final CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);

    private Applied apply(ClientId client, long millis, long sequence, long acknowledged) {
        return machine.apply(new LogEntry(
                millis,
                client,
                sequence,
                acknowledged,
                List.of(new Command.CreateCache(CacheDefinition.named("c" + sequence)))));
    }

    private List<String> kept() {
        List<String> seen = new ArrayList<>();
        try (StateView view = machine.view()) {
            view.visit(new StateView.Visitor<RuntimeException>() {
                @Override
                public void session(ClientId client, long acknowledged, long usedAtMillis) {
                    seen.add("client " + client.low());
                }

                @Override
                public void outcomes(ClientId client, long sequence, List<List<Outcome>> outcomes) {
                    seen.add("outcome " + sequence);
                }

                @Override
                public void transferPart(long id, int count, long deadlineMillis, Bytes content) {}

                @Override
                public void cache(CacheInfo info) {}

                @Override
                public void lock(long cacheId, Bytes key, long token, long deadlineMillis) {}

                @Override
                public void entry(long cacheId, Bytes key, Entry entry) {}
            });
        }
        return seen;
    }

    @Test
    void anEntrySentAgainIsAppliedOnce() {
        Applied first = apply(OneClient.ID, 10, 1, 0);
        Applied again = apply(OneClient.ID, 20, 1, 0);
        assertThat(first.result()).isEqualTo(Applied.Result.APPLIED);
        assertThat(again.result()).isEqualTo(Applied.Result.REPEATED);
        assertThat(again.outcomes()).isEqualTo(first.outcomes());
        assertThat(again.changes()).isEmpty();
    }

    @Test
    void aRepeatedEntryStillMovesTheClock() {
        long cache = apply(OneClient.ID, 10, 1, 0).outcomes().get(0).get(0).afterVersion();
        machine.apply(new LogEntry(
                10,
                OneClient.ID,
                2,
                1,
                List.of(new Command.Write(
                        cache, bytes("k"), Condition.ANY, new Mutation.Put(bytes("v"), Expiry.after(5))))));
        Applied again = apply(OneClient.ID, 15, 2, 1);
        assertThat(again.result()).isEqualTo(Applied.Result.REPEATED);
        assertThat(again.changes()).extracting(Change::kind).containsExactly(Change.Kind.EXPIRED);
    }

    @Test
    void acknowledgedOutcomesAreDropped() {
        for (int i = 1; i <= 5; i++) {
            apply(OneClient.ID, 10, i, 0);
        }
        assertThat(kept()).hasSize(6);
        apply(OneClient.ID, 10, 6, 4);
        assertThat(kept()).containsExactly("client 9", "outcome 5", "outcome 6");
        assertThat(apply(OneClient.ID, 10, 4, 0).result()).isEqualTo(Applied.Result.FORGOTTEN);
        assertThat(apply(OneClient.ID, 10, 5, 0).result()).isEqualTo(Applied.Result.REPEATED);
    }

    @Test
    void memoryStaysBoundedWhileAClientAcknowledges() {
        for (int i = 1; i <= 1_000; i++) {
            apply(OneClient.ID, i, i, Math.max(0, i - 3));
            if (i > 10) {
                assertThat(kept()).hasSize(4);
            }
        }
    }

    @Test
    void idleClientsAreForgotten() {
        for (int i = 1; i <= 50; i++) {
            apply(new ClientId(1, i), 1_000 + i, 1, 0);
        }
        apply(new ClientId(1, 7), 2_000, 2, 1);
        apply(new ClientId(1, 99), 1_049 + CacheMachine.SESSION_IDLE_MILLIS, 1, 0);
        assertThat(kept()).containsExactly("client 50", "outcome 1", "client 7", "outcome 2", "client 99", "outcome 1");
        assertThat(apply(new ClientId(1, 8), 1_049, 2, 1).result()).isEqualTo(Applied.Result.CLIENT_UNKNOWN);
    }

    /**
     * The limit of exactly once: a first entry that comes again after its client was forgotten opens the client anew, and
     * others of its old entries are then taken for new ones. So a client begins with an entry that may count twice, and
     * neither requests nor the differences of the leaders' clocks may last as long as clients are remembered.
     */
    @Test
    void oldEntriesOfAForgottenClientAreNotRecognised() {
        apply(OneClient.ID, 10, 1, 0);
        apply(OneClient.ID, 10, 2, 1);
        long later = 10 + CacheMachine.SESSION_IDLE_MILLIS;
        assertThat(apply(OneClient.ID, later, 2, 1).result()).isEqualTo(Applied.Result.CLIENT_UNKNOWN);
        assertThat(apply(OneClient.ID, later, 1, 0).result()).isEqualTo(Applied.Result.APPLIED);
        assertThat(apply(OneClient.ID, later, 2, 1).result()).isEqualTo(Applied.Result.APPLIED);
    }

    @Test
    void aClientNobodyKnowsBeginsWithOne() {
        assertThat(apply(OneClient.ID, 10, 2, 0).result()).isEqualTo(Applied.Result.CLIENT_UNKNOWN);
        assertThat(machine.state().caches()).isEmpty();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new LogEntry(0, OneClient.ID, 0, 0, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LogEntry(0, OneClient.ID, 1, 1, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LogEntry(0, OneClient.ID, 1, -1, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
