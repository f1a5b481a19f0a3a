package io.concordcache.benchmarks.local;

import io.concordcache.benchmarks.member.Entries;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject;
import io.concordcache.benchmarks.member.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** No cache at all: a map of the JDK, with values as bytes. What any other cache adds to the heap is its own. */
public final class MapSubject implements Subject {
    @Override
    public void start(Seat seat) {}

    @Override
    public Entries open(ValueType type) {
        return new Bytes(new ConcurrentHashMap<>());
    }

    private record Bytes(Map<String, byte[]> map) implements Entries {
        @Override
        public @Nullable Object get(String key) {
            byte[] value = map.get(key);
            return value == null ? null : new String(value, StandardCharsets.UTF_8);
        }

        @Override
        public void put(String key, Object value) {
            map.put(key, value.toString().getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void putAll(Map<String, Object> entries) {
            entries.forEach(this::put);
        }
    }
}
