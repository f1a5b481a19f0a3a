package io.concordcache.jcache.operation;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import org.jspecify.annotations.Nullable;

/** The user's loader and writer (JSR-107 chapter 5), with their failures as JCache names them. */
public final class External<K, V> {
    private final @Nullable Customization<CacheLoader<K, V>> loader;
    private final @Nullable Customization<CacheWriter<? super K, ? super V>> writer;
    private final boolean readThrough;
    private final boolean writeThrough;

    public External(
            @Nullable CacheLoader<K, V> loader,
            boolean readThrough,
            @Nullable CacheWriter<? super K, ? super V> writer,
            boolean writeThrough) {
        this.loader = loader == null ? null : new Customization<>(loader);
        this.readThrough = readThrough && loader != null;
        this.writer = writer == null ? null : new Customization<>(writer);
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
    public Stream<Customization<?>> parts() {
        return Stream.<@Nullable Customization<?>>of(loader, writer).filter(Objects::nonNull);
    }

    /** Null if there is no such value, or no loader. */
    @Nullable
    V load(K key) {
        if (loader == null) {
            return null;
        }
        return loader.call(called -> {
            try {
                return called.load(key);
            } catch (CacheLoaderException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new CacheLoaderException("the cache loader failed for one key", e);
            }
        });
    }

    /** Without the keys for which there is no value. */
    Map<K, V> loadAll(Collection<? extends K> keys) {
        if (loader == null || keys.isEmpty()) {
            return Map.of();
        }
        return loader.call(called -> {
            try {
                Map<K, V> found = new HashMap<>();
                called.loadAll(keys).forEach((key, value) -> {
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
        });
    }

    void write(Cache.Entry<K, V> entry) {
        external(to -> to.write(entry), "write");
    }

    void delete(K key) {
        external(to -> to.delete(key), "delete");
    }

    /** Removes from the collection what was written, also when it throws. */
    void writeAll(Collection<Cache.Entry<? extends K, ? extends V>> entries) {
        external(to -> writeAll(to, entries), "write of several entries");
    }

    @SuppressWarnings("unchecked") // entries of subtypes are entries for a writer of their supertypes
    private static <A, B> void writeAll(CacheWriter<A, B> to, Collection<? extends Cache.Entry<?, ?>> entries) {
        to.writeAll((Collection<Cache.Entry<? extends A, ? extends B>>) entries);
    }

    /** Removes from the collection what was deleted, also when it throws. */
    void deleteAll(Collection<K> keys) {
        external(to -> to.deleteAll(keys), "delete of several entries");
    }

    private void external(Consumer<CacheWriter<? super K, ? super V>> call, String what) {
        if (writer == null) {
            throw new IllegalStateException("no writer");
        }
        writer.run(called -> {
            try {
                call.accept(called);
            } catch (CacheWriterException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new CacheWriterException("the cache writer failed: " + what, e);
            }
        });
    }
}
