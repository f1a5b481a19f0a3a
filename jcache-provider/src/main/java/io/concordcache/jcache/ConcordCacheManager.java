package io.concordcache.jcache;

import io.concordcache.jcache.operation.ExpiryDecisions;
import io.concordcache.jcache.operation.Failures;
import io.concordcache.raft.config.CacheNames;
import io.concordcache.raft.config.CacheSettings;
import io.concordcache.raft.config.ConcordSettings;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.node.Nodes;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ClusterAdmin;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreHolder;
import io.concordcache.raft.store.Tracing;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.FactoryBuilder;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.expiry.Duration;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.expiry.ModifiedExpiryPolicy;
import javax.cache.spi.CachingProvider;
import org.jspecify.annotations.Nullable;

/**
 * The caches that one class loader has opened on one member (JSR-107 chapter 3). Caches live in the store, which all
 * managers of a URI share: {@link #createCache} opens one that exists if its definition is the same, {@link #getCache}
 * one that somebody else created, {@link #destroyCache} ends one for everybody, {@link #close} closes only here.
 * Thread-safe.
 */
public final class ConcordCacheManager implements CacheManager, StoreHolder {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final String KEY_TYPE = "key-type";
    private static final String VALUE_TYPE = "value-type";
    private static final String EXPIRY = "expiry";
    private static final String ASKED = "by policy ";
    private static final String BY_RULE = "by rule";

    private final ConcordCachingProvider provider;
    private final URI uri;
    private final ClassLoader loader;
    private final Properties properties;
    private final ConcordSettings settings;
    private final Nodes.Node node;
    private final ExecutorService executor;
    private final Map<String, ConcordCache<?, ?>> caches = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    ConcordCacheManager(
            ConcordCachingProvider provider,
            URI uri,
            ClassLoader loader,
            Properties properties,
            ConcordSettings settings) {
        this.provider = provider;
        this.uri = uri;
        this.loader = loader;
        this.properties = properties;
        this.settings = settings;
        this.node = Nodes.open(uri, settings.node());
        this.executor = newExecutor();
    }

    /** Threads for listeners, {@code loadAll} and asynchronous calls, made when needed. */
    private static ExecutorService newExecutor() {
        int number = COUNTER.incrementAndGet();
        return Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "concord-manager-" + number);
            thread.setDaemon(true);
            return thread;
        });
    }

    ConcordSettings settings() {
        return settings;
    }

    /** Below JSR-107, for what shares it in this JVM, such as the second-level cache of Hibernate. */
    @Override
    public CacheStore store() {
        checkOpen();
        return node.store();
    }

    Nodes.Node node() {
        return node;
    }

    ExecutorService executor() {
        return executor;
    }

    @Override
    public CachingProvider getCachingProvider() {
        return provider;
    }

    @Override
    public URI getURI() {
        return uri;
    }

    @Override
    public ClassLoader getClassLoader() {
        return loader;
    }

    @Override
    public Properties getProperties() {
        return properties;
    }

    /** The settings in force, one a line with where each comes from. */
    public String describeSettings() {
        return settings.describe();
    }

    private void checkOpen() {
        if (isClosed()) {
            throw new IllegalStateException("the cache manager " + uri + " is closed");
        }
    }

    /**
     * Creates a cache, or opens the one of this name in the store.
     *
     * @throws CacheException if this manager has opened one of this name, or the one in the store is defined differently;
     *     the message lists each difference
     * @throws UnsupportedOperationException for a configuration by reference
     */
    @Override
    public <K, V, C extends Configuration<K, V>> Cache<K, V> createCache(String cacheName, C configuration) {
        checkOpen();
        Objects.requireNonNull(cacheName, "the cache name is null");
        Objects.requireNonNull(configuration, "the configuration is null");
        CacheNames.check(cacheName);
        if (!configuration.isStoreByValue()) {
            throw new UnsupportedOperationException("cache '" + cacheName
                    + "': store by reference is not supported, the store is replicated and holds bytes;"
                    + " use setStoreByValue(true)");
        }
        synchronized (caches) {
            if (hasOpen(cacheName)) {
                throw new CacheException("this cache manager has a cache '" + cacheName + "' already");
            }
            CacheSettings ofName = settings.cacheSettings(cacheName);
            ConcordCache.requireLibraries(cacheName, ofName);
            ConcordConfiguration<K, V> complete = complete(ConcordConfiguration.of(configuration), ofName);
            ExpiryDecisions expiry =
                    ExpiryDecisions.of(complete.getExpiryPolicyFactory().create());
            CacheDefinition definition = definition(cacheName, complete, ofName, expiry);
            ConcordCache<K, V> cache = cache(cacheName, createInStore(definition), complete, expiry, ofName);
            caches.put(cacheName, cache);
            return cache;
        }
    }

    /** Whether a cache of this name is open; one that another node destroyed is closed by the way. */
    private boolean hasOpen(String cacheName) {
        ConcordCache<?, ?> opened = caches.get(cacheName);
        if (opened == null) {
            return false;
        }
        if (opened.is(inStore(cacheName, () -> node.store().cache(cacheName)))) {
            return true;
        }
        opened.close();
        return false;
    }

    /** Adds what the settings say to what the configuration leaves open. */
    private static <K, V> ConcordConfiguration<K, V> complete(
            ConcordConfiguration<K, V> configuration, CacheSettings ofName) {
        java.time.Duration time = ofName.timeToLive();
        return time == null || !configuration.isEternal()
                ? configuration
                : configuration.expiring(
                        ModifiedExpiryPolicy.factoryOf(new Duration(TimeUnit.MILLISECONDS, time.toMillis())));
    }

    private static CacheDefinition definition(
            String cacheName, ConcordConfiguration<?, ?> configuration, CacheSettings ofName, ExpiryDecisions expiry) {
        TreeMap<String, String> attributes = new TreeMap<>();
        attributes.put(KEY_TYPE, configuration.getKeyType().getName());
        attributes.put(VALUE_TYPE, configuration.getValueType().getName());
        attributes.put(
                EXPIRY,
                expiry.isAsked() ? ASKED + expiry.policy().object().getClass().getName() : BY_RULE);
        return new CacheDefinition(
                cacheName,
                expiry.rule(),
                configuration.maxEntries().orElse(ofName.maxEntries()),
                configuration.maxBytes().orElse(ofName.maxBytes()),
                attributes);
    }

    private long createInStore(CacheDefinition definition) {
        CacheStore store = node.store();
        return inStore(definition.name(), () -> {
            Outcome outcome;
            try {
                outcome = store.execute(new Command.CreateCache(definition));
            } catch (RequestRejectedException e) {
                return existing(definition, e);
            }
            CacheInfo existing = outcome.held() ? null : store.cache(definition.name());
            if (existing != null) {
                refuseDifferences(existing.definition(), definition);
            }
            return outcome.afterVersion();
        });
    }

    /** Who may not create it may still use one that another has created. */
    private long existing(CacheDefinition definition, RequestRejectedException refused) {
        CacheInfo existing = refused.reason() == RequestRejectedException.Reason.FORBIDDEN
                ? node.store().cache(definition.name())
                : null;
        if (existing == null) {
            throw refused;
        }
        refuseDifferences(existing.definition(), definition);
        return existing.id();
    }

    private static void refuseDifferences(CacheDefinition existing, CacheDefinition wanted) {
        Map<String, Function<CacheDefinition, Object>> parts = new LinkedHashMap<>();
        parts.put("expiry", CacheDefinition::expiry);
        parts.put("max-entries", CacheDefinition::maxEntries);
        parts.put("max-bytes", CacheDefinition::maxBytes);
        for (String attribute : List.of(KEY_TYPE, VALUE_TYPE, EXPIRY)) {
            parts.put(attribute, definition -> definition.attributes().getOrDefault(attribute, "not set"));
        }
        StringBuilder differences = new StringBuilder();
        parts.forEach((name, part) -> {
            Object has = part.apply(existing);
            Object asked = part.apply(wanted);
            if (!has.equals(asked)) {
                differences
                        .append("; ")
                        .append(name)
                        .append(" is ")
                        .append(has)
                        .append(", asked for is ")
                        .append(asked);
            }
        });
        if (!differences.isEmpty()) {
            throw new CacheException("the cache '" + wanted.name() + "' exists in the store with another definition"
                    + differences + ". Ask for the same, or destroy it first");
        }
    }

    private <T extends @Nullable Object> T inStore(String cacheName, Supplier<T> call) {
        try {
            return call.get();
        } catch (StoreException e) {
            throw Failures.translate(e, cacheName);
        }
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // the types were compared; null is what the interface promises
    public <K, V> Cache<K, V> getCache(String cacheName, Class<K> keyType, Class<V> valueType) {
        checkOpen();
        Objects.requireNonNull(keyType, "the key type is null");
        Objects.requireNonNull(valueType, "the value type is null");
        Cache<?, ?> cache = open(cacheName);
        if (cache == null) {
            return null;
        }
        Configuration<?, ?> configuration = cache.getConfiguration(Configuration.class);
        checkType(cacheName, "key", keyType, configuration.getKeyType());
        checkType(cacheName, "value", valueType, configuration.getValueType());
        return (Cache<K, V>) cache;
    }

    private static void checkType(String cacheName, String what, Class<?> asked, Class<?> declared) {
        if (!asked.equals(declared)) {
            throw new ClassCastException("the cache '" + cacheName + "' has " + what + "s of " + declared.getName()
                    + ", asked for is " + asked.getName());
        }
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // the caller says which types; null is what the interface promises
    public <K, V> Cache<K, V> getCache(String cacheName) {
        checkOpen();
        return (Cache<K, V>) open(cacheName);
    }

    /** The cache if this manager has it open, or can open it since somebody created it; null if there is none. */
    private @Nullable Cache<?, ?> open(String cacheName) {
        Objects.requireNonNull(cacheName, "the cache name is null");
        ConcordCache<?, ?> opened = caches.get(cacheName);
        if (opened != null) {
            return opened;
        }
        synchronized (caches) {
            ConcordCache<?, ?> meanwhile = caches.get(cacheName);
            CacheInfo info = meanwhile != null
                    ? null
                    : inStore(cacheName, () -> node.store().cache(cacheName));
            if (info == null) {
                return meanwhile;
            }
            ConcordCache<?, ?> cache = opened(info);
            caches.put(cacheName, cache);
            return cache;
        }
    }

    private ConcordCache<?, ?> opened(CacheInfo info) {
        CacheDefinition definition = info.definition();
        String name = definition.name();
        String expiry = definition.attributes().getOrDefault(EXPIRY, BY_RULE);
        if (!expiry.equals(BY_RULE)) {
            throw new CacheException("the cache '" + name + "' expires its entries " + expiry
                    + ", which only the one who configures it can ask; open it by createCache with its configuration");
        }
        ExpiryPolicy policy = new RulePolicy(definition.expiry());
        return cache(
                info,
                type(name, definition.attributes().get(KEY_TYPE)),
                type(name, definition.attributes().get(VALUE_TYPE)),
                policy);
    }

    private <K, V> ConcordCache<K, V> cache(CacheInfo info, Class<K> keyType, Class<V> valueType, ExpiryPolicy policy) {
        String name = info.definition().name();
        ConcordConfiguration<K, V> configuration = ConcordConfiguration.of(
                        new MutableConfiguration<K, V>().setTypes(keyType, valueType))
                .expiring(new FactoryBuilder.SingletonFactory<>(policy));
        return cache(
                name,
                info.id(),
                configuration,
                ExpiryDecisions.of(info.definition().expiry(), policy),
                settings.cacheSettings(name));
    }

    private <K, V> ConcordCache<K, V> cache(
            String name,
            long cacheId,
            ConcordConfiguration<K, V> configuration,
            ExpiryDecisions expiry,
            CacheSettings ofName) {
        Tracing tracing = node.store().tracing();
        return tracing == null
                ? new ConcordCache<>(this, name, cacheId, configuration, expiry, ofName)
                : TracedCache.of(this, name, cacheId, configuration, expiry, ofName, tracing);
    }

    private Class<?> type(String cacheName, @Nullable String typeName) {
        try {
            return typeName == null ? Object.class : Class.forName(typeName, false, loader);
        } catch (ClassNotFoundException e) {
            throw new CacheException(
                    "the cache '" + cacheName + "' is of " + typeName + ", which the class loader of this cache manager"
                            + " does not know",
                    e);
        }
    }

    @Override
    public Iterable<String> getCacheNames() {
        checkOpen();
        return Collections.unmodifiableSet(Set.copyOf(caches.keySet()));
    }

    /** Ends a cache for everybody, whoever created it; an unknown name does nothing. */
    @Override
    public void destroyCache(String cacheName) {
        checkOpen();
        Objects.requireNonNull(cacheName, "the cache name is null");
        ConcordCache<?, ?> opened = caches.get(cacheName);
        if (opened != null) {
            opened.close();
        }
        CacheStore store = node.store();
        CacheInfo info = inStore(cacheName, () -> store.cache(cacheName));
        if (info != null) {
            var unused = inStore(cacheName, () -> store.execute(new Command.DestroyCache(info.id())));
        }
    }

    private ConcordCache<?, ?> existing(String cacheName) {
        checkOpen();
        Objects.requireNonNull(cacheName, "the cache name is null");
        ConcordCache<?, ?> cache = caches.get(cacheName);
        if (cache == null) {
            throw new CacheException("this cache manager has no cache '" + cacheName + "' open");
        }
        return cache;
    }

    @Override
    public void enableManagement(String cacheName, boolean enabled) {
        existing(cacheName).enableManagement(enabled);
    }

    @Override
    public void enableStatistics(String cacheName, boolean enabled) {
        existing(cacheName).enableStatistics(enabled);
    }

    void released(ConcordCache<?, ?> cache) {
        caches.remove(cache.getName(), cache);
    }

    /** Closes the caches that this manager opened, and the member if no other manager uses it. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        caches.values().forEach(ConcordCache::close);
        provider.released(this);
        executor.shutdown();
        node.close();
    }

    @Override
    public boolean isClosed() {
        return closed.get();
    }

    /**
     * This manager as a type that it has, its {@link StoreHolder}, and the {@link ClusterAdmin} of its cluster. A container that
     * puts a proxy before its beans, as Weld does, answers with the proxy where a method returns the bean itself; the holder
     * is another object, so it can be had there too.
     *
     * @throws IllegalArgumentException for another type
     */
    @Override
    public <T> T unwrap(Class<T> type) {
        if (type.equals(StoreHolder.class)) {
            StoreHolder holder = () -> store();
            return type.cast(holder);
        }
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        if (type.equals(ClusterAdmin.class)) {
            checkOpen();
            return inStore("", () -> type.cast(node.store().admin()));
        }
        throw new IllegalArgumentException("a Concord cache manager is no " + type.getName());
    }
}
