package io.concordcache.jcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.configuration.FactoryBuilder.SingletonFactory;
import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.Duration;
import javax.cache.expiry.ExpiryPolicy;
import javax.management.ObjectName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each method does to statistics, loader, writer and listeners, by key absent or present: the effects table. */
class EffectsTest extends JCacheFixture {
    /** One day, asked each time: not one of the standard's policies. */
    private static final class Asked implements ExpiryPolicy {
        @Override
        public Duration getExpiryForCreation() {
            return Duration.ONE_DAY;
        }

        @Override
        public Duration getExpiryForAccess() {
            return null;
        }

        @Override
        public Duration getExpiryForUpdate() {
            return Duration.ONE_DAY;
        }
    }

    private record Call(String name, Consumer<Cache<String, Integer>> call, String absent, String present) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** H hit, M miss, P put, R removal; L load, W write, D delete; +event. The present value is 1. */
    private static final List<Call> CALLS = List.of(
            new Call("containsKey", c -> c.containsKey("k"), "", ""),
            new Call("get", c -> c.get("k"), "M L +CREATED", "H"),
            new Call("getAll", c -> c.getAll(Set.of("k")), "M L +CREATED", "H"),
            new Call("put", c -> c.put("k", 2), "P W +CREATED", "P W +UPDATED"),
            new Call("putAll", c -> c.putAll(Map.of("k", 2)), "P W +CREATED", "P W +UPDATED"),
            new Call("getAndPut", c -> c.getAndPut("k", 2), "M P W +CREATED", "H P W +UPDATED"),
            new Call("putIfAbsent", c -> c.putIfAbsent("k", 2), "M P W +CREATED", "H"),
            new Call("remove", c -> c.remove("k"), "D", "R D +REMOVED"),
            new Call("removeAll(keys)", c -> c.removeAll(Set.of("k")), "D", "R D +REMOVED"),
            new Call("getAndRemove", c -> c.getAndRemove("k"), "M D", "H R D +REMOVED"),
            new Call("remove(k,v) equal", c -> c.remove("k", 1), "M", "H R D +REMOVED"),
            new Call("remove(k,v) other", c -> c.remove("k", 9), "M", "H"),
            new Call("replace(k,v)", c -> c.replace("k", 2), "M", "H P W +UPDATED"),
            new Call("getAndReplace", c -> c.getAndReplace("k", 2), "M", "H P W +UPDATED"),
            new Call("replace(k,o,n) equal", c -> c.replace("k", 1, 2), "M", "H P W +UPDATED"),
            new Call("replace(k,o,n) other", c -> c.replace("k", 9, 2), "M", "H"),
            new Call("removeAll", Cache::removeAll, "", "R D +REMOVED"),
            new Call("clear", Cache::clear, "", ""),
            new Call("invoke none", c -> c.invoke("k", (e, a) -> null), "M", "H"),
            new Call("invoke exists", c -> c.invoke("k", (e, a) -> e.exists()), "M", "H"),
            new Call("invoke get", c -> c.invoke("k", (e, a) -> e.getValue()), "M L +CREATED", "H"),
            new Call("invoke set", c -> c.invoke("k", EffectsTest::set), "M P W +CREATED", "H P W +UPDATED"),
            new Call("invoke remove", c -> c.invoke("k", EffectsTest::remove), "M D", "H R D +REMOVED"));

    private static Object set(javax.cache.processor.MutableEntry<String, Integer> entry, Object... arguments) {
        entry.setValue(2);
        return null;
    }

    private static Object remove(javax.cache.processor.MutableEntry<String, Integer> entry, Object... arguments) {
        entry.remove();
        return null;
    }

    static Stream<Arguments> calls() {
        return CALLS.stream().flatMap(call -> Stream.of(false, true).map(asked -> Arguments.of(call, asked)));
    }

    @ParameterizedTest(name = "{0}, policy asked: {1}")
    @MethodSource("calls")
    void effects(Call call, boolean asked) throws Exception {
        assertThat(effects(call, asked, false)).as("absent").isEqualTo(call.absent());
        manager.destroyCache(name);
        assertThat(effects(call, asked, true)).as("present").isEqualTo(call.present());
        manager.destroyCache(name);
    }

    private String effects(Call call, boolean asked, boolean present) throws Exception {
        Loader loader = new Loader();
        Writer writer = new Writer();
        Recorder recorder = new Recorder();
        Cache<String, Integer> cache = create(types().readThrough(new SingletonFactory<>(loader))
                .writeThrough(new SingletonFactory<>(writer))
                .expiry(asked ? new SingletonFactory<>(new Asked()) : CreatedExpiryPolicy.factoryOf(Duration.ONE_DAY)));
        if (present) {
            cache.put("k", 1);
            writer.order.clear();
        }
        manager.enableStatistics(name, true);
        cache.registerCacheEntryListener(recorder.configuration(true));
        call.call().accept(cache);

        StringBuilder seen = new StringBuilder();
        Map<String, String> letters = new TreeMap<>();
        letters.put("CacheHits", "H");
        letters.put("CacheMisses", "M");
        letters.put("CachePuts", "P");
        letters.put("CacheRemovals", "R");
        ObjectName bean = ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("javax.cache:type=CacheStatistics,Cache=" + name + ",*"), null)
                .iterator()
                .next();
        for (Map.Entry<String, String> letter : letters.entrySet()) {
            long count = (Long) ManagementFactory.getPlatformMBeanServer().getAttribute(bean, letter.getKey());
            seen.append((letter.getValue() + " ").repeat((int) count));
        }
        seen.append("L ".repeat(loader.loads.get()));
        writer.order.forEach(told -> seen.append(told.startsWith("write") ? "W " : "D "));
        recorder.events.forEach(
                event -> seen.append('+').append(event, 0, event.indexOf(' ')).append(' '));
        return seen.toString().strip();
    }
}
