package io.concordcache.admin;

import com.google.gson.JsonElement;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ReadLevel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Single entries, and pages of them. */
final class EntryRoutes {
    private static final int PAGE = 100;
    private static final int LONGEST_PAGE = 1000;
    /** So much of a value is shown in a page. */
    private static final int SHOWN_CHARS = 1000;

    private static final String KEY_TYPE = "key-type";
    private static final String TTL = "ttl";
    private static final String TTL_HEADER = "Concord-TTL";
    private static final String LEVEL = "level";
    private static final Pattern ETAG = Pattern.compile("\"?(\\d{1,19})\"?");

    private final CacheStore store;

    EntryRoutes(CacheStore store) {
        this.store = store;
    }

    List<Route> routes() {
        String one = "/v1/caches/{cache}/entries/{key}";
        return List.of(
                Route.read("GET", "/v1/caches/{cache}/entries", this::scan, "limit", "after", LEVEL),
                Route.read("GET", one, this::get, KEY_TYPE, LEVEL),
                Route.write("PUT", one, this::put, KEY_TYPE, TTL),
                Route.write("DELETE", one, this::delete, KEY_TYPE),
                Route.read("GET", one + "/ttl", this::timeToLive, KEY_TYPE, LEVEL),
                Route.write("PUT", one + "/ttl", this::touch, KEY_TYPE, TTL));
    }

    static EntryText.KeyType keyType(@Nullable String text) {
        if (text == null) {
            return EntryText.KeyType.STRING;
        }
        for (EntryText.KeyType type : EntryText.KeyType.values()) {
            if (type.name().toLowerCase(Locale.ROOT).equals(text)) {
                return type;
            }
        }
        throw Problem.bad("a key has the type string, long, int, uuid or hex, not '" + text + "'");
    }

    static ReadLevel level(@Nullable String text) {
        if (text == null) {
            return ReadLevel.LINEARIZABLE;
        }
        for (ReadLevel level : ReadLevel.values()) {
            if (level.name().toLowerCase(Locale.ROOT).equals(text)) {
                return level;
            }
        }
        throw Problem.bad("a read has the level linearizable, session or eventual, not '" + text + "'");
    }

    /** {@code never}, a duration, or what the cache says if null. */
    static Expiry expiry(@Nullable String ttl) {
        if (ttl == null) {
            return Expiry.BY_RULE;
        }
        return ttl.equals("never")
                ? Expiry.ETERNAL
                : Expiry.after(Durations.parse(ttl).toMillis());
    }

    private static Bytes key(Request request) {
        return EntryText.key(keyType(request.query(KEY_TYPE)), request.path("key"));
    }

    private static Problem noEntry(Request request) {
        return Problem.of(
                404,
                "no-such-entry",
                "there is no entry of key '" + request.path("key") + "' in cache '" + request.path("cache") + "'");
    }

    private static @Nullable Object millisLeft(CacheStore store, Entry entry) {
        return entry.expiresAtMillis() == Expiry.NEVER
                ? null
                : Math.max(0, entry.expiresAtMillis() - store.nowMillis());
    }

    /** An entry as JSON; its value as it is if JSON has the like, else as text. */
    static Map<String, @Nullable Object> shown(CacheStore store, Bytes key, Entry entry, int maxChars) {
        Object value = EntryText.read(entry.value());
        boolean plain = value instanceof String
                || value instanceof Boolean
                || value instanceof Long
                || value instanceof Integer
                || value instanceof Short
                || value instanceof Byte
                || (value instanceof Double real && !real.isNaN() && !real.isInfinite());
        Object shown = plain ? value : EntryText.shown(entry.value());
        boolean cut = false;
        if (shown instanceof String text && text.length() > maxChars) {
            shown = text.substring(0, maxChars);
            cut = true;
        }
        return Json.object(
                "key",
                EntryText.shown(key),
                "keyHex",
                HexFormat.of().formatHex(key.unwrap()),
                "value",
                shown,
                "type",
                value == null ? "bytes" : value.getClass().getName(),
                "complete",
                plain && !cut,
                "size",
                entry.value().length(),
                "version",
                String.valueOf(entry.version()), // JavaScript has no integers that large
                "ttlMillis",
                millisLeft(store, entry));
    }

    private Answer get(Request request) {
        CacheInfo cache = CacheRoutes.existing(store, request.path("cache"));
        Bytes key = key(request);
        Entry entry = store.get(cache.id(), key, level(request.query(LEVEL)));
        if (entry == null) {
            throw noEntry(request);
        }
        String tag = "\"" + entry.version() + "\"";
        Answer answer = tag.equals(request.header("If-None-Match"))
                ? new Answer(304, "", new byte[0], Map.of())
                : body(request, key, entry);
        Object left = millisLeft(store, entry);
        return (left == null ? answer : answer.with(TTL_HEADER, left + "ms")).with("ETag", tag);
    }

    private Answer body(Request request, Bytes key, Entry entry) {
        String accept = String.valueOf(request.header("Accept")).toLowerCase(Locale.ROOT);
        if (accept.startsWith(Answer.BINARY)) {
            return new Answer(200, Answer.BINARY, entry.value().unwrap(), Map.of());
        }
        if (accept.startsWith("text/plain")) {
            return Answer.text(Answer.TEXT, EntryText.shown(entry.value()));
        }
        return Answer.json(shown(store, key, entry, Integer.MAX_VALUE));
    }

    private static Bytes value(Request request) throws IOException {
        byte[] body = request.body();
        return switch (request.mediaType()) {
            case Answer.BINARY -> Bytes.wrap(body);
            case "text/plain" -> EntryText.value(Json.utf8(body));
            case Answer.JSON -> EntryText.value(value(Json.parse(body)));
            default ->
                throw Problem.of(
                        415,
                        "wrong-media-type",
                        "a value is application/json, text/plain (UTF-8), or application/octet-stream for the bytes as they are"
                                + " stored");
        };
    }

    /** Texts, numbers and booleans as Java has them; of objects and lists their JSON. */
    static Object value(JsonElement json) {
        if (json.isJsonNull()) {
            throw Problem.bad("a value cannot be null");
        }
        return json.isJsonPrimitive() ? Json.simple(json.getAsJsonPrimitive()) : json.toString();
    }

    private static @Nullable String timeToLiveOf(Request request) {
        String parameter = request.query(TTL);
        String header = request.header(TTL_HEADER);
        if (parameter != null && header != null && !parameter.equals(header)) {
            throw Problem.bad("the time to live is given twice, as a parameter and as " + TTL_HEADER + ", and differs");
        }
        return parameter == null ? header : parameter;
    }

    private static Condition condition(Request request) {
        String match = request.header("If-Match");
        String none = request.header("If-None-Match");
        if (match != null && none != null) {
            throw Problem.bad("If-Match and If-None-Match do not go together");
        }
        if (none != null) {
            if (!none.strip().equals("*")) {
                throw Problem.bad("If-None-Match must be * here: store only if there is no entry");
            }
            return Condition.ABSENT;
        }
        if (match == null) {
            return Condition.ANY;
        }
        if (match.strip().equals("*")) {
            return Condition.PRESENT;
        }
        Matcher version = ETAG.matcher(match.strip());
        if (!version.matches()) {
            throw Problem.bad("If-Match must be * or the version of the entry, as its ETag has it");
        }
        try {
            return new Condition.VersionIs(Long.parseLong(version.group(1)));
        } catch (NumberFormatException e) {
            throw Problem.bad("If-Match must be * or the version of the entry, as its ETag has it");
        }
    }

    private Outcome write(Request request, Condition when, Mutation then) {
        CacheInfo cache = CacheRoutes.existing(store, request.path("cache"));
        Outcome outcome = store.execute(new Command.Write(cache.id(), key(request), when, then));
        return switch (outcome.status()) {
            case LOCKED -> throw locked();
            case NO_CACHE -> throw CacheRoutes.noCache(request.path("cache"));
            case FAILED, HELD -> outcome;
        };
    }

    static Problem locked() {
        return Problem.of(423, "locked", "somebody holds the lock of the key for a moment; try again");
    }

    private static Problem changed(Outcome outcome) {
        return Problem.of(
                412,
                "version-differs",
                outcome.existed()
                        ? "there is an entry, of version " + outcome.beforeVersion()
                        : "there is no entry of this key");
    }

    private Answer put(Request request) throws IOException {
        Condition when = condition(request);
        Mutation put = new Mutation.Put(value(request), expiry(timeToLiveOf(request)));
        Outcome outcome = write(request, when, put);
        if (!outcome.held()) {
            throw changed(outcome);
        }
        boolean created = !outcome.existed();
        Answer answer = Answer.json(
                created ? 201 : 200,
                Json.object("created", created, "version", String.valueOf(outcome.afterVersion())));
        return outcome.afterVersion() == 0 ? answer : answer.with("ETag", "\"" + outcome.afterVersion() + "\"");
    }

    private Answer delete(Request request) {
        Condition when = condition(request);
        Outcome outcome = write(request, when.equals(Condition.ANY) ? Condition.PRESENT : when, Mutation.REMOVE);
        if (outcome.held()) {
            return Answer.nothing();
        }
        throw outcome.existed() || request.header("If-Match") != null ? changed(outcome) : noEntry(request);
    }

    private Answer touch(Request request) {
        String ttl = timeToLiveOf(request);
        if (ttl == null) {
            throw Problem.bad("the parameter ttl is missing: a duration, for example 10m, or never");
        }
        if (!write(request, Condition.PRESENT, new Mutation.Touch(expiry(ttl))).held()) {
            throw noEntry(request);
        }
        return timeToLive(request);
    }

    private Answer timeToLive(Request request) {
        CacheInfo cache = CacheRoutes.existing(store, request.path("cache"));
        Entry entry = store.get(cache.id(), key(request), level(request.query(LEVEL)));
        if (entry == null) {
            throw noEntry(request);
        }
        return Answer.json(Json.object("ttlMillis", millisLeft(store, entry)));
    }

    /** In the order of the bytes of keys, so that a page can begin where the last one ended. */
    private Answer scan(Request request) {
        int limit = limit(request.query("limit"));
        String after = request.query("after");
        Bytes from = after == null ? null : EntryText.key(EntryText.KeyType.HEX, after);
        ReadLevel level = level(request.query(LEVEL));
        long cache = CacheRoutes.existing(store, request.path("cache")).id();
        PriorityQueue<Bytes> first = new PriorityQueue<>(Comparator.reverseOrder());
        for (Iterator<Bytes> all = store.keys(cache, level); all.hasNext(); ) {
            Bytes key = all.next();
            if (from == null || key.compareTo(from) > 0) {
                first.add(key);
                if (first.size() > limit + 1) {
                    first.remove();
                }
            }
        }
        List<Bytes> keys = new ArrayList<>(first);
        keys.sort(Comparator.naturalOrder());
        boolean more = keys.size() > limit;
        List<Bytes> page = more ? keys.subList(0, limit) : keys;
        List<@Nullable Entry> entries = store.getAll(cache, page, level);
        List<Map<String, @Nullable Object>> shown = new ArrayList<>();
        for (int i = 0; i < page.size(); i++) {
            Entry entry = entries.get(i);
            if (entry != null) {
                shown.add(shown(store, page.get(i), entry, SHOWN_CHARS));
            }
        }
        return Answer.json(Json.object(
                "entries",
                shown,
                "next",
                more ? HexFormat.of().formatHex(page.get(limit - 1).unwrap()) : null));
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return PAGE;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= LONGEST_PAGE) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw Problem.bad("a page has from 1 to " + LONGEST_PAGE + " entries");
    }
}
