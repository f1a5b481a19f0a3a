package io.concordcache.admin;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Several entries of one cache in one call, which is seen whole or not at all. */
final class BulkRoutes {
    private static final int MAX_KEYS = 10_000;
    private static final String KEYS = "keys";
    private static final String ENTRIES = "entries";
    private static final String KEY_TYPE = "keyType";

    private final CacheStore store;

    BulkRoutes(CacheStore store) {
        this.store = store;
    }

    List<Route> routes() {
        String bulk = "/v1/caches/{cache}/bulk/";
        return List.of(
                Route.read("POST", bulk + "get", this::get, "level"),
                Route.write("POST", bulk + "put", this::put),
                Route.write("POST", bulk + "delete", this::delete));
    }

    private static List<Bytes> keys(JsonObject body) {
        EntryText.KeyType type = EntryRoutes.keyType(Json.optional(body, KEY_TYPE));
        List<Bytes> keys = new ArrayList<>();
        for (JsonElement each : Json.list(body, KEYS, MAX_KEYS)) {
            if (!each.isJsonPrimitive() || !each.getAsJsonPrimitive().isString()) {
                throw Problem.bad("a key must be a text");
            }
            keys.add(EntryText.key(type, each.getAsString()));
        }
        return keys;
    }

    private Answer get(Request request) throws IOException {
        List<Bytes> keys = keys(Json.object(request.jsonBody(), Set.of(KEYS, KEY_TYPE)));
        long cache = CacheRoutes.existing(store, request.path("cache")).id();
        List<@Nullable Entry> entries = store.getAll(cache, keys, EntryRoutes.level(request.query("level")));
        List<@Nullable Map<String, @Nullable Object>> shown = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            Entry entry = entries.get(i);
            shown.add(entry == null ? null : EntryRoutes.shown(store, keys.get(i), entry, Integer.MAX_VALUE));
        }
        return Answer.json(Json.object(ENTRIES, shown));
    }

    private Answer put(Request request) throws IOException {
        JsonObject body = Json.object(request.jsonBody(), Set.of(ENTRIES, KEY_TYPE));
        EntryText.KeyType type = EntryRoutes.keyType(Json.optional(body, KEY_TYPE));
        long cache = CacheRoutes.existing(store, request.path("cache")).id();
        List<Command.Write> writes = new ArrayList<>();
        for (JsonElement each : Json.list(body, ENTRIES, MAX_KEYS)) {
            if (!each.isJsonObject()) {
                throw Problem.bad("an entry must be an object with key and value");
            }
            JsonObject entry = Json.known(each.getAsJsonObject(), Set.of("key", "value", "ttl"));
            JsonElement value = entry.get("value");
            if (value == null) {
                throw Problem.bad("the field 'value' is missing");
            }
            writes.add(new Command.Write(
                    cache,
                    EntryText.key(type, Json.string(entry, "key")),
                    Condition.ANY,
                    new Mutation.Put(
                            EntryText.value(EntryRoutes.value(value)),
                            EntryRoutes.expiry(Json.optional(entry, "ttl")))));
        }
        List<String> versions = execute(request, cache, writes).stream()
                .map(outcome -> String.valueOf(outcome.afterVersion()))
                .toList();
        return Answer.json(Json.object("versions", versions));
    }

    private Answer delete(Request request) throws IOException {
        List<Bytes> keys = keys(Json.object(request.jsonBody(), Set.of(KEYS, KEY_TYPE)));
        long cache = CacheRoutes.existing(store, request.path("cache")).id();
        List<Command.Write> writes = keys.stream()
                .map(key -> new Command.Write(cache, key, Condition.PRESENT, Mutation.REMOVE))
                .toList();
        long removed =
                execute(request, cache, writes).stream().filter(Outcome::held).count();
        return Answer.json(Json.object("removed", removed));
    }

    private List<Outcome> execute(Request request, long cache, List<Command.Write> writes) {
        if (writes.isEmpty()) {
            return List.of();
        }
        Command.Batch batch;
        try {
            batch = new Command.Batch(cache, writes);
        } catch (IllegalArgumentException e) {
            throw Problem.bad("a key stands twice in the list");
        }
        List<Outcome> outcomes = store.executeAll(batch);
        return switch (outcomes.get(0).status()) {
            case LOCKED -> throw EntryRoutes.locked();
            case NO_CACHE -> throw CacheRoutes.noCache(request.path("cache"));
            case FAILED, HELD -> outcomes;
        };
    }
}
