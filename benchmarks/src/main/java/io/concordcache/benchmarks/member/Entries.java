package io.concordcache.benchmarks.member;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A cache of a system under test. Each call returns when the system says that it is done. */
public interface Entries {
    @Nullable
    Object get(String key) throws Exception;

    void put(String key, Object value) throws Exception;

    void putAll(Map<String, Object> entries) throws Exception;
}
