package io.concordcache.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.jcache.CacheOutcomeUnknownException;
import io.concordcache.jcache.CacheRejectedException;
import io.concordcache.jcache.ConcordCache;
import io.concordcache.jcache.ConcordCachingProvider;
import io.concordcache.jcache.ConcordConfiguration;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.StoreHolder;
import io.concordcache.raft.store.Tracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CompletionListenerFuture;
import javax.cache.processor.EntryProcessorException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The spans of a member that stands alone. */
@Timeout(300)
class ConcordTracingTest {
    private final Recorded recorded = Recorded.all();
    private final ConcordCachingProvider provider = new ConcordCachingProvider();
    private final CacheManager manager = provider.getCacheManager();

    @AfterEach
    void end() {
        provider.close();
        recorded.close();
    }

    private ConcordCache<String, String> open(Tracing tracing) {
        return open(
                tracing,
                ConcordConfiguration.builder(String.class, String.class).build());
    }

    @SuppressWarnings("unchecked")
    private ConcordCache<String, String> open(Tracing tracing, Configuration<String, String> configuration) {
        manager.unwrap(StoreHolder.class).store().trace(tracing);
        ConcordCache<String, String> cache =
                manager.createCache("orders", configuration).unwrap(ConcordCache.class);
        recorded.forget();
        return cache;
    }

    @Test
    void aWriteIsACallAndTheCommitItWaitsFor() {
        open(recorded.tracing()).put("a-key", "a-value");

        SpanData put = recorded.one("cache.put");
        assertThat(put.getKind()).isEqualTo(SpanKind.CLIENT);
        assertThat(put.getParentSpanContext().isValid()).isFalse();
        assertThat(put.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(put.getAttributes().get(ConcordTracing.SYSTEM)).isEqualTo("concord");
        assertThat(put.getAttributes().get(ConcordTracing.OPERATION)).isEqualTo("put");
        assertThat(put.getAttributes().get(ConcordTracing.COLLECTION)).isEqualTo("orders");
        SpanData commit = recorded.one("concord.commit");
        assertThat(commit.getKind()).isEqualTo(SpanKind.INTERNAL);
        assertThat(commit.getParentSpanContext()).isEqualTo(put.getSpanContext());
        assertThat(commit.getAttributes().get(ConcordTracing.COMMANDS)).isEqualTo(1);
        assertThat(commit.getAttributes().get(ConcordTracing.LOG_INDEX)).isPositive();
        assertThat(recorded.spans()).hasSize(2);
        assertThat(recorded.spans().toString()).doesNotContain("a-key", "a-value");
    }

    @Test
    void readsSayWhetherTheyHitAndNearHitsSayNothing() {
        ConcordCache<String, String> cache = open(recorded.tracing());
        assertThat(cache.get("a")).isNull();
        assertThat(recorded.one("cache.get").getAttributes().get(ConcordTracing.HIT))
                .isFalse();

        cache.put("a", "1");
        recorded.forget();
        assertThat(cache.get("a")).isEqualTo("1");
        assertThat(recorded.one("cache.get").getAttributes().get(ConcordTracing.HIT))
                .isTrue();

        recorded.forget();
        manager.enableStatistics("orders", true);
        assertThat(cache.get("a")).isEqualTo("1");
        assertThat(cache.nearCacheStatistics().hits()).isEqualTo(1);
        assertThat(recorded.spans()).isEmpty();

        assertThat(cache.getAll(Set.of("a", "b", "c"))).hasSize(1);
        SpanData all = recorded.one("cache.getAll");
        assertThat(all.getAttributes().get(ConcordTracing.HITS)).isEqualTo(1);
        assertThat(all.getAttributes().get(ConcordTracing.MISSES)).isEqualTo(2);
        assertThat(cache.containsKey("b")).isFalse();
        assertThat(recorded.one("cache.containsKey").getAttributes().get(ConcordTracing.HIT))
                .isFalse();
    }

    @Test
    void eachCallIsTheParentOrALinkOfOneCommit() {
        ConcordCache<String, String> cache = open(recorded.tracing());
        List<CompletableFuture<Void>> puts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            puts.add(cache.putAsync("k" + i, "v").toCompletableFuture());
        }
        CompletableFuture.allOf(puts.toArray(CompletableFuture<?>[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();

        Set<SpanContext> calls = new HashSet<>();
        recorded.named("cache.put").forEach(put -> calls.add(put.getSpanContext()));
        assertThat(calls).hasSize(200);
        List<SpanData> commits = recorded.named("concord.commit");
        assertThat(commits.stream()
                        .flatMap(commit -> Stream.concat(
                                Stream.of(commit.getParentSpanContext()),
                                commit.getLinks().stream().map(LinkData::getSpanContext))))
                .containsExactlyInAnyOrderElementsOf(calls);
        assertThat(commits.stream()
                        .mapToLong(commit -> commit.getAttributes().get(ConcordTracing.COMMANDS))
                        .sum())
                .isEqualTo(200);
    }

    @Test
    void asynchronousCallsKeepTheContext() throws Exception {
        ConcordCache<String, String> cache = open(
                recorded.tracing(),
                new MutableConfiguration<String, String>()
                        .setTypes(String.class, String.class)
                        .setCacheLoaderFactory(Doubling::new));
        List<Span> requests = new ArrayList<>();
        requests.add(recorded.within(
                () -> cache.putAsync("a", "1").toCompletableFuture().get(60, TimeUnit.SECONDS)));
        requests.add(
                recorded.within(() -> cache.getAsync("a").toCompletableFuture().get(60, TimeUnit.SECONDS)));
        requests.add(recorded.within(
                () -> cache.removeAsync("a").toCompletableFuture().get(60, TimeUnit.SECONDS)));
        CompletionListenerFuture loaded = new CompletionListenerFuture();
        requests.add(recorded.within(() -> {
            cache.loadAll(Set.of("a"), true, loaded);
            return loaded.get(60, TimeUnit.SECONDS);
        }));

        List<String> names = List.of("cache.put", "cache.get", "cache.remove", "cache.loadAll");
        for (int i = 0; i < names.size(); i++) {
            assertThat(recorded.one(names.get(i)).getParentSpanContext())
                    .as(names.get(i))
                    .isEqualTo(requests.get(i).getSpanContext());
        }
        SpanData load = recorded.one("cache.loadAll");
        assertThat(recorded.named("concord.commit"))
                .anyMatch(commit -> commit.getParentSpanContext().equals(load.getSpanContext()));
    }

    private static final class Doubling implements CacheLoader<String, String> {
        @Override
        public String load(String key) {
            return key + key;
        }

        @Override
        public Map<String, String> loadAll(Iterable<? extends String> keys) {
            Map<String, String> all = new TreeMap<>();
            keys.forEach(key -> all.put(key, load(key)));
            return all;
        }
    }

    @Test
    void refusalsSayWhyInTheWordsOfTheStore() {
        ConcordCache<String, String> cache = open(recorded.tracing());
        String large = "x".repeat(RatisSettings.memory().maxKeyBytes() + 1);
        assertThatThrownBy(() -> cache.put(large, "1")).isInstanceOf(CacheRejectedException.class);

        SpanData put = recorded.one("cache.put");
        assertThat(put.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(put.getStatus().getDescription()).contains("limits.key");
        assertThat(put.getAttributes().get(OpenSpan.STATUS)).isEqualTo("KEY_TOO_LARGE");
        assertThat(put.getAttributes().get(OpenSpan.ERROR_TYPE)).isEqualTo("KEY_TOO_LARGE");
    }

    @Test
    void failuresOfOthersAreNamedButNotQuoted() {
        ConcordCache<String, String> cache = open(recorded.tracing());
        assertThatThrownBy(() -> cache.invoke("a", (entry, arguments) -> {
                    throw new IllegalArgumentException("a-value is wrong");
                }))
                .isInstanceOf(EntryProcessorException.class);

        SpanData invoke = recorded.one("cache.invoke");
        assertThat(invoke.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(invoke.getAttributes().get(OpenSpan.ERROR_TYPE)).isEqualTo(EntryProcessorException.class.getName());
        assertThat(recorded.spans().toString()).doesNotContain("a-value");
    }

    @Test
    void anUnknownOutcomeIsToldAsOne() {
        Tracing.Step put = recorded.tracing().call("put", "orders");
        put.end(new ExecutionException(new OutcomeUnknownException("no answer from the log")));
        assertThat(recorded.one("cache.put").getAttributes().get(OpenSpan.STATUS))
                .isEqualTo("OUTCOME_UNKNOWN");
    }

    @Test
    void callsThatTheEndOfTheStoreMeetsEndAsTheirCallersHear() {
        ConcordCache<String, String> cache = open(recorded.tracing());
        List<CompletableFuture<RuntimeException>> writers = Stream.generate(() ->
                        CompletableFuture.supplyAsync(() -> firstFailure(cache), task -> new Thread(task).start()))
                .limit(4)
                .toList();
        await().atMost(Duration.ofMinutes(1))
                .until(() -> recorded.named("cache.put").size() > 20);
        manager.unwrap(StoreHolder.class).store().close();
        List<String> heard = writers.stream()
                .map(writer -> writer.orTimeout(60, TimeUnit.SECONDS).join())
                .map(failure -> failure instanceof CacheOutcomeUnknownException ? "OUTCOME_UNKNOWN" : "STORE_CLOSED")
                .toList();

        assertThat(recorded.named("cache.put").stream()
                        .filter(put -> put.getStatus().getStatusCode() == StatusCode.ERROR)
                        .map(put -> put.getAttributes().get(OpenSpan.STATUS)))
                .containsExactlyInAnyOrderElementsOf(heard);
    }

    private static RuntimeException firstFailure(Cache<String, String> cache) {
        while (true) {
            try {
                cache.put("a", "1");
            } catch (RuntimeException e) {
                return e;
            }
        }
    }

    @Test
    void aTraceThatIsNotSampledIsNotTold() {
        try (Recorded none = Recorded.by(Sampler.alwaysOff())) {
            ConcordCache<String, String> cache = open(none.tracing());
            cache.put("a", "1");
            assertThat(cache.get("a")).isEqualTo("1");
            assertThat(none.spans()).isEmpty();
        }
    }

    @Test
    void withoutTracingCachesAreAsEver() {
        assertThat(manager.unwrap(StoreHolder.class).store().tracing()).isNull();
        ConcordCache<String, String> cache = open(null);
        assertThat(cache.getClass()).isEqualTo(ConcordCache.class);
        cache.put("a", "1");
        assertThat(recorded.spans()).isEmpty();
    }

    @Test
    void contextsThatComeFromOutsideMayBeAnything() {
        ConcordTracing tracing = recorded.tracing();
        String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";
        for (String nothing : List.of("", " ", "x", trace, trace + "0", trace + "1".repeat(2000), "a b c")) {
            assertThat(tracing.served("read", nothing)).as(nothing).isNull();
        }
        Tracing.Step served = tracing.served("read", trace + "1 congo=t61rcWkgMzE");
        assertThat(served).isNotNull();
        try (Tracing.Scope scope = served.enter()) {
            assertThat(scope).isNotNull();
            Tracing.Step request = tracing.request("append", new Member("b", "10.0.0.2", 7800));
            assertThat(request.toSend())
                    .startsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
                    .doesNotContain("00f067aa0ba902b7")
                    .endsWith("-01 congo=t61rcWkgMzE");
            request.end(null);
        }
        served.end(null);
        assertThat(recorded.one("concord.read").getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(recorded.one("concord.append").getAttributes().get(ConcordTracing.SERVER_ADDRESS))
                .isEqualTo("10.0.0.2");
    }
}
