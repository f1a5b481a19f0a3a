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
    private final ClientId client = OneClient.register(machine, 10);

    private Applied apply(long millis, long sequence, long acknowledged) {
        return apply(client, millis, sequence, acknowledged);
    }

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
                public void lease(String holder, long millis) {}

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
        Applied first = apply(10, 1, 0);
        Applied again = apply(20, 1, 0);
        assertThat(first.result()).isEqualTo(Applied.Result.APPLIED);
        assertThat(again.result()).isEqualTo(Applied.Result.REPEATED);
        assertThat(again.outcomes()).isEqualTo(first.outcomes());
        assertThat(again.changes()).isEmpty();
    }

    @Test
    void aRepeatedEntryStillMovesTheClock() {
        long cache = apply(10, 1, 0).outcomes().get(0).get(0).afterVersion();
        machine.apply(new LogEntry(
                10,
                client,
                2,
                1,
                List.of(new Command.Write(
                        cache, bytes("k"), Condition.ANY, new Mutation.Put(bytes("v"), Expiry.after(5))))));
        Applied again = apply(15, 2, 1);
        assertThat(again.result()).isEqualTo(Applied.Result.REPEATED);
        assertThat(again.changes()).extracting(Change::kind).containsExactly(Change.Kind.EXPIRED);
    }

    @Test
    void acknowledgedOutcomesAreDropped() {
        for (int i = 1; i <= 5; i++) {
            apply(10, i, 0);
        }
        assertThat(kept()).hasSize(6);
        apply(10, 6, 4);
        assertThat(kept()).containsExactly("client " + client.low(), "outcome 5", "outcome 6");
        assertThat(apply(10, 4, 0).result()).isEqualTo(Applied.Result.FORGOTTEN);
        assertThat(apply(10, 5, 0).result()).isEqualTo(Applied.Result.REPEATED);
    }

    @Test
    void memoryStaysBoundedWhileAClientAcknowledges() {
        for (int i = 1; i <= 1_000; i++) {
            apply(i, i, Math.max(0, i - 3));
            if (i > 10) {
                assertThat(kept()).hasSize(4);
            }
        }
    }

    @Test
    void aRegistrationOpensASessionUnderItsStamp() {
        Applied applied = machine.apply(LogEntry.registration(20));
        Outcome outcome = applied.outcomes().get(0).get(0);
        assertThat(applied.result()).isEqualTo(Applied.Result.APPLIED);
        assertThat(outcome).isEqualTo(new Outcome(Outcome.Status.HELD, 0, null, (20 << 20) + 1));
        assertThat(machine.state().lastStamp()).isEqualTo(outcome.afterVersion());
        assertThat(kept()).containsExactly("client " + client.low(), "client " + outcome.afterVersion());
    }

    @Test
    void aDoubledRegistrationOpensASecondSessionThatIdlesOut() {
        apply(10, 1, 0);
        ClientId doubled = OneClient.register(machine, 10);
        assertThat(doubled).isNotEqualTo(client);
        long later = 9 + CacheMachine.SESSION_IDLE_MILLIS;
        apply(later, 2, 1);
        assertThat(kept()).hasSize(3).contains("client " + doubled.low());
        apply(later + 1, 3, 2);
        assertThat(kept()).containsExactly("client " + client.low(), "outcome 3");
    }

    @Test
    void idleClientsAreForgotten() {
        List<ClientId> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(OneClient.register(machine, 1_000 + i));
            apply(clients.get(i), 1_000 + i, 1, 0);
        }
        apply(clients.get(7), 2_000, 2, 1);
        ClientId late = OneClient.register(machine, 1_048 + CacheMachine.SESSION_IDLE_MILLIS);
        assertThat(kept())
                .containsExactly(
                        "client " + clients.get(49).low(),
                        "outcome 1",
                        "client " + clients.get(7).low(),
                        "outcome 2",
                        "client " + late.low());
        assertThat(apply(clients.get(8), 1_049, 2, 1).result()).isEqualTo(Applied.Result.CLIENT_UNKNOWN);
    }

    @Test
    void noEntryOfAForgottenClientIsEverApplied() {
        apply(10, 1, 0);
        apply(10, 2, 1);
        long later = 10 + CacheMachine.SESSION_IDLE_MILLIS;
        for (int sequence = 1; sequence <= 3; sequence++) {
            Applied applied = apply(later, sequence, 0);
            assertThat(applied.result()).isEqualTo(Applied.Result.CLIENT_UNKNOWN);
            assertThat(applied.outcomes()).isEmpty();
        }
        assertThat(machine.state().caches()).hasSize(2);
        assertThat(kept()).isEmpty();
    }

    @Test
    void aClientThatDidNotRegisterIsUnknown() {
        assertThat(apply(new ClientId(7, 9), 10, 1, 0).result()).isEqualTo(Applied.Result.CLIENT_UNKNOWN);
        assertThat(apply(ClientId.of(client.low() + 1), 10, 2, 0).result()).isEqualTo(Applied.Result.CLIENT_UNKNOWN);
        assertThat(machine.state().caches()).isEmpty();
    }

    @Test
    void nonsenseIsRefused() {
        refused(client, 0, 0);
        refused(client, 1, 1);
        refused(client, 1, -1);
        refused(ClientId.NONE, 1, 0);
        refused(ClientId.NONE, 0, -1);
        refused(ClientId.NONE, 0, 0, new Command.Tick());
        refused(ClientId.NONE, 0, 0, new Command.Register(), new Command.Tick());
        refused(client, 1, 0, new Command.Tick(), new Command.Register());
    }

    private static void refused(ClientId client, long sequence, long acknowledged, Command... commands) {
        assertThatThrownBy(() -> new LogEntry(0, client, sequence, acknowledged, List.of(commands)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
