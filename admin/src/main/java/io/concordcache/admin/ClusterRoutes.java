package io.concordcache.admin;

import com.google.gson.JsonObject;
import io.concordcache.raft.core.Role;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.ClusterStatus.MemberStatus;
import io.concordcache.raft.store.Health;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.StoreMetrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Status, members, lead and health. */
final class ClusterRoutes {
    /** Whoever asks within this time is told the same: health is asked for by anybody. */
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final CacheStore store;
    private @Nullable Health known;
    private long knownAt;

    ClusterRoutes(CacheStore store) {
        this.store = store;
    }

    List<Route> routes() {
        return List.of(
                Route.open("/health/live", request -> Answer.json(Json.object("live", true))),
                Route.open("/health/ready", request -> ready()),
                Route.any("/v1/me", ClusterRoutes::me),
                Route.any("/v1/status", request -> status()),
                Route.any("/v1/members", request -> members()),
                Route.cluster("POST", "/v1/members", this::add),
                Route.cluster("DELETE", "/v1/members/{member}", this::remove),
                Route.cluster("POST", "/v1/leader", this::transfer));
    }

    private synchronized Health health() {
        Health fresh = known;
        if (fresh == null || System.nanoTime() - knownAt >= FRESH_NANOS) {
            fresh = Health.of(store);
            known = fresh;
            knownAt = System.nanoTime();
        }
        return fresh;
    }

    private Answer ready() {
        Health health = health();
        return Answer.json(
                health.healthy() ? 200 : 503,
                Json.object(
                        "healthy",
                        health.healthy(),
                        "role",
                        health.role() == null ? null : lower(health.role()),
                        "leader",
                        health.leader(),
                        "lag",
                        health.lag(),
                        "quorum",
                        health.quorum(),
                        "leaderUptimeMillis",
                        health.leaderUptime() == null
                                ? null
                                : health.leaderUptime().toMillis(),
                        "lastError",
                        health.lastError()));
    }

    private static Answer me(Request request) {
        return Answer.json(Json.object(
                "name",
                request.caller().name(),
                "grants",
                request.caller().granted().stream()
                        .map(each -> Json.object("roles", roles(each.roles()), "caches", each.pattern()))
                        .toList()));
    }

    /** As {@code access.file} has them. */
    static List<String> roles(Set<Role> roles) {
        return roles.stream().sorted().map(ClusterRoutes::lower).toList();
    }

    private Answer status() {
        ClusterStatus status = store.admin().status();
        StoreMetrics.MemberMetrics own = store.metrics().member();
        List<Map<String, @Nullable Object>> members = new ArrayList<>();
        for (MemberStatus member : status.members()) {
            members.add(Json.object(
                    "id", member.member().id(),
                    "address", member.member().address(),
                    "role", lower(member.role()),
                    "term", member.term(),
                    "lastIndex", known(member.lastIndex()),
                    "appliedIndex", known(member.appliedIndex()),
                    "snapshotIndex", known(member.snapshotIndex()),
                    "caches", member.caches(),
                    "entries", member.entries(),
                    "problem", member.problem()));
        }
        return Answer.json(Json.object(
                "cluster", status.cluster(),
                "self", own == null ? null : own.id(),
                "leader", status.leader(),
                "term", status.term(),
                "members", members));
    }

    private static @Nullable Object known(long index) {
        return index < 0 ? null : index;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private Answer members() {
        ClusterStatus status = store.admin().status();
        List<Map<String, @Nullable Object>> members = new ArrayList<>();
        for (MemberStatus member : status.members()) {
            members.add(Json.object(
                    "id", member.member().id(),
                    "address", member.member().address(),
                    "leads", member.member().id().equals(status.leader())));
        }
        return Answer.json(Json.object("members", members));
    }

    private Answer add(Request request) throws IOException {
        Member member = Member.parse(Json.string(Json.object(request.jsonBody(), Set.of("member")), "member"));
        request.note(member.toString());
        store.admin().addMember(member);
        return Answer.json(201, Json.object("id", member.id(), "address", member.address()));
    }

    private Answer remove(Request request) {
        store.admin().removeMember(member(request.path("member")));
        return Answer.nothing();
    }

    private Answer transfer(Request request) throws IOException {
        JsonObject body = Json.object(request.jsonBody(), Set.of("member"));
        String to = Json.optional(body, "member");
        request.note(to);
        store.admin().transferLeadership(to == null ? null : member(to));
        return Answer.json(Json.object("leader", store.admin().status().leader()));
    }

    private String member(String id) {
        List<String> ids = store.admin().status().members().stream()
                .map(status -> status.member().id())
                .toList();
        if (!ids.contains(id)) {
            throw Problem.notFound("there is no member '" + id + "'; the members are " + ids);
        }
        return id;
    }
}
