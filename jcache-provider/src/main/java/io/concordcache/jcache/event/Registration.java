package io.concordcache.jcache.event;

import io.concordcache.jcache.operation.Customization;
import java.util.List;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Factory;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryEventFilter;
import javax.cache.event.CacheEntryExpiredListener;
import javax.cache.event.CacheEntryListener;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.event.CacheEntryRemovedListener;
import javax.cache.event.CacheEntryUpdatedListener;
import javax.cache.event.EventType;
import org.jspecify.annotations.Nullable;

/** One listener with its filter, made from its configuration. */
final class Registration<K, V> {
    private final CacheEntryListenerConfiguration<K, V> configuration;
    private final Customization<CacheEntryListener<? super K, ? super V>> listener;
    private final @Nullable Customization<CacheEntryEventFilter<? super K, ? super V>> filter;

    Registration(CacheEntryListenerConfiguration<K, V> configuration) {
        this.configuration = configuration;
        this.listener =
                new Customization<>(configuration.getCacheEntryListenerFactory().create());
        Factory<CacheEntryEventFilter<? super K, ? super V>> filterFactory =
                configuration.getCacheEntryEventFilterFactory();
        this.filter = filterFactory == null ? null : new Customization<>(filterFactory.create());
    }

    CacheEntryListenerConfiguration<K, V> configuration() {
        return configuration;
    }

    boolean isSynchronous() {
        return configuration.isSynchronous();
    }

    boolean wantsOldValue() {
        return configuration.isOldValueRequired();
    }

    /** Listener and filter, to be closed with the registration. */
    List<Customization<?>> parts() {
        return filter == null ? List.of(listener) : List.of(listener, filter);
    }

    boolean listensTo(EventType type) {
        return switch (type) {
            case CREATED -> listener.object() instanceof CacheEntryCreatedListener;
            case UPDATED -> listener.object() instanceof CacheEntryUpdatedListener;
            case REMOVED -> listener.object() instanceof CacheEntryRemovedListener;
            case EXPIRED -> listener.object() instanceof CacheEntryExpiredListener;
        };
    }

    /** Hands the event to the listener unless the filter objects. */
    void deliver(ConcordEvent<K, V> event) {
        try {
            if (filter == null || filter.call(judge -> passes(judge, event))) {
                listener.run(hearer -> call(hearer, event));
            }
        } catch (CacheEntryListenerException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CacheEntryListenerException("a cache entry listener failed", e);
        }
    }

    @SuppressWarnings("unchecked") // a filter of supertypes judges events of subtypes
    private static <A, B> boolean passes(CacheEntryEventFilter<A, B> filter, CacheEntryEvent<?, ?> event) {
        return filter.evaluate((CacheEntryEvent<? extends A, ? extends B>) event);
    }

    @SuppressWarnings("unchecked") // a listener of supertypes hears events of subtypes
    private static <A, B> void call(CacheEntryListener<A, B> listener, CacheEntryEvent<?, ?> event) {
        Iterable<CacheEntryEvent<? extends A, ? extends B>> events =
                List.of((CacheEntryEvent<? extends A, ? extends B>) event);
        switch (event.getEventType()) {
            case CREATED -> ((CacheEntryCreatedListener<A, B>) listener).onCreated(events);
            case UPDATED -> ((CacheEntryUpdatedListener<A, B>) listener).onUpdated(events);
            case REMOVED -> ((CacheEntryRemovedListener<A, B>) listener).onRemoved(events);
            case EXPIRED -> ((CacheEntryExpiredListener<A, B>) listener).onExpired(events);
        }
    }
}
