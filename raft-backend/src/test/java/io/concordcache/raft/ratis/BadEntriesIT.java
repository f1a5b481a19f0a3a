package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.wire.CommandCodec;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Entries for the log that no client of this release would send: none gets in, and the leader goes on leading. */
@Timeout(120)
class BadEntriesIT {
    private static final int KIB = 1 << 10;

    private static RatisSettings smallEntries(RatisSettings s) {
        return new RatisSettings(
                s.clusterName(),
                s.durability(),
                s.directory(),
                s.listen(),
                s.cluster(),
                s.readLease(),
                s.linkCompression(),
                s.security(),
                s.operationTimeout(),
                s.snapshotEntries(),
                s.snapshotBytes(),
                s.snapshotInterval(),
                8 * KIB,
                s.maxValueBytes(),
                64 * KIB);
    }

    /** It would make the leader step down, and the next one, as often as it is sent again. */
    @Test
    @DisplayName("Row 14: an entry larger than the members take, from a client with another limit")
    void anEntryBeyondTheLimitIsRefused() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3, BadEntriesIT::smallEntries);
                RemoteStore client = RemoteStore.connect(RemoteSettings.of("concord", cluster.members()))) {
            long cache = ClusterIT.create(client);
            ClusterIT.put(client, cache, "k", "v");
            String leader = cluster.leader();
            long term = client.admin().status().term();
            long begun = System.nanoTime();
            assertThatThrownBy(() -> ClusterIT.put(client, cache, "k", "x".repeat(1 << 20)))
                    .isInstanceOf(RequestRejectedException.class)
                    .hasMessageContaining("65536")
                    .hasMessageContaining("limits.log-entry")
                    .satisfies(e -> assertThat(((RequestRejectedException) e).reason())
                            .isEqualTo(RequestRejectedException.Reason.BATCH_TOO_LARGE));
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            assertThat(ClusterIT.get(client, cache, "k", ReadLevel.LINEARIZABLE))
                    .isEqualTo("v");
            ClusterIT.put(client, cache, "k", "w".repeat(40 * KIB));
            assertThat(cluster.leader()).isEqualTo(leader);
            assertThat(client.admin().status().term()).isEqualTo(term);
        }
    }

    /** One who speaks the protocol itself. */
    private static final class Speaker implements AutoCloseable {
        private final Channels channels = new Channels("concord", LinkCompression.OFF, null, null, Traces.none());
        private final Member leader;
        private final ClientId client;
        private long sequence;

        Speaker(Member leader) throws Exception {
            this.leader = leader;
            Response.Appended registered = (Response.Appended) say(LogEntry.registration(0));
            client = ClientId.of(registered.applied().outcomes().get(0).get(0).afterVersion());
        }

        private Response say(LogEntry entry) throws Exception {
            return channels.call(leader, new Request.Append(entry, ""), Duration.ofSeconds(10))
                    .get(20, TimeUnit.SECONDS);
        }

        Response part(long transfer, int index, int count, byte[] content) throws Exception {
            sequence++;
            return say(new LogEntry(
                    0,
                    client,
                    sequence,
                    sequence - 1,
                    List.of(new Command.Part(transfer, index, count, Bytes.wrap(content)))));
        }

        @Override
        public void close() {
            channels.close();
        }
    }

    private static void isRefused(Response response, String why) {
        assertThat(response).isInstanceOfSatisfying(Response.Failed.class, failed -> {
            assertThat(failed.kind()).isEqualTo(Response.Failed.Kind.REJECTED);
            assertThat(failed.message()).contains(why).doesNotContain("\n");
        });
    }

    /** Applied, it would stop every replica, and again at each start. */
    @Test
    @DisplayName("Row 5: parts that make no command, or make parts again")
    void partsThatMakeNoCommandAreRefused() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            RatisStore follower = cluster.follower();
            long cache = ClusterIT.create(follower);
            String leader = cluster.leader();
            Member member = cluster.members().stream()
                    .filter(each -> each.id().equals(leader))
                    .findFirst()
                    .orElseThrow();
            try (Speaker speaker = new Speaker(member)) {
                byte[] noise = new byte[100];
                new Random(1).nextBytes(noise);
                noise[0] = 99;
                isRefused(speaker.part(0, 0, 1, noise), "unknown command tag 99");
                Response.Appended first = (Response.Appended) speaker.part(0, 0, 2, noise);
                long transfer = first.applied().outcomes().get(0).get(0).afterVersion();
                isRefused(speaker.part(transfer, 1, 2, noise), "unknown command tag 99");
                byte[] nested = new byte[] {5}; // a tick
                for (int i = 0; i < 2_000; i++) {
                    nested = CommandCodec.encodeCommand(new Command.Part(0, 0, 1, Bytes.wrap(nested)))
                            .unwrap();
                }
                isRefused(speaker.part(0, 0, 1, nested), "never comes in parts");
            }
            ClusterIT.put(follower, cache, "k", "v");
            for (String id : List.of("m1", "m2", "m3")) {
                assertThat(ClusterIT.get(cluster.store(id), cache, "k", ReadLevel.LINEARIZABLE))
                        .isEqualTo("v");
            }
            assertThat(cluster.leader()).isEqualTo(leader);
        }
    }
}
