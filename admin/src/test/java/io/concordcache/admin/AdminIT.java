package io.concordcache.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.concordcache.admin.Port.Got;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.ratis.RemoteSettings;
import io.concordcache.raft.ratis.RemoteStore;
import io.concordcache.raft.store.Health;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The API of a port that anybody may use. */
@Timeout(180)
class AdminIT {
    private static Port port;

    @BeforeAll
    static void start() throws Exception {
        port = Port.start(null);
    }

    @AfterAll
    static void stop() {
        port.close();
    }

    @BeforeEach
    void makeCache() {
        var made = port.store().execute(new Command.CreateCache(CacheDefinition.named("orders")));
        var cleared = port.store().execute(new Command.Clear(made.afterVersion()));
        assertThat(cleared.held()).isTrue();
    }

    private static JsonObject json(Got got) {
        assertThat(got.type()).as(got.body()).isEqualTo("application/json");
        return JsonParser.parseString(got.body()).getAsJsonObject();
    }

    /** The answer is a problem of this status and kind, and nothing of the inside shows. */
    static void assertProblem(Got got, int status, String code) {
        assertThat(got.status()).as(got.body()).isEqualTo(status);
        assertThat(got.type()).isEqualTo("application/problem+json");
        JsonObject problem = JsonParser.parseString(got.body()).getAsJsonObject();
        assertThat(problem.get("type").getAsString()).isEqualTo("urn:concord:problem:" + code);
        assertThat(problem.get("status").getAsInt()).isEqualTo(status);
        assertThat(problem.get("detail").getAsString()).isNotBlank().doesNotContain("Exception", "\tat ");
    }

    private static Got put(String key, String json, String... headers) throws Exception {
        return port.call("PUT", "/v1/caches/orders/entries/" + key, json, headers);
    }

    private static Got get(String key, String... headers) throws Exception {
        return port.get("/v1/caches/orders/entries/" + key, headers);
    }

    @Test
    void tellsOfTheCluster() throws Exception {
        JsonObject status = json(port.get("/v1/status"));
        assertThat(status.get("leader").getAsString()).isEqualTo("m1");
        assertThat(status.get("self").getAsString()).isEqualTo("m1");
        JsonObject member = status.getAsJsonArray("members").get(0).getAsJsonObject();
        assertThat(member.get("role").getAsString()).isEqualTo("leader");
        assertThat(member.get("appliedIndex").getAsLong()).isPositive();
        assertThat(member.get("snapshotIndex").isJsonNull()).isTrue();
        assertThat(json(port.get("/v1/members")).getAsJsonArray("members")).hasSize(1);
        assertThat(json(port.get("/v1/me")))
                .hasToString(
                        "{\"name\":\"anybody\",\"grants\":[{\"roles\":[\"read\",\"write\",\"admin\"],\"caches\":\"*\"}]}");
        assertThat(json(port.get("/health/live")).get("live").getAsBoolean()).isTrue();

        JsonObject health = json(port.get("/health/ready"));
        assertThat(health.get("healthy").getAsBoolean()).isTrue();
        assertThat(health.get("quorum").getAsBoolean()).isTrue();
        assertThat(health.get("role").getAsString()).isEqualTo("leader");
        assertThat(health.get("lag").getAsLong()).isZero();
        assertThat(health.get("leaderUptimeMillis").getAsLong()).isNotNegative();
        assertThat(health.get("lastError").isJsonNull()).isTrue();
    }

    @Test
    void changesMembersOnlyWhereThatMakesSense() throws Exception {
        assertProblem(port.call("DELETE", "/v1/members/nobody", null), 404, "not-found");
        assertProblem(port.call("DELETE", "/v1/members/m1", null), 409, "no-cluster");
        assertProblem(port.call("POST", "/v1/leader", "{\"member\":\"nobody\"}"), 404, "not-found");
        assertProblem(port.call("POST", "/v1/leader", "{}"), 503, "unavailable");
        assertProblem(port.call("POST", "/v1/members", "{\"member\":\"no member\"}"), 400, "bad-request");
        Got absent = port.call("POST", "/v1/members", "{\"member\":\"x=127.0.0.1:1\"}");
        assertProblem(absent, 503, "unavailable");
        assertThat(absent.body()).contains("start it with join first");
        assertThat(absent.headers().firstValue("Retry-After")).hasValue("1");
    }

    @Test
    void makesAndEndsCaches() throws Exception {
        Got made = port.call("POST", "/v1/caches", "{\"name\":\"a/b c\",\"maxEntries\":10,\"ttl\":\"30m\"}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(json(made).getAsJsonObject("expiry").get("update").getAsString())
                .isEqualTo("PT30M");
        assertProblem(port.call("POST", "/v1/caches", "{\"name\":\"a/b c\"}"), 409, "cache-exists");
        JsonObject described = json(port.get("/v1/caches/a%2Fb%20c"));
        assertThat(described.get("name").getAsString()).isEqualTo("a/b c");
        assertThat(described.get("maxEntries").getAsLong()).isEqualTo(10);
        assertThat(described.get("maxBytes").isJsonNull()).isTrue();
        assertThat(described.get("puts").getAsLong()).isZero();
        assertThat(json(port.get("/v1/caches")).getAsJsonArray("caches")).hasSizeGreaterThanOrEqualTo(2);

        assertThat(port.call("PUT", "/v1/caches/a%2Fb%20c/entries/k", "1").status())
                .isEqualTo(201);
        assertThat(port.call("DELETE", "/v1/caches/a%2Fb%20c/entries", null).status())
                .isEqualTo(204);
        assertThat(json(port.get("/v1/caches/a%2Fb%20c")).get("entries").getAsLong())
                .isZero();
        assertThat(port.call("DELETE", "/v1/caches/a%2Fb%20c", null).status()).isEqualTo(204);
        assertProblem(port.get("/v1/caches/a%2Fb%20c"), 404, "no-such-cache");
        assertProblem(port.call("DELETE", "/v1/caches/a%2Fb%20c", null), 404, "no-such-cache");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | 'name' is missing",
                "{\"name\":\"\"} | is empty",
                "{\"name\":\"a\\u0000b\"} | control characters",
                "{\"name\":\"a\\r\\nb\"} | control characters",
                "{\"name\":7} | must be a text",
                "{\"name\":\"x\",\"ttl\":\"soon\"} | is no duration",
                "{\"name\":\"x\",\"maxEntries\":0} | must be positive",
                "{\"name\":\"x\",\"maxEntries\":1.5} | must be a whole number",
                "{\"name\":\"x\",\"maxEntires\":5} | no field 'maxEntires'",
                "[] | must be a JSON object",
                "{\"name\":\"x\" | is no JSON",
                "{'name':'x'} | is no JSON",
            })
    void saysWhatIsWrongWithACache(String body, String message) throws Exception {
        Got got = port.call("POST", "/v1/caches", body);
        assertProblem(got, 400, "bad-request");
        assertThat(got.body()).contains(message);
    }

    @Test
    void storesWhatJavaReads() throws Exception {
        assertThat(put("a", "\"shipped\"").status()).isEqualTo(201);
        assertThat(put("a", "\"sent\"").status()).isEqualTo(200);
        JsonObject text = json(get("a"));
        assertThat(text.get("value").getAsString()).isEqualTo("sent");
        assertThat(text.get("type").getAsString()).isEqualTo("java.lang.String");
        assertThat(text.get("ttlMillis").isJsonNull()).isTrue();
        assertThat(get("a", "Accept", "text/plain").body()).isEqualTo("sent");
        assertThat(get("a").headers().firstValue("ETag"))
                .hasValue("\"" + text.get("version").getAsString() + "\"");

        assertThat(put("n", "42").status()).isEqualTo(201);
        assertThat(json(get("n")).get("value").getAsLong()).isEqualTo(42);
        assertThat(json(get("n")).get("type").getAsString()).isEqualTo("java.lang.Long");
        assertThat(put("d", "1.5").status()).isEqualTo(201);
        assertThat(json(get("d")).get("value").getAsDouble()).isEqualTo(1.5);
        assertThat(put("b", "true").status()).isEqualTo(201);
        assertThat(json(get("b")).get("value").getAsBoolean()).isTrue();
        assertThat(put("o", "{\"x\": [1, 2]}").status()).isEqualTo(201);
        assertThat(json(get("o")).get("value").getAsString()).isEqualTo("{\"x\":[1,2]}");
        assertThat(put("t", "plain, no JSON", "Content-Type", "text/plain; charset=utf-8")
                        .status())
                .isEqualTo(201);
        assertThat(json(get("t")).get("value").getAsString()).isEqualTo("plain, no JSON");

        assertThat(put("7", "\"seven\"", "Concord-TTL", "10m").status()).isEqualTo(201);
        assertProblem(port.get("/v1/caches/orders/entries/7?key-type=long"), 404, "no-such-entry");
        assertThat(port.call("PUT", "/v1/caches/orders/entries/7?key-type=long", "\"other\"")
                        .status())
                .isEqualTo(201);
        assertThat(json(port.get("/v1/caches/orders/entries/7?key-type=long"))
                        .get("value")
                        .getAsString())
                .isEqualTo("other");
        assertThat(json(get("7")).get("value").getAsString()).isEqualTo("seven");
    }

    @Test
    void storesBytesAsTheyAre() throws Exception {
        assertThat(put("raw", "\u0001\u0002any", "Content-Type", "application/octet-stream")
                        .status())
                .isEqualTo(201);
        assertThat(get("raw", "Accept", "application/octet-stream").body()).isEqualTo("\u0001\u0002any");
        JsonObject shown = json(get("raw"));
        assertThat(shown.get("size").getAsInt()).isEqualTo(5);
        String hex = shown.get("keyHex").getAsString();
        assertThat(json(port.get("/v1/caches/orders/entries/" + hex + "?key-type=hex"))
                        .get("key")
                        .getAsString())
                .isEqualTo("raw");
        assertThat(put("%F0%9F%8D%B5%2F..", "1").status()).isEqualTo(201);
        assertThat(json(get("%F0%9F%8D%B5%2F..")).get("key").getAsString()).isEqualTo("\ud83c\udf75/..");
    }

    @Test
    void keepsTimesToLive() throws Exception {
        assertThat(port.call("PUT", "/v1/caches/orders/entries/a?ttl=10m", "1").status())
                .isEqualTo(201);
        assertThat(json(get("a")).get("ttlMillis").getAsLong()).isBetween(1L, 600_000L);
        assertThat(get("a").headers().firstValue("Concord-TTL").orElse("")).endsWith("ms");
        assertThat(json(port.call("PUT", "/v1/caches/orders/entries/a/ttl?ttl=2h", ""))
                        .get("ttlMillis")
                        .getAsLong())
                .isBetween(3_600_000L, 7_200_000L);
        assertThat(json(port.call("PUT", "/v1/caches/orders/entries/a/ttl?ttl=never", ""))
                        .get("ttlMillis")
                        .isJsonNull())
                .isTrue();
        assertThat(json(port.get("/v1/caches/orders/entries/a/ttl"))
                        .get("ttlMillis")
                        .isJsonNull())
                .isTrue();
        assertProblem(port.call("PUT", "/v1/caches/orders/entries/a/ttl", ""), 400, "bad-request");
        assertProblem(port.call("PUT", "/v1/caches/orders/entries/b/ttl?ttl=1m", ""), 404, "no-such-entry");
        assertProblem(
                port.call("PUT", "/v1/caches/orders/entries/a?ttl=1m", "1", "Concord-TTL", "2m"), 400, "bad-request");
        assertThat(port.call("PUT", "/v1/caches/orders/entries/a/ttl?ttl=0ms", "")
                        .status())
                .isEqualTo(404); // it has ended
        assertProblem(get("a"), 404, "no-such-entry");
    }

    @Test
    void changesOnlyTheVersionThatTheCallerKnows() throws Exception {
        assertThat(put("a", "1", "If-None-Match", "*").status()).isEqualTo(201);
        assertProblem(put("a", "2", "If-None-Match", "*"), 412, "version-differs");
        String tag = get("a").headers().firstValue("ETag").orElseThrow();
        assertThat(get("a", "If-None-Match", tag).status()).isEqualTo(304);
        Got second = put("a", "2", "If-Match", tag);
        assertThat(second.status()).isEqualTo(200);
        assertProblem(put("a", "3", "If-Match", tag), 412, "version-differs");
        assertProblem(put("new", "3", "If-Match", "*"), 412, "version-differs");
        assertProblem(put("a", "3", "If-Match", "W/\"x\""), 400, "bad-request");
        assertProblem(put("a", "3", "If-Match", "9999999999999999999"), 400, "bad-request");
        assertProblem(put("a", "3", "If-Match", tag, "If-None-Match", "*"), 400, "bad-request");
        assertThat(json(get("a")).get("value").getAsLong()).isEqualTo(2);

        assertProblem(
                port.call("DELETE", "/v1/caches/orders/entries/a", null, "If-Match", tag), 412, "version-differs");
        String now = second.headers().firstValue("ETag").orElseThrow();
        assertThat(port.call("DELETE", "/v1/caches/orders/entries/a", null, "If-Match", now)
                        .status())
                .isEqualTo(204);
        assertProblem(port.call("DELETE", "/v1/caches/orders/entries/a", null), 404, "no-such-entry");
    }

    @Test
    void waitsForNoLock() throws Exception {
        long cache = port.store().cache("orders").id();
        var locked = port.store()
                .execute(new Command.LockKey(cache, EntryText.key(EntryText.KeyType.STRING, "held"), 60_000));
        assertThat(locked.held()).isTrue();
        assertProblem(put("held", "1"), 423, "locked");
        assertProblem(port.call("POST", "/v1/caches/orders/bulk/delete", "{\"keys\":[\"held\"]}"), 423, "locked");
    }

    @Test
    void handlesManyEntriesAtOnce() throws Exception {
        Got stored = port.call(
                "POST",
                "/v1/caches/orders/bulk/put",
                "{\"entries\":[{\"key\":\"a\",\"value\":\"1\",\"ttl\":\"10m\"},{\"key\":\"b\",\"value\":2}]}");
        assertThat(json(stored).getAsJsonArray("versions")).hasSize(2);
        JsonObject found = json(port.call("POST", "/v1/caches/orders/bulk/get", "{\"keys\":[\"b\",\"none\",\"a\"]}"));
        List<JsonElement> entries = found.getAsJsonArray("entries").asList();
        assertThat(entries.get(0).getAsJsonObject().get("value").getAsLong()).isEqualTo(2);
        assertThat(entries.get(1).isJsonNull()).isTrue();
        assertThat(entries.get(2).getAsJsonObject().get("ttlMillis").getAsLong())
                .isPositive();
        assertThat(json(port.call("POST", "/v1/caches/orders/bulk/delete", "{\"keys\":[\"a\",\"none\"]}"))
                        .get("removed")
                        .getAsInt())
                .isEqualTo(1);
        assertThat(json(port.call("POST", "/v1/caches/orders/bulk/delete", "{\"keys\":[]}"))
                        .get("removed")
                        .getAsInt())
                .isZero();
        assertProblem(
                port.call("POST", "/v1/caches/orders/bulk/delete", "{\"keys\":[\"a\",\"a\"]}"), 400, "bad-request");
        assertProblem(port.call("POST", "/v1/caches/orders/bulk/get", "{\"keys\":[1]}"), 400, "bad-request");
        assertProblem(
                port.call("POST", "/v1/caches/orders/bulk/get", "{\"keys\":[" + "\"\",".repeat(10_000) + "\"\"]}"),
                400,
                "bad-request");
        assertProblem(
                port.call("POST", "/v1/caches/orders/bulk/put", "{\"entries\":[{\"key\":\"a\"}]}"), 400, "bad-request");
        assertProblem(
                port.call("POST", "/v1/caches/orders/bulk/put", "{\"entries\":[{\"key\":\"a\",\"value\":null}]}"),
                400,
                "bad-request");
        assertProblem(port.call("POST", "/v1/caches/none/bulk/get", "{\"keys\":[]}"), 404, "no-such-cache");
    }

    @Test
    void scansInPages() throws Exception {
        StringBuilder entries = new StringBuilder();
        for (int i = 0; i < 25; i++) {
            entries.append(i == 0 ? "" : ",").append("{\"key\":\"k" + i + "\",\"value\":" + i + "}");
        }
        assertThat(port.call("POST", "/v1/caches/orders/bulk/put", "{\"entries\":[" + entries + "]}")
                        .status())
                .isEqualTo(200);
        List<String> keys = new ArrayList<>();
        String next = "";
        int pages = 0;
        do {
            JsonObject page =
                    json(port.get("/v1/caches/orders/entries?limit=10" + (next.isEmpty() ? "" : "&after=" + next)));
            page.getAsJsonArray("entries")
                    .forEach(
                            entry -> keys.add(entry.getAsJsonObject().get("key").getAsString()));
            next = page.get("next").isJsonNull() ? "" : page.get("next").getAsString();
            pages++;
        } while (!next.isEmpty());
        assertThat(pages).isEqualTo(3);
        assertThat(keys).hasSize(25).doesNotHaveDuplicates();
        assertThat(put("long", "\"" + "x".repeat(5000) + "\"").status()).isEqualTo(201);
        JsonObject page = json(port.get("/v1/caches/orders/entries?limit=1000"));
        JsonObject cut = page.getAsJsonArray("entries").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(entry -> entry.get("key").getAsString().equals("long"))
                .findFirst()
                .orElseThrow();
        assertThat(cut.get("value").getAsString()).hasSize(1000);
        assertThat(cut.get("complete").getAsBoolean()).isFalse();
        for (String wrong : List.of("limit=0", "limit=1001", "limit=x", "after=zz", "level=best", "offset=1")) {
            assertProblem(port.get("/v1/caches/orders/entries?" + wrong), 400, "bad-request");
        }
    }

    @Test
    void refusesWrongMethodsTypesAndSizes() throws Exception {
        Got wrong = port.call("PATCH", "/v1/caches/orders", "{}");
        assertProblem(wrong, 405, "wrong-method");
        assertThat(wrong.headers().firstValue("Allow")).hasValue("GET, DELETE");
        assertProblem(port.call("POST", "/health/live", "{}"), 405, "wrong-method");
        assertProblem(port.call("OPTIONS", "/v1/status", null), 405, "wrong-method");
        assertThat(port.call("HEAD", "/v1/status", null).status()).isEqualTo(200);
        assertProblem(put("a", "<a/>", "Content-Type", "application/xml"), 415, "wrong-media-type");
        assertProblem(
                port.call("POST", "/v1/caches", "name=x", "Content-Type", "application/x-www-form-urlencoded"),
                415,
                "wrong-media-type");
        assertProblem(put("a", "x".repeat(Port.MAX_BODY + 1), "Content-Type", "text/plain"), 413, "body-too-large");
        assertThat(put("a", "x".repeat(Port.MAX_BODY), "Content-Type", "text/plain")
                        .status())
                .isEqualTo(201);
        assertProblem(put("k".repeat(70_000), "1"), 413, "key-too-large");
        assertProblem(put("a", "\"half", "Content-Type", "application/json"), 400, "bad-request");
        assertProblem(put("a", "[".repeat(5000), "Content-Type", "application/json"), 400, "bad-request");
        assertProblem(put("a", "null"), 400, "bad-request");
        assertProblem(put("a", "1e999"), 400, "bad-request");
        assertProblem(port.get("/v1/caches/orders/entries/x?key-type=long"), 400, "bad-request");
        assertProblem(port.get("/v1/caches/orders/entries/x?key-type=uuid"), 400, "bad-request");
        assertProblem(port.get("/v1/caches/orders/entries/x?key-type=date"), 400, "bad-request");
        assertProblem(port.get("/v1/caches/orders/entries/x?level=linearizable&level=session"), 400, "bad-request");
        assertProblem(port.get("/nothing/here"), 404, "not-found");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/caches/..%2f, 404",
        "/v1/caches/..%2f..%2fetc%2fpasswd, 404",
        "/v1/caches/../caches, 404",
        "/v1/caches/%2e%2e/entries, 404",
        "/v1/caches//entries, 404",
        "/v1/caches/%00, 404",
        "/v1/caches/a%0d%0ab, 404",
        "/v1/caches/%c0%ae%c0%ae%2f, 400",
        "/v1/caches/%ff, 400",
        "/../console.js, 404",
        "/..%2fconsole.js, 404",
        "/console.html, 404",
        "/%2e/openapi.json, 404",
        "/openapi.json/, 404",
        "/openapi.json%00, 404",
        "/META-INF/MANIFEST.MF, 404",
        "/io/concordcache/admin/AdminServer.class, 404",
    })
    void isNotTrickedByPaths(String path, int status) throws Exception {
        Got got = port.get(path);
        assertThat(got.status()).as(got.body()).isEqualTo(status);
        assertThat(got.type()).isEqualTo("application/problem+json");
    }

    @Test
    void anEmptyHostInThePathLeadsNowhere() throws Exception {
        assertThat(port.get("//openapi.json").status()).isEqualTo(404); // the JDK's server says so by itself
    }

    @Test
    void servesTheConsoleAndItsPartsOnlyByStrictRules() throws Exception {
        Map<String, String> types = new TreeMap<>(Map.of(
                "/", "text/html; charset=utf-8",
                "/api", "text/html; charset=utf-8",
                "/console.js", "text/javascript; charset=utf-8",
                "/api.js", "text/javascript; charset=utf-8",
                "/console.css", "text/css; charset=utf-8",
                "/icon.svg", "image/svg+xml"));
        for (Map.Entry<String, String> each : types.entrySet()) {
            Got got = port.get(each.getKey());
            assertThat(got.status()).isEqualTo(200);
            assertThat(got.type()).isEqualTo(each.getValue());
            assertThat(got.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("default-src 'none'", "script-src 'self'")
                    .doesNotContain("unsafe");
            assertThat(got.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(got.body())
                    .as(each.getKey() + " needs nothing from elsewhere and nothing inline")
                    .doesNotContainPattern("(src|href)=\"?(https?:)?//")
                    .doesNotContainPattern("<script(?![^>]*src=)")
                    .doesNotContainPattern("<[^>]* (style|on[a-z]+)=")
                    .doesNotContain("innerHTML", "eval(", "@import");
        }
    }

    @Test
    void theDescriptionIsThatOfTheRoutes() throws Exception {
        JsonObject api = json(port.get("/openapi.json"));
        assertThat(api.get("openapi").getAsString()).startsWith("3.1");
        Map<String, String> described = new TreeMap<>();
        Set<String> ids = new TreeSet<>();
        api.getAsJsonObject("paths").entrySet().forEach(path -> {
            JsonObject methods = path.getValue().getAsJsonObject();
            Set<String> named = new TreeSet<>();
            if (methods.has("parameters")) {
                methods.getAsJsonArray("parameters")
                        .forEach(each -> named.add(
                                "{" + each.getAsJsonObject().get("name").getAsString() + "}"));
            }
            assertThat(named).as(path.getKey()).allMatch(path.getKey()::contains);
            assertThat(path.getKey().chars().filter(c -> c == '{').count()).isEqualTo(named.size());
            methods.entrySet().stream()
                    .filter(each -> !each.getKey().equals("parameters"))
                    .forEach(each -> {
                        JsonObject operation = each.getValue().getAsJsonObject();
                        assertThat(ids.add(operation.get("operationId").getAsString()))
                                .isTrue();
                        Set<String> query = new TreeSet<>();
                        if (operation.has("parameters")) {
                            operation.getAsJsonArray("parameters").forEach(parameter -> {
                                JsonObject of = parameter.getAsJsonObject();
                                if (of.get("in").getAsString().equals("query")) {
                                    query.add(of.get("name").getAsString());
                                }
                            });
                        }
                        described.put(
                                each.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey(),
                                operation.get("x-role").getAsString() + " " + query);
                    });
        });
        Map<String, String> served = new TreeMap<>();
        for (Route route : port.server().routes()) {
            if (route.path().startsWith("/v1/")
                    || route.path().startsWith("/health/")
                    || route.path().equals("/metrics")) {
                served.put(route.method() + " " + route.path(), route.need() + " " + new TreeSet<>(route.parameters()));
            }
        }
        assertThat(described).isEqualTo(served);
    }

    @Test
    void allReferencesOfTheDescriptionLeadSomewhere() throws Exception {
        try (InputStream in = AdminServer.class.getResourceAsStream("openapi.json")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            JsonObject api = JsonParser.parseString(text).getAsJsonObject();
            java.util.regex.Pattern.compile("\"\\$ref\": \"#/([^\"]+)\"")
                    .matcher(text)
                    .results()
                    .forEach(found -> {
                        JsonElement at = api;
                        for (String part : found.group(1).split("/")) {
                            at = at.getAsJsonObject().get(part);
                            assertThat(at).as(found.group(1)).isNotNull();
                        }
                    });
        }
    }

    @Test
    void countsWhatClientsRead() throws Exception {
        assertThat(put("a", "1").status()).isEqualTo(201);
        JsonObject before = json(port.get("/v1/caches/orders"));
        Member member = port.store().admin().status().members().get(0).member();
        try (RemoteStore client = RemoteStore.connect(RemoteSettings.of("concord", List.of(member)))) {
            long cache = client.cache("orders").id();
            for (String key : List.of("a", "a", "none")) {
                var unused = client.get(cache, EntryText.key(EntryText.KeyType.STRING, key), ReadLevel.LINEARIZABLE);
            }
            assertThat(client.metrics().member()).isNull();
            assertThat(client.metrics().commit().queued()).isZero();
            assertThat(Health.of(client).healthy()).isTrue();
        }
        assertThat(get("a").status()).isEqualTo(200); // to look is not to use
        JsonObject after = json(port.get("/v1/caches/orders"));
        assertThat(after.get("hits").getAsLong() - before.get("hits").getAsLong())
                .isEqualTo(2);
        assertThat(after.get("misses").getAsLong() - before.get("misses").getAsLong())
                .isEqualTo(1);
    }

    @Test
    void tellsPrometheus() throws Exception {
        assertThat(put("a", "1").status()).isEqualTo(201);
        Got got = port.get("/metrics");
        assertThat(got.type()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(got.body())
                .containsPattern("concord_member_role\\{cluster=\"concord\",member=\"m1\",role=\"leader\"} 1")
                .containsPattern("concord_cache_entries\\{cache=\"orders\",.*} 1")
                .containsPattern("concord_write_seconds_bucket\\{.*result=\"ok\",le=\"0.1\"} [1-9]")
                .contains("concord_raft_elections_total", "concord_log_size_bytes", "jvm_memory_used_bytes");
    }
}
