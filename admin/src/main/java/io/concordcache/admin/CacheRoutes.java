package io.concordcache.admin;

import com.google.gson.JsonObject;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.ExpiryRule;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Role;
import io.concordcache.raft.core.Stamp;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreMetrics.CacheMetrics;
import io.concordcache.raft.store.StoreMetrics.Stored;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Caches as a whole. */
final class CacheRoutes {
    private final CacheStore store;

    CacheRoutes(CacheStore store) {
        this.store = store;
    }

    List<Route> routes() {
        return List.of(
                Route.any("/v1/caches", this::list),
                Route.admin("POST", "/v1/caches", this::create),
                Route.read("GET", "/v1/caches/{cache}", this::describe),
                Route.admin("DELETE", "/v1/caches/{cache}", this::delete),
                Route.write("DELETE", "/v1/caches/{cache}/entries", this::clear).withAudit());
    }

    /** The cache of this name, which must exist. */
    static CacheInfo existing(CacheStore store, String name) {
        CacheInfo info = store.cache(name);
        if (info == null) {
            throw noCache(name);
        }
        return info;
    }

    static Problem noCache(String name) {
        return Problem.of(404, "no-such-cache", "there is no cache '" + name + "'");
    }

    /** Those for which the caller has a role. */
    private Answer list(Request request) {
        Map<String, CacheMetrics> counted = counted();
        List<Map<String, @Nullable Object>> caches = new ArrayList<>();
        for (CacheInfo info : store.caches()) {
            String name = info.definition().name();
            if (!request.caller().roles(name).isEmpty()) {
                caches.add(shown(request, info, counted.get(name)));
            }
        }
        return Answer.json(Json.object("caches", caches));
    }

    private Answer describe(Request request) {
        String name = request.path("cache");
        return Answer.json(shown(request, existing(store, name), counted().get(name)));
    }

    private Map<String, CacheMetrics> counted() {
        return store.metrics().caches().stream().collect(Collectors.toMap(CacheMetrics::name, Function.identity()));
    }

    private static @Nullable Object bound(long limit) {
        return limit == CacheDefinition.UNBOUNDED ? null : limit;
    }

    private Map<String, @Nullable Object> shown(Request request, CacheInfo info, @Nullable CacheMetrics counted) {
        CacheDefinition definition = info.definition();
        ExpiryRule expiry = definition.expiry();
        Map<String, @Nullable Object> shown = Json.object(
                "name", definition.name(),
                "created", Instant.ofEpochMilli(Stamp.millis(info.id())).toString(),
                "entries", store.size(info.id()),
                "maxEntries", bound(definition.maxEntries()),
                "maxBytes", bound(definition.maxBytes()),
                "expiry",
                        Json.object(
                                "creation", CacheText.shown(expiry.onCreation()),
                                "access", CacheText.shown(expiry.onAccess()),
                                "update", CacheText.shown(expiry.onUpdate())),
                "attributes", definition.attributes(),
                "roles", ClusterRoutes.roles(request.caller().roles(definition.name())));
        Stored stored = counted == null ? null : counted.stored();
        if (stored != null) {
            shown.put("bytes", stored.bytes());
            shown.put("hits", stored.hits());
            shown.put("misses", stored.misses());
            shown.put("puts", stored.puts());
            shown.put("removals", stored.removals());
            shown.put("evictions", stored.evictions());
            shown.put("expirations", stored.expirations());
        }
        return shown;
    }

    private Answer create(Request request) throws IOException {
        JsonObject body = Json.object(request.jsonBody(), Set.of("name", "maxEntries", "maxBytes", "ttl"));
        String ttl = Json.optional(body, "ttl");
        CacheDefinition definition = CacheText.definition(
                Json.string(body, "name"),
                Json.number(body, "maxEntries"),
                Json.number(body, "maxBytes"),
                ttl == null ? null : Durations.parse(ttl));
        request.note(definition.name());
        request.caller().require(needs -> needs.role(Role.ADMIN, definition.name()));
        Outcome created = store.execute(new Command.CreateCache(definition));
        if (!created.held()) {
            throw Problem.of(409, "cache-exists", "there is a cache '" + definition.name() + "' already");
        }
        return Answer.json(201, shown(request, new CacheInfo(created.afterVersion(), definition), null));
    }

    private Answer delete(Request request) {
        return whole(request, Command.DestroyCache::new);
    }

    private Answer clear(Request request) {
        return whole(request, Command.Clear::new);
    }

    private Answer whole(Request request, Function<Long, Command> command) {
        String name = request.path("cache");
        CacheInfo info = existing(store, name);
        if (store.execute(command.apply(info.id())).status() == Outcome.Status.NO_CACHE) {
            throw RequestRejectedException.noSuchCache(info.id());
        }
        return Answer.nothing();
    }
}
