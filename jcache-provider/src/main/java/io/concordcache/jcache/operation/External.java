package io.concordcache.jcache.operation;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import org.jspecify.annotations.Nullable;

/** The user's loader and writer (JSR-107 chapter 5), with their failures as JCache names them. */
public final class External<K, V> {
    private final @Nullable CacheLoader<K, V> loader;
    private final @Nullable CacheWriter<? super K, ? super V> writer;
    private final boolean readThrough;
    private final boolean writeThrough;

    public External(
            @Nullable CacheLoader<K, V> loader,
            boolean readThrough,
            @Nullable CacheWriter<? super K, ? super V> writer,
            boolean writeThrough) {
        this.loader = loader;
        this.readThrough = readThrough && loader != null;
        this.writer = writer;
        this.writeThrough = writeThrough && writer != null;
    }

    /** Whether a read may store what it loads. */
    public boolean mayLoad() {
        return readThrough;
    }

    boolean hasLoader() {
        return loader != null;
    }

    boolean writesThrough() {
        return writeThrough;
    }

    /** Loader and writer, as far as there are any, to be closed with the cache. */
    public List<Object> parts() {
        return Stream.of(loader, writer)
                .filter(Objects::nonNull)
                .map(Object.class::cast)
                .toList();
    }

    /** Null if there is no such value, or no loader. */
    @Nullable
    V load(K key) {
        if (loader == null) {
            return null;
        }
        try {
            return loader.load(key);
        } catch (CacheLoaderException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CacheLoaderException("the cache loader failed for one key", e);
        }
    }

    /** Without the keys for which there is no value. */
    Map<K, V> loadAll(Collection<? extends K> keys) {
        if (loader == null || keys.isEmpty()) {
            return Map.of();
        }
        try {
            Map<K, V> found = new HashMap<>();
            loader.loadAll(keys).forEach((key, value) -> {
                if (value != null) {
                    found.put(key, value);
                }
            });
            return found;
        } catch (CacheLoaderException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CacheLoaderException("the cache loader failed for " + keys.size() + " keys", e);
        }
    }

    void write(Cache.Entry<K, V> entry) {
        external(() -> required().write(entry), "write");
    }

    void delete(K key) {
        external(() -> required().delete(key), "delete");
    }

    /** Removes from the collection what was written, also when it throws. */
    void writeAll(Collection<Cache.Entry<? extends K, ? extends V>> entries) {
        external(() -> writeAll(required(), entries), "write of several entries");
    }

    @SuppressWarnings("unchecked") // entries of subtypes are entries for a writer of their supertypes
    private static <A, B> void writeAll(CacheWriter<A, B> to, Collection<? extends Cache.Entry<?, ?>> entries) {
        to.writeAll((Collection<Cache.Entry<? extends A, ? extends B>>) entries);
    }

    /** Removes from the collection what was deleted, also when it throws. */
    void deleteAll(Collection<K> keys) {
        external(() -> required().deleteAll(keys), "delete of several entries");
    }

    private CacheWriter<? super K, ? super V> required() {
        if (writer == null) {
            throw new IllegalStateException("no writer");
        }
        return writer;
    }

    private static void external(Runnable call, String what) {
        try {
            call.run();
        } catch (CacheWriterException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CacheWriterException("the cache writer failed: " + what, e);
        }
    }
}
