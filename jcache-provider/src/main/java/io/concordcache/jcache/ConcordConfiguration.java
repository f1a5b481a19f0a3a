package io.concordcache.jcache;

import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.marshal.Marshaller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.Factory;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.expiry.EternalExpiryPolicy;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.expiry.ModifiedExpiryPolicy;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheWriter;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a cache: what JSR-107 knows, and what Concord knows beyond. Immutable, made by {@link #builder}.
 * What it leaves open (bounds) comes from the settings of the manager, see {@code docs/settings.md}.
 *
 * <p>Types, expiry by a standard policy and bounds are the same for all who open the cache; loader, writer, listeners,
 * statistics and management concern this JVM alone.
 */
public final class ConcordConfiguration<K, V> implements CompleteConfiguration<K, V> {
    private static final long serialVersionUID = 1;

    private final MutableConfiguration<K, V> standard;
    private final @Nullable Long maxEntries;
    private final @Nullable Long maxBytes;
    private final @Nullable Long nearEntries;
    private final transient @Nullable Marshaller keyMarshaller;
    private final transient @Nullable Marshaller valueMarshaller;
    private final List<Class<?>> allowed;

    private ConcordConfiguration(
            MutableConfiguration<K, V> standard,
            @Nullable Long maxEntries,
            @Nullable Long maxBytes,
            @Nullable Long nearEntries,
            @Nullable Marshaller keyMarshaller,
            @Nullable Marshaller valueMarshaller,
            List<Class<?>> allowed) {
        this.standard = new MutableConfiguration<>(standard);
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
        this.nearEntries = nearEntries;
        this.keyMarshaller = keyMarshaller;
        this.valueMarshaller = valueMarshaller;
        this.allowed = List.copyOf(allowed);
    }

    /** Starts a configuration for a cache of these types, which are checked at run time. */
    public static <K, V> Builder<K, V> builder(Class<K> keyType, Class<V> valueType) {
        return new Builder<>(keyType, valueType);
    }

    /** Any JCache configuration as one of ours. */
    static <K, V> ConcordConfiguration<K, V> of(Configuration<K, V> configuration) {
        if (configuration instanceof ConcordConfiguration<K, V> ours) {
            return ours;
        }
        MutableConfiguration<K, V> standard = configuration instanceof CompleteConfiguration<K, V> complete
                ? new MutableConfiguration<>(complete)
                : new MutableConfiguration<K, V>()
                        .setTypes(configuration.getKeyType(), configuration.getValueType())
                        .setStoreByValue(configuration.isStoreByValue());
        return new ConcordConfiguration<>(standard, null, null, null, null, null, List.of());
    }

    /** The same with what may change while a cache is open. */
    ConcordConfiguration<K, V> now(
            boolean statistics, boolean management, List<CacheEntryListenerConfiguration<K, V>> listeners) {
        MutableConfiguration<K, V> changed = new MutableConfiguration<>(standard)
                .setStatisticsEnabled(statistics)
                .setManagementEnabled(management);
        for (CacheEntryListenerConfiguration<K, V> before : standard.getCacheEntryListenerConfigurations()) {
            changed.removeCacheEntryListenerConfiguration(before);
        }
        listeners.forEach(changed::addCacheEntryListenerConfiguration);
        return new ConcordConfiguration<>(
                changed, maxEntries, maxBytes, nearEntries, keyMarshaller, valueMarshaller, allowed);
    }

    /** The same with another expiry policy. */
    ConcordConfiguration<K, V> expiring(Factory<? extends ExpiryPolicy> policy) {
        return new ConcordConfiguration<>(
                new MutableConfiguration<>(standard).setExpiryPolicyFactory(policy),
                maxEntries,
                maxBytes,
                nearEntries,
                keyMarshaller,
                valueMarshaller,
                allowed);
    }

    /** Whether entries live for ever, be it said or not. */
    boolean isEternal() {
        return standard.getExpiryPolicyFactory().equals(EternalExpiryPolicy.factoryOf());
    }

    /** The same as a configuration of the standard, which can be changed. */
    MutableConfiguration<K, V> toMutable() {
        return new MutableConfiguration<>(standard);
    }

    /** The bound on entries, {@link Long#MAX_VALUE} for none at all; empty if the settings decide. */
    public OptionalLong maxEntries() {
        return maxEntries == null ? OptionalLong.empty() : OptionalLong.of(maxEntries);
    }

    /** The bound on bytes of keys and values, {@link Long#MAX_VALUE} for none at all; empty if the settings decide. */
    public OptionalLong maxBytes() {
        return maxBytes == null ? OptionalLong.empty() : OptionalLong.of(maxBytes);
    }

    /** How many decoded values are kept near this caller, 0 for none; empty if the settings decide. */
    public OptionalLong nearEntries() {
        return nearEntries == null ? OptionalLong.empty() : OptionalLong.of(nearEntries);
    }

    @Nullable
    Marshaller keyMarshaller() {
        return keyMarshaller;
    }

    @Nullable
    Marshaller valueMarshaller() {
        return valueMarshaller;
    }

    List<Class<?>> allowed() {
        return allowed;
    }

    @Override
    public Class<K> getKeyType() {
        return standard.getKeyType();
    }

    @Override
    public Class<V> getValueType() {
        return standard.getValueType();
    }

    @Override
    public boolean isStoreByValue() {
        return standard.isStoreByValue();
    }

    @Override
    public boolean isReadThrough() {
        return standard.isReadThrough();
    }

    @Override
    public boolean isWriteThrough() {
        return standard.isWriteThrough();
    }

    @Override
    public boolean isStatisticsEnabled() {
        return standard.isStatisticsEnabled();
    }

    @Override
    public boolean isManagementEnabled() {
        return standard.isManagementEnabled();
    }

    @Override
    public Iterable<CacheEntryListenerConfiguration<K, V>> getCacheEntryListenerConfigurations() {
        return standard.getCacheEntryListenerConfigurations();
    }

    @Override
    public Factory<CacheLoader<K, V>> getCacheLoaderFactory() {
        return standard.getCacheLoaderFactory();
    }

    @Override
    public Factory<CacheWriter<? super K, ? super V>> getCacheWriterFactory() {
        return standard.getCacheWriterFactory();
    }

    @Override
    public Factory<ExpiryPolicy> getExpiryPolicyFactory() {
        return standard.getExpiryPolicyFactory();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConcordConfiguration<?, ?> that
                && standard.equals(that.standard)
                && Objects.equals(maxEntries, that.maxEntries)
                && Objects.equals(maxBytes, that.maxBytes)
                && Objects.equals(nearEntries, that.nearEntries)
                && Objects.equals(keyMarshaller, that.keyMarshaller)
                && Objects.equals(valueMarshaller, that.valueMarshaller)
                && allowed.equals(that.allowed);
    }

    @Override
    public int hashCode() {
        return Objects.hash(standard, maxEntries, maxBytes, allowed);
    }

    /** Collects a configuration. Not thread-safe. */
    public static final class Builder<K, V> {
        private static final Duration LONGEST = Duration.ofMillis(Long.MAX_VALUE);

        private final MutableConfiguration<K, V> standard;
        private final List<Class<?>> allowed = new ArrayList<>();
        private @Nullable Long maxEntries;
        private @Nullable Long maxBytes;
        private @Nullable Long nearEntries;
        private @Nullable Marshaller keyMarshaller;
        private @Nullable Marshaller valueMarshaller;

        private Builder(Class<K> keyType, Class<V> valueType) {
            standard = new MutableConfiguration<K, V>().setTypes(keyType, valueType);
        }

        /** Entries live for this time after each change of their value; at least a millisecond. */
        public Builder<K, V> timeToLive(Duration time) {
            if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("a time to live must be a millisecond or more, and at most "
                        + LONGEST.toMillis() + " ms: " + time + "; leave it out for entries that live for ever");
            }
            return expiry(ModifiedExpiryPolicy.factoryOf(
                    new javax.cache.expiry.Duration(TimeUnit.MILLISECONDS, time.toMillis())));
        }

        /** Entries live as the policy says. One that is not of the standard's is asked for each operation. */
        public Builder<K, V> expiry(Factory<? extends ExpiryPolicy> policy) {
            standard.setExpiryPolicyFactory(policy);
            return this;
        }

        /** Values come from the loader when there are none, and for {@code loadAll}. */
        public Builder<K, V> readThrough(Factory<? extends CacheLoader<K, V>> loader) {
            standard.setReadThrough(true);
            return loader(loader);
        }

        /** Values come from the loader for {@code loadAll} only. */
        public Builder<K, V> loader(Factory<? extends CacheLoader<K, V>> loader) {
            standard.setCacheLoaderFactory(loader);
            return this;
        }

        /** Each change goes to the writer first. */
        public Builder<K, V> writeThrough(Factory<? extends CacheWriter<? super K, ? super V>> writer) {
            standard.setWriteThrough(true).setCacheWriterFactory(writer);
            return this;
        }

        /** Adds a listener. */
        public Builder<K, V> listener(CacheEntryListenerConfiguration<K, V> listener) {
            standard.addCacheEntryListenerConfiguration(listener);
            return this;
        }

        /** Whether operations are counted; false by default. */
        public Builder<K, V> statistics(boolean on) {
            standard.setStatisticsEnabled(on);
            return this;
        }

        /** Whether the configuration is shown as MXBean; false by default. */
        public Builder<K, V> management(boolean on) {
            standard.setManagementEnabled(on);
            return this;
        }

        /** Beyond so many entries the least useful are evicted; 1 or more. */
        public Builder<K, V> maxEntries(long count) {
            maxEntries = positive(count, "maxEntries");
            return this;
        }

        /** Beyond so many bytes of keys and values, as stored, the least useful entries are evicted; 1 or more. */
        public Builder<K, V> maxBytes(long bytes) {
            maxBytes = positive(bytes, "maxBytes");
            return this;
        }

        /** The cache grows until the heap is full. */
        public Builder<K, V> unbounded() {
            maxEntries = CacheDefinition.UNBOUNDED;
            maxBytes = CacheDefinition.UNBOUNDED;
            return this;
        }

        /** So many decoded values are kept near this caller; 1 or more. */
        public Builder<K, V> nearCache(long maxEntries) {
            nearEntries = positive(maxEntries, "nearCache");
            return this;
        }

        /** Every read decodes its value. */
        public Builder<K, V> withoutNearCache() {
            nearEntries = 0L;
            return this;
        }

        private static long positive(long value, String what) {
            if (value < 1) {
                throw new IllegalArgumentException(what + " must be 1 or more: " + value);
            }
            return value;
        }

        /** Keys become bytes by this; equal keys must give equal bytes. */
        public Builder<K, V> keyMarshaller(Marshaller marshaller) {
            keyMarshaller = marshaller;
            return this;
        }

        /** Values become bytes by this. The setting {@code compression} leaves it alone; a {@link
         * io.concordcache.raft.marshal.CompressingMarshaller} around it compresses. */
        public Builder<K, V> valueMarshaller(Marshaller marshaller) {
            valueMarshaller = marshaller;
            return this;
        }

        /** Classes that keys and values may be of or hold, besides the declared types and what those hold. */
        public Builder<K, V> allow(Class<?>... classes) {
            allowed.addAll(List.of(classes));
            return this;
        }

        public ConcordConfiguration<K, V> build() {
            return new ConcordConfiguration<>(
                    standard, maxEntries, maxBytes, nearEntries, keyMarshaller, valueMarshaller, allowed);
        }
    }
}
