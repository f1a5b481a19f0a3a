package io.concordcache.jcache;

import io.concordcache.jcache.event.EventDispatcher;
import io.concordcache.jcache.management.CacheBeans;
import io.concordcache.jcache.management.CacheStatistics;
import io.concordcache.jcache.operation.Binding;
import io.concordcache.jcache.operation.CacheClient;
import io.concordcache.jcache.operation.Customization;
import io.concordcache.jcache.operation.ExpiryDecisions;
import io.concordcache.jcache.operation.External;
import io.concordcache.jcache.operation.Failures;
import io.concordcache.jcache.operation.KeyGates;
import io.concordcache.jcache.operation.NearCache;
import io.concordcache.jcache.operation.ProcessorPath;
import io.concordcache.jcache.operation.ReadPath;
import io.concordcache.jcache.operation.WritePath;
import io.concordcache.jcache.operation.WritePath.Written;
import io.concordcache.raft.config.CacheSettings;
import io.concordcache.raft.config.ConcordSettings;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.marshal.ClassFilter;
import io.concordcache.raft.marshal.CompressingMarshaller;
import io.concordcache.raft.marshal.MarshalException;
import io.concordcache.raft.marshal.Marshaller;
import io.concordcache.raft.marshal.StandardMarshaller;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.CacheUse;
import io.concordcache.raft.store.ChangeListener;
import io.concordcache.raft.store.NearBounds;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.Factory;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CompletionListener;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorException;
import javax.cache.processor.EntryProcessorResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache (JSR-107 {@link Cache}) whose entries live in the replicated store. Every operation is linearizable, single keys
 * and {@code putAll}, {@code removeAll(keys)} and {@code clear} as a whole. Thread-safe; calls wait for the store up to
 * the operation timeout.
 *
 * <p>Beyond the standard, by {@code cache.unwrap(ConcordCache.class)}: a time to live for single entries, versions,
 * asynchronous calls.
 *
 * <p>Failures: {@link CacheUnavailableException} (not applied), {@link CacheOutcomeUnknownException}, {@link
 * CacheRejectedException}; {@code IllegalStateException} once the cache is closed or destroyed.
 *
 * <p>Not final for {@link TracedCache} alone, which is never loaded where nobody traces: so tracing costs nothing there.
 */
public sealed class ConcordCache<K, V> implements Cache<K, V> permits TracedCache {
    /** The remaining time of an entry that does not expire. */
    public static final Duration ETERNAL = Duration.ofSeconds(Long.MAX_VALUE);

    private static final Logger LOG = LoggerFactory.getLogger(ConcordCache.class);
    private static final int REMOVE_ALL_CHUNK = 10_000;
    private static final int ITERATOR_CHUNK = 64;

    private final ConcordCacheManager manager;
    private final String name;
    private final ConcordConfiguration<K, V> configuration;
    private final CacheStore store;
    private final CacheClient client;
    private final Binding<K, V> binding;
    private final ExpiryDecisions expiry;
    private final External<K, V> external;
    private final @Nullable NearCache<K, V> near;
    private final ReadPath<K, V> reads;
    private final WritePath<K, V> writes;
    private final ProcessorPath<K, V> processors;
    private final EventDispatcher<K, V> events;
    private final CacheStatistics statistics;
    private final CacheBeans beans;
    private final CacheStore.Subscription evictions;
    private final CacheStore.Subscription use;
    private final long cacheId;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean managed;

    ConcordCache(
            ConcordCacheManager manager,
            String name,
            long cacheId,
            ConcordConfiguration<K, V> configuration,
            ExpiryDecisions expiry,
            CacheSettings settings) {
        this.manager = manager;
        this.name = name;
        this.configuration = configuration;
        this.expiry = expiry;
        store = manager.node().store();
        this.cacheId = cacheId;
        statistics = new CacheStatistics(
                nanos -> store.used(name, StoreObserver.Use.GET, nanos),
                nanos -> store.used(name, StoreObserver.Use.PUT, nanos),
                nanos -> store.used(name, StoreObserver.Use.REMOVE, nanos));
        long nearEntries = configuration.nearEntries().orElse(settings.near().entries());
        NearBounds nearBounds = nearEntries == 0
                ? null
                : new NearBounds(nearEntries, settings.near().maxStaleness());
        client = new CacheClient(store, cacheId, name, settings.readLevel(), nearBounds, this::closeSoon);
        requireLibraries(name, settings);
        binding = binding(name, configuration, manager.settings(), settings, manager.getClassLoader());
        external = external(configuration);
        near = nearEntries == 0 ? null : new NearCache<>(binding, statistics, nearEntries);
        KeyGates gates = manager.node().shared(KeyGates.class, KeyGates::new);
        reads = new ReadPath<>(client, binding, expiry, external, gates, near);
        writes = new WritePath<>(client, binding, expiry, external, gates, reads);
        processors = new ProcessorPath<>(binding, expiry, external, reads, writes);
        events = new EventDispatcher<>(this, store, cacheId, binding, manager.executor());
        configuration.getCacheEntryListenerConfigurations().forEach(events::register);
        evictions = hearing(store, cacheId, name, this::countEviction);
        use = store.countUse(name, this::use);
        beans = new CacheBeans(manager.getURI(), name);
        enableStatistics(orElse(settings.statistics(), configuration.isStatisticsEnabled()));
        enableManagement(orElse(settings.management(), configuration.isManagementEnabled()));
    }

    /** Who may not read the cache hears of no evictions either, and counts none. */
    private static CacheStore.Subscription hearing(
            CacheStore store, long cacheId, String name, ChangeListener listener) {
        try {
            return store.subscribe(cacheId, listener);
        } catch (StoreException e) {
            if (e instanceof RequestRejectedException rejected
                    && rejected.reason() == RequestRejectedException.Reason.FORBIDDEN) {
                return () -> {};
            }
            throw Failures.translate(e, name);
        }
    }

    private static boolean orElse(@Nullable Boolean setting, boolean otherwise) {
        return setting == null ? otherwise : setting;
    }

    private static <K, V> Binding<K, V> binding(
            String name,
            ConcordConfiguration<K, V> configuration,
            ConcordSettings settings,
            CacheSettings ofName,
            ClassLoader loader) {
        List<Class<?>> types = new ArrayList<>(configuration.allowed());
        types.add(configuration.getKeyType());
        types.add(configuration.getValueType());
        Marshaller standard = new StandardMarshaller(
                ClassFilter.of(settings.serializationAllow(), types.toArray(new Class<?>[0])), loader);
        Marshaller keys = configuration.keyMarshaller();
        Marshaller values = configuration.valueMarshaller();
        return new Binding<>(
                name,
                configuration.getKeyType(),
                configuration.getValueType(),
                keys == null ? standard : keys,
                values == null
                        ? new CompressingMarshaller(
                                standard,
                                ofName.compression(),
                                Math.toIntExact(ofName.compressionThreshold()),
                                settings.maxValueBytes())
                        : values);
    }

    /** Fails now, and not at the first large value, if the library of a compression is missing. */
    static void requireLibraries(String name, CacheSettings settings) {
        try {
            settings.compression().requireLibrary();
        } catch (MarshalException e) {
            throw new CacheException("the cache '" + name + "' cannot be used here: " + e.getMessage(), e);
        }
    }

    private static <K, V> External<K, V> external(ConcordConfiguration<K, V> configuration) {
        Factory<CacheLoader<K, V>> loader = configuration.getCacheLoaderFactory();
        Factory<CacheWriter<? super K, ? super V>> writer = configuration.getCacheWriterFactory();
        return new External<>(
                loader == null ? null : loader.create(),
                configuration.isReadThrough(),
                writer == null ? null : writer.create(),
                configuration.isWriteThrough());
    }

    private void countEviction(Change change) {
        if (change.kind() == Change.Kind.EVICTED) {
            statistics.evicted();
        }
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the cache '" + name + "' is closed");
        }
    }

    /** Runs a write and waits until the synchronous listeners have heard of it. */
    private <T> T heard(@Nullable Object key, Supplier<T> write) {
        long mark = events.mark();
        T result = write.get();
        if (events.hasSynchronous()) {
            events.awaitDelivery(mark, key == null ? null : binding.key(key));
        }
        return result;
    }

    // Reading

    @Override
    @SuppressWarnings("NullAway") // null is what the interface promises for no value
    public V get(K key) {
        return read(key, null);
    }

    /** As {@link #get(Object)}, with this promise in place of the cache's own. */
    @SuppressWarnings("NullAway") // null for no value, as above
    public V get(K key, ReadLevel level) {
        return read(key, level);
    }

    @Nullable
    V read(K key, @Nullable ReadLevel level) {
        checkOpen();
        long started = statistics.start();
        if (external.mayLoad()) {
            ReadPath.Found<V> found = heard(key, () -> reads.get(key, level));
            counted(found.hit() ? 1 : 0, found.hit() ? 0 : 1, started);
            return found.value();
        }
        V value = reads.find(key, level);
        counted(value == null ? 0 : 1, value == null ? 1 : 0, started);
        return value;
    }

    /** The value of a key if it lies near, as a read that is counted; else null, and nothing happened. */
    @Nullable
    V readNear(K key, @Nullable ReadLevel level) {
        checkOpen();
        long started = statistics.start();
        V value = reads.near(key, level);
        if (value != null) {
            statistics.read(1, 0, started);
        }
        return value;
    }

    @Override
    public Map<K, V> getAll(Set<? extends K> keys) {
        checkOpen();
        Objects.requireNonNull(keys, "the set of keys is null");
        long started = statistics.start();
        ReadPath.FoundAll<K, V> found = external.mayLoad() ? heard(null, () -> reads.getAll(keys)) : reads.getAll(keys);
        counted(found.hits(), found.misses(), started);
        return found.values();
    }

    @Override
    public boolean containsKey(K key) {
        checkOpen();
        return reads.contains(key);
    }

    @Override
    public void loadAll(
            Set<? extends K> keys, boolean replaceExistingValues, @Nullable CompletionListener completionListener) {
        checkOpen();
        Objects.requireNonNull(keys, "the set of keys is null");
        Set<K> copy = new HashSet<>(keys);
        copy.forEach(key -> Objects.requireNonNull(key, "a key is null"));
        executor().execute(() -> {
            try {
                load(copy, replaceExistingValues);
            } catch (RuntimeException e) {
                if (completionListener == null) {
                    LOG.warn("loadAll of cache '{}' failed, and nobody listens", name, e);
                } else {
                    completionListener.onException(
                            e instanceof CacheLoaderException ? e : new CacheLoaderException("loadAll failed", e));
                }
                return;
            }
            if (completionListener != null) {
                completionListener.onCompletion();
            }
        });
    }

    void load(Set<K> keys, boolean replaceExistingValues) {
        heard(null, () -> {
            reads.loadAll(keys, replaceExistingValues);
            return true;
        });
    }

    /** Runs what is not to keep the caller waiting. */
    Executor executor() {
        return manager.executor();
    }

    // Writing

    @Override
    public void put(K key, V value) {
        checkOpen();
        long started = statistics.start();
        count(heard(key, () -> writes.put(key, value)), started);
    }

    void counted(int hits, int misses, long started) {
        statistics.read(hits, misses, started);
    }

    private void count(Written written, long started) {
        statistics.put(written.applied() && written.stored() ? 1 : 0, started);
    }

    private void countRead(Written written, long started) {
        counted(written.existed() ? 1 : 0, written.existed() ? 0 : 1, started);
    }

    private @Nullable V before(Written written) {
        Bytes before = written.before();
        return before == null ? null : binding.readValue(before);
    }

    @Override
    @SuppressWarnings("NullAway") // null is what the interface promises for no value
    public V getAndPut(K key, V value) {
        checkOpen();
        long started = statistics.start();
        Written written = heard(key, () -> writes.put(key, value));
        countRead(written, started);
        count(written, started);
        return before(written);
    }

    @Override
    public void putAll(Map<? extends K, ? extends V> map) {
        checkOpen();
        Objects.requireNonNull(map, "the map is null");
        long started = statistics.start();
        int stored = heard(null, () -> writes.putAll(map));
        statistics.put(stored, started);
    }

    @Override
    public boolean putIfAbsent(K key, V value) {
        checkOpen();
        long started = statistics.start();
        Written written = heard(key, () -> writes.putIfAbsent(key, value));
        countRead(written, started);
        count(written, started);
        return written.applied() && written.stored();
    }

    @Override
    public boolean remove(K key) {
        checkOpen();
        long started = statistics.start();
        Written written = heard(key, () -> writes.remove(key));
        statistics.removed(written.existed() ? 1 : 0, started);
        return written.existed();
    }

    @Override
    public boolean remove(K key, V oldValue) {
        checkOpen();
        long started = statistics.start();
        Written written = heard(key, () -> writes.remove(key, oldValue));
        countRead(written, started);
        statistics.removed(written.applied() ? 1 : 0, started);
        return written.applied();
    }

    @Override
    @SuppressWarnings("NullAway") // null is what the interface promises for no value
    public V getAndRemove(K key) {
        checkOpen();
        long started = statistics.start();
        Written written = heard(key, () -> writes.remove(key));
        countRead(written, started);
        statistics.removed(written.existed() ? 1 : 0, started);
        return before(written);
    }

    @Override
    public boolean replace(K key, V oldValue, V newValue) {
        checkOpen();
        long started = statistics.start();
        Written written = heard(key, () -> writes.replace(key, oldValue, newValue));
        countRead(written, started);
        count(written, started);
        return written.applied();
    }

    @Override
    public boolean replace(K key, V value) {
        return replaced(key, value).applied();
    }

    @Override
    @SuppressWarnings("NullAway") // null is what the interface promises for no value
    public V getAndReplace(K key, V value) {
        return before(replaced(key, value));
    }

    private Written replaced(K key, V value) {
        checkOpen();
        long started = statistics.start();
        Written written = heard(key, () -> writes.replace(key, value));
        countRead(written, started);
        count(written, started);
        return written;
    }

    @Override
    public void removeAll(Set<? extends K> keys) {
        checkOpen();
        Objects.requireNonNull(keys, "the set of keys is null");
        long started = statistics.start();
        int removed = heard(null, () -> writes.removeAll(keys));
        statistics.removed(removed, started);
    }

    @Override
    public void removeAll() {
        checkOpen();
        Set<K> chunk = new HashSet<>();
        for (Iterator<Bytes> keys = client.keys(); keys.hasNext(); ) {
            chunk.add(binding.readKey(keys.next()));
            if (chunk.size() == REMOVE_ALL_CHUNK) {
                removeAll(chunk);
                chunk.clear();
            }
        }
        removeAll(chunk);
    }

    @Override
    public void clear() {
        checkOpen();
        writes.clear();
    }

    // Processing

    /**
     * Runs the processor here, in this thread, and writes what it did if nobody has changed the entry meanwhile; else it
     * runs again. So it may run more than once, but its effect on the entry counts once.
     */
    @Override
    @SuppressWarnings("NullAway") // the processor's result may be null
    public <T> T invoke(K key, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
        checkOpen();
        Objects.requireNonNull(key, "the key is null");
        Objects.requireNonNull(entryProcessor, "the entry processor is null");
        long started = statistics.start();
        ProcessorPath.Processed<T> processed = heard(key, () -> processors.invoke(key, entryProcessor, arguments));
        counted(processed.existed() ? 1 : 0, processed.existed() ? 0 : 1, started);
        statistics.put(processed.stored() ? 1 : 0, started);
        statistics.removed(processed.removed() ? 1 : 0, started);
        return processed.result();
    }

    @Override
    public <T> Map<K, EntryProcessorResult<T>> invokeAll(
            Set<? extends K> keys, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
        checkOpen();
        Objects.requireNonNull(keys, "the set of keys is null");
        Objects.requireNonNull(entryProcessor, "the entry processor is null");
        for (K key : keys) {
            Objects.requireNonNull(key, "a key is null");
        }
        Map<K, EntryProcessorResult<T>> results = new HashMap<>();
        for (K key : keys) {
            try {
                T result = invoke(key, entryProcessor, arguments);
                if (result != null) {
                    results.put(key, () -> result);
                }
            } catch (RuntimeException e) {
                EntryProcessorException failure =
                        e instanceof EntryProcessorException known ? known : new EntryProcessorException(e);
                results.put(key, () -> {
                    throw failure;
                });
            }
        }
        return results;
    }

    // Listeners

    @Override
    public void registerCacheEntryListener(CacheEntryListenerConfiguration<K, V> listenerConfiguration) {
        checkOpen();
        Objects.requireNonNull(listenerConfiguration, "the listener configuration is null");
        events.register(listenerConfiguration);
    }

    @Override
    public void deregisterCacheEntryListener(CacheEntryListenerConfiguration<K, V> listenerConfiguration) {
        checkOpen();
        Objects.requireNonNull(listenerConfiguration, "the listener configuration is null");
        events.deregister(listenerConfiguration).forEach(this::close);
    }

    // Iterating

    /**
     * The entries, weakly consistent: one that is there all the time is met once. Values are read a few ahead of {@code
     * next}.
     */
    @Override
    public Iterator<Entry<K, V>> iterator() {
        checkOpen();
        return new Entries();
    }

    private final class Entries implements Iterator<Cache.Entry<K, V>> {
        private record Read(Bytes key, io.concordcache.raft.core.Entry entry) {}

        private final Iterator<Bytes> keys = client.keys();
        private final List<Read> ahead = new ArrayList<>();
        private @Nullable K last;

        @Override
        public boolean hasNext() {
            checkOpen();
            while (ahead.isEmpty() && keys.hasNext()) {
                readAhead();
            }
            return !ahead.isEmpty();
        }

        private void readAhead() {
            List<Bytes> chunk = new ArrayList<>();
            while (keys.hasNext() && chunk.size() < ITERATOR_CHUNK) {
                chunk.add(keys.next());
            }
            List<io.concordcache.raft.core.@Nullable Entry> entries = client.getAll(chunk);
            for (int i = 0; i < chunk.size(); i++) {
                io.concordcache.raft.core.Entry entry = entries.get(i);
                if (entry != null) {
                    ahead.add(new Read(chunk.get(i), entry));
                }
            }
        }

        @Override
        public Cache.Entry<K, V> next() {
            if (!hasNext()) {
                throw new NoSuchElementException("no more entries");
            }
            long started = statistics.start();
            Read read = ahead.remove(0);
            K key = binding.readKey(read.key());
            V value = reads.accessed(read.key(), read.entry());
            statistics.read(1, 0, started);
            last = key;
            return new ConcordEntry<>(key, value);
        }

        @Override
        public void remove() {
            K key = last;
            if (key == null) {
                throw new IllegalStateException("next() has not been called, or remove() already");
            }
            last = null;
            ConcordCache.this.remove(key);
        }
    }

    // Beyond the standard

    /**
     * Stores a value that lives for this time, whatever the expiry policy says.
     *
     * @param timeToLive zero ends the entry at once; {@link #ETERNAL} for no end
     */
    public void put(K key, V value, Duration timeToLive) {
        checkOpen();
        long started = statistics.start();
        Expiry life = life(timeToLive);
        count(heard(key, () -> writes.put(key, value, life)), started);
    }

    /** Lets an entry live for this time from now; false if there is no entry. */
    public boolean touch(K key, Duration timeToLive) {
        checkOpen();
        Expiry life = life(timeToLive);
        return heard(key, () -> writes.touch(key, life)).applied();
    }

    private static Expiry life(Duration timeToLive) {
        if (timeToLive.isNegative()) {
            throw new IllegalArgumentException("a time to live must not be negative: " + timeToLive);
        }
        if (timeToLive.compareTo(Duration.ofMillis(Long.MAX_VALUE)) >= 0) {
            return Expiry.ETERNAL;
        }
        return Expiry.after(timeToLive.isZero() ? 0 : Math.max(1, timeToLive.toMillis()));
    }

    /** How long an entry still lives, {@link #ETERNAL} for ever; empty if there is none. */
    public Optional<Duration> remainingTtl(K key) {
        checkOpen();
        io.concordcache.raft.core.Entry entry = reads.peek(key);
        if (entry == null) {
            return Optional.empty();
        }
        return Optional.of(
                entry.expiresAtMillis() == Expiry.NEVER
                        ? ETERNAL
                        : Duration.ofMillis(Math.max(0, entry.expiresAtMillis() - client.nowMillis())));
    }

    /** The value with its version; empty if there is none. Loads nothing and counts as no access. */
    public Optional<Versioned<V>> getVersioned(K key) {
        checkOpen();
        io.concordcache.raft.core.Entry entry = reads.peek(key);
        return entry == null
                ? Optional.empty()
                : Optional.of(new Versioned<>(binding.readValue(entry.value()), entry.version()));
    }

    /**
     * How the near cache of this object does. Counts while statistics are enabled; {@code entries} is always right, give or
     * take what other threads do meanwhile.
     */
    public NearCacheStatistics nearCacheStatistics() {
        return new NearCacheStatistics(
                statistics.nearHits(), statistics.nearMisses(), client.copyHits(), near == null ? 0 : near.size());
    }

    private CacheUse use() {
        return new CacheUse(statistics.hits(), statistics.misses(), statistics.nearHits(), client.copyHits());
    }

    /** Stores a value if the entry still has this version; else false. */
    public boolean replace(K key, long version, V value) {
        checkOpen();
        long started = statistics.start();
        Written written = heard(key, () -> writes.replace(key, version, value));
        count(written, started);
        return written.applied();
    }

    /** {@link #get} on another thread; the stage has null for no value. */
    public CompletionStage<@Nullable V> getAsync(K key) {
        checkOpen();
        return CompletableFuture.supplyAsync(() -> get(key), executor());
    }

    /** {@link #put(Object, Object)} on another thread. */
    public CompletionStage<Void> putAsync(K key, V value) {
        checkOpen();
        return CompletableFuture.runAsync(() -> put(key, value), executor());
    }

    /** {@link #remove(Object)} on another thread. */
    public CompletionStage<Boolean> removeAsync(K key) {
        checkOpen();
        return CompletableFuture.supplyAsync(() -> remove(key), executor());
    }

    // Managing

    void enableStatistics(boolean on) {
        statistics.enable(on);
        beans.showStatistics(on, statistics);
    }

    void enableManagement(boolean on) {
        managed = on;
        beans.showConfiguration(on, this::current);
    }

    private ConcordConfiguration<K, V> current() {
        return configuration.now(statistics.isEnabled(), managed, events.configurations());
    }

    @Override
    public <C extends Configuration<K, V>> C getConfiguration(Class<C> type) {
        ConcordConfiguration<K, V> current = current();
        if (type.isInstance(current)) {
            return type.cast(current);
        }
        MutableConfiguration<K, V> mutable = current.toMutable();
        if (type.isInstance(mutable)) {
            return type.cast(mutable);
        }
        throw new IllegalArgumentException("the configuration of a Concord cache is no " + type.getName());
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public CacheManager getCacheManager() {
        return manager;
    }

    /** Closes the cache here; its entries stay in the store. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        manager.released(this);
        evictions.close();
        use.close();
        client.close();
        if (near != null) {
            near.clear();
        }
        beans.hideAll();
        Stream.of(external.parts(), events.close().stream(), Stream.of(expiry.policy()))
                .flatMap(parts -> parts)
                .forEach(this::close);
    }

    /** Somebody destroyed it. Not closed by the caller, who may be in the midst of what is closed. */
    private void closeSoon() {
        try {
            manager.executor().execute(this::close);
        } catch (RejectedExecutionException e) {
            close(); // the manager is closing, and this cache with it
        }
    }

    /** Whether it is this cache that the store holds now under its name, and not a later one or none. */
    boolean is(@Nullable CacheInfo info) {
        return info != null && info.id() == cacheId;
    }

    private void close(Customization<?> part) {
        part.close(store.operationTimeout());
    }

    @Override
    public boolean isClosed() {
        return closed.get();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new IllegalArgumentException("a Concord cache is no " + type.getName());
    }
}
