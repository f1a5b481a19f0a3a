package io.concordcache.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.Durability;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.Member;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three members, each with an admin port; what one is told, all do. */
@Timeout(240)
class MembersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<RatisStore> stores = new ArrayList<>();
    private final List<AdminServer> servers = new ArrayList<>();

    @AfterEach
    void end() {
        servers.forEach(AdminServer::close);
        stores.parallelStream().forEach(RatisStore::close);
    }

    private RatisStore member(Member member, List<Member> all, boolean join) {
        return RatisStore.start(RatisSettings.member(
                Durability.DISK, directory.resolve(member.id()), new ClusterSettings(member, all, join)));
    }

    private Port.Got call(int at, String method, String path, String body) throws Exception {
        return Port.send(
                client,
                HttpRequest.newBuilder(URI.create(servers.get(at).url() + path))
                        .timeout(Duration.ofSeconds(90))
                        .header("Content-Type", "application/json")
                        .method(
                                method,
                                body.isEmpty()
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body))
                        .build());
    }

    private JsonObject json(int at, String path) throws Exception {
        return JsonParser.parseString(call(at, "GET", path, "").body()).getAsJsonObject();
    }

    @Test
    void theLeadMovesAndMembersComeAndGo() throws Exception {
        List<Member> members = Port.freeMembers(4);
        List<Member> first = members.subList(0, 3);
        List<CompletableFuture<RatisStore>> starts = first.stream()
                .map(each -> CompletableFuture.supplyAsync(
                        () -> member(each, first, false), task -> new Thread(task).start()))
                .toList();
        for (CompletableFuture<RatisStore> each : starts) {
            stores.add(each.get(120, TimeUnit.SECONDS));
        }
        for (RatisStore store : stores) {
            servers.add(AdminServer.start(store, AdminSettings.of(Port.anyPort(), null, null)));
        }
        String leader = json(0, "v1/status").get("leader").getAsString();
        String heir = leader.equals("m2") ? "m3" : "m2";
        await().atMost(PATIENCE)
                .until(() -> call(1, "POST", "v1/leader", "{\"member\":\"" + heir + "\"}")
                                .status()
                        == 200);
        await().atMost(PATIENCE).until(() -> heir.equals(leaderAt(0)) && heir.equals(leaderAt(2)));
        assertThat(call(0, "GET", "health/ready", "").status()).isEqualTo(200);
        assertThat(call(0, "GET", "metrics", "").body()).containsPattern("concord_raft_elections_total\\{[^}]*} [1-9]");

        stores.add(member(members.get(3), members, true));
        assertThat(call(0, "POST", "v1/members", "{\"member\":\"" + members.get(3) + "\"}")
                        .status())
                .isEqualTo(201);
        assertThat(json(1, "v1/members").getAsJsonArray("members")).hasSize(4);
        assertThat(call(2, "DELETE", "v1/members/m4", "").status()).isEqualTo(204);
        assertThat(json(0, "v1/members").getAsJsonArray("members")).hasSize(3);

        // Without the two others nobody is ready, and says why.
        servers.subList(1, 3).forEach(AdminServer::close);
        stores.subList(1, 4).parallelStream().forEach(RatisStore::close);
        await().atMost(PATIENCE).until(() -> call(0, "GET", "health/ready", "").status() == 503);
        JsonObject health = json(0, "health/ready");
        assertThat(health.get("quorum").getAsBoolean()).isFalse();
        assertThat(health.get("lastError").getAsString()).isNotBlank();
        assertThat(call(0, "GET", "health/live", "").status()).isEqualTo(200);
        assertThat(call(0, "GET", "metrics", "").body()).contains("concord_member_serving");
    }

    private String leaderAt(int at) throws Exception {
        var leader = json(at, "v1/status").get("leader");
        return leader.isJsonNull() ? "" : leader.getAsString();
    }
}
