package io.concordcache.jcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StoreHolder;
import io.concordcache.raft.store.StoreObserver;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.cache.Cache;
import org.junit.jupiter.api.Test;

/** How long calls took is told to those who observe the store, as the meters do. */
class CallTimesTest extends JCacheFixture {
    private final List<StoreObserver.Use> uses = new CopyOnWriteArrayList<>();

    private CacheStore.Subscription observe() {
        return manager.unwrap(StoreHolder.class).store().observe(new StoreObserver() {
            @Override
            public void written(long nanos, Result result) {}

            @Override
            public void appended(long nanos, int commands, Result result) {}

            @Override
            public void used(String cache, Use use, long nanos) {
                assertThat(nanos).isPositive();
                if (cache.equals(name)) {
                    uses.add(use);
                }
            }
        });
    }

    private void callAll(Cache<String, Integer> cache) {
        cache.put("a", 1);
        cache.get("a");
        cache.get("absent");
        cache.putAll(Map.of("b", 2, "c", 3));
        cache.getAll(Set.of("a", "b"));
        cache.remove("a");
        cache.removeAll(Set.of("b", "c"));
    }

    @Test
    void eachCallIsToldOnce() {
        Cache<String, Integer> cache = create(types().statistics(true));
        try (CacheStore.Subscription observing = observe()) {
            assertThat(observing).isNotNull();
            callAll(cache);
        }
        assertThat(uses)
                .containsExactly(
                        StoreObserver.Use.PUT,
                        StoreObserver.Use.GET,
                        StoreObserver.Use.GET,
                        StoreObserver.Use.PUT,
                        StoreObserver.Use.GET,
                        StoreObserver.Use.REMOVE,
                        StoreObserver.Use.REMOVE);
    }

    @Test
    void withoutStatisticsNoneIs() {
        Cache<String, Integer> cache = create(types().statistics(false));
        try (CacheStore.Subscription observing = observe()) {
            assertThat(observing).isNotNull();
            callAll(cache);
        }
        assertThat(uses).isEmpty();
    }
}
