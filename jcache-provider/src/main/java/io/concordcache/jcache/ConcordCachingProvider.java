package io.concordcache.jcache;

import io.concordcache.raft.config.ConcordSettings;
import io.concordcache.raft.config.ConfigurationException;
import io.concordcache.raft.config.SettingsLoader;
import io.concordcache.raft.store.StartException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.OptionalFeature;
import javax.cache.spi.CachingProvider;
import org.jspecify.annotations.Nullable;

/**
 * The JCache provider (JSR-107 chapter 2), found by {@code ServiceLoader}. Its default manager has a member alone in this
 * JVM that keeps nothing; see {@code docs/settings.md} for URIs and settings. Store by reference is not supported: the
 * store is replicated and holds bytes. Thread-safe.
 */
public final class ConcordCachingProvider implements CachingProvider {
    /** Guarded by this. */
    private final Map<ClassLoader, Map<URI, ConcordCacheManager>> managers = new WeakHashMap<>();
    /** Held while a manager of the URI is made: members that wait for each other may start in one JVM. */
    private final Map<URI, Object> turns = new ConcurrentHashMap<>();

    /** For {@code ServiceLoader}. */
    public ConcordCachingProvider() {}

    @Override
    public CacheManager getCacheManager() {
        return getCacheManager(null, null, null);
    }

    @Override
    public CacheManager getCacheManager(@Nullable URI uri, @Nullable ClassLoader loader) {
        return getCacheManager(uri, loader, null);
    }

    /**
     * The manager of this URI and loader; a new one, whose member is running, if there is none that is open.
     *
     * @param properties settings of a new manager; nothing to one that is open
     * @throws CacheException if a setting is wrong or the member cannot start; the message says what to do
     */
    @Override
    public CacheManager getCacheManager(
            @Nullable URI uri, @Nullable ClassLoader loader, @Nullable Properties properties) {
        URI key = uri == null ? getDefaultURI() : uri;
        ClassLoader effective = loader == null ? getDefaultClassLoader() : loader;
        synchronized (turns.computeIfAbsent(key, unknown -> new Object())) {
            ConcordCacheManager open = open(key, effective);
            if (open != null) {
                return open;
            }
            Properties copy = new Properties();
            if (properties != null) {
                copy.putAll(properties);
            }
            ConcordCacheManager manager = started(key, effective, copy);
            synchronized (this) {
                managers.computeIfAbsent(effective, unknown -> new HashMap<>()).put(key, manager);
            }
            return manager;
        }
    }

    /** The one place where what keeps a manager from starting becomes a failure of JCache. */
    private ConcordCacheManager started(URI uri, ClassLoader loader, Properties properties) {
        try {
            ConcordSettings settings = SettingsLoader.ofThisProcess().load(uri, loader, properties);
            return new ConcordCacheManager(this, uri, loader, properties, settings);
        } catch (ConfigurationException | StartException e) {
            throw new CacheException(e.getMessage(), e);
        }
    }

    private synchronized @Nullable ConcordCacheManager open(URI uri, ClassLoader loader) {
        ConcordCacheManager manager =
                managers.getOrDefault(loader, new HashMap<>()).get(uri);
        return manager == null || manager.isClosed() ? null : manager;
    }

    @Override
    public ClassLoader getDefaultClassLoader() {
        return getClass().getClassLoader();
    }

    @Override
    public URI getDefaultURI() {
        return SettingsLoader.DEFAULT_URI;
    }

    @Override
    public Properties getDefaultProperties() {
        return new Properties();
    }

    @Override
    public void close() {
        close(new ArrayList<>(taken(managers.values())));
    }

    @Override
    public void close(ClassLoader loader) {
        List<ConcordCacheManager> closing = new ArrayList<>();
        synchronized (this) {
            Map<URI, ConcordCacheManager> ofLoader = managers.remove(loader);
            if (ofLoader != null) {
                closing.addAll(ofLoader.values());
            }
        }
        close(closing);
    }

    @Override
    public void close(URI uri, ClassLoader loader) {
        List<ConcordCacheManager> closing = new ArrayList<>();
        synchronized (this) {
            ConcordCacheManager manager =
                    managers.getOrDefault(loader, new HashMap<>()).remove(uri);
            if (manager != null) {
                closing.add(manager);
            }
        }
        close(closing);
    }

    private synchronized List<ConcordCacheManager> taken(Iterable<Map<URI, ConcordCacheManager>> all) {
        List<ConcordCacheManager> taken = new ArrayList<>();
        all.forEach(ofLoader -> taken.addAll(ofLoader.values()));
        managers.clear();
        return taken;
    }

    private static void close(List<ConcordCacheManager> closing) {
        closing.forEach(ConcordCacheManager::close);
    }

    /** Forgets a manager that closed. */
    synchronized void released(ConcordCacheManager manager) {
        managers.values().forEach(ofLoader -> ofLoader.values().remove(manager));
    }

    @Override
    public boolean isSupported(OptionalFeature feature) {
        return false;
    }
}
