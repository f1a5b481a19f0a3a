package io.concordcache.jcache.event;

import io.concordcache.jcache.operation.Binding;
import io.concordcache.jcache.operation.Customization;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ChangeListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.cache.Cache;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.event.EventType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the changes of one cache to its listeners: each change once, in log order. Synchronous listeners are served by
 * whoever holds the lock, usually the caller whose operation made the change, who waits until they are through; the
 * asynchronous ones by another thread, one event at a time.
 *
 * <p>The thread that applies the log only puts changes into the queue.
 */
public final class EventDispatcher<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(EventDispatcher.class);
    /** Whoever writes what cannot be read can do so very often. */
    private static final long SAY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Cache<K, V> source;
    private final CacheStore store;
    private final long cacheId;
    private final Binding<K, V> binding;
    private final Executor executor;
    private final Executor asynchronous;
    private final Duration patience;

    private final List<Registration<K, V>> registrations = new CopyOnWriteArrayList<>();
    private final Queue<Change> queue = new ConcurrentLinkedQueue<>();
    /** Changes that came; written by the thread of the log alone. */
    private final AtomicLong received = new AtomicLong();

    private final ReentrantLock delivery = new ReentrantLock();
    private volatile boolean anySynchronous;
    private CacheStore.@Nullable Subscription subscription;
    /** Of the keys that one delivery served: what failed, for the caller who waits. Guarded by the lock. */
    private final List<Failure> failures = new ArrayList<>();
    /** Changes that could not be read and were not told of yet. Guarded by the lock, as the next. */
    private long unreadable;

    private long sayAgainNanos = System.nanoTime();

    private long delivered;

    private record Failure(long number, Bytes key, CacheEntryListenerException exception) {}

    private static final int KEPT_FAILURES = 256;

    public EventDispatcher(
            Cache<K, V> source, CacheStore store, long cacheId, Binding<K, V> binding, Executor executor) {
        this.source = source;
        this.store = store;
        this.cacheId = cacheId;
        this.binding = binding;
        this.executor = executor;
        this.asynchronous = new SerialExecutor(executor);
        this.patience = store.operationTimeout();
    }

    /**
     * Makes and adds a listener.
     *
     * @throws IllegalArgumentException if there is one of an equal configuration
     */
    public synchronized void register(CacheEntryListenerConfiguration<K, V> configuration) {
        if (registrations.stream().anyMatch(known -> known.configuration().equals(configuration))) {
            throw new IllegalArgumentException(
                    "a listener of this configuration is registered already: " + configuration);
        }
        registrations.add(new Registration<>(configuration));
        refresh();
        if (subscription == null) {
            subscription = store.subscribe(cacheId, new ChangeListener() {
                @Override
                public void changed(Change change) {
                    received(change);
                }

                @Override
                public void missed() {
                    LOG.warn(
                            "the listeners of cache '{}' may have missed changes: this node was cut off, or lagged"
                                    + " so far behind that it took over a snapshot",
                            source.getName());
                }
            });
        }
    }

    /** Removes the listener of an equal configuration; returns its parts, which the caller is to close. */
    public synchronized List<Customization<?>> deregister(CacheEntryListenerConfiguration<K, V> configuration) {
        for (Registration<K, V> known : registrations) {
            if (known.configuration().equals(configuration)) {
                registrations.remove(known);
                refresh();
                if (registrations.isEmpty()) {
                    unsubscribe();
                }
                return known.parts();
            }
        }
        return List.of();
    }

    private void refresh() {
        anySynchronous = registrations.stream().anyMatch(Registration::isSynchronous);
    }

    private void unsubscribe() {
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
    }

    /** The configurations of the listeners that are registered. */
    public List<CacheEntryListenerConfiguration<K, V>> configurations() {
        return registrations.stream().map(Registration::configuration).toList();
    }

    /** On the thread that applies the log. */
    private void received(Change change) {
        if (type(change) == null) {
            return;
        }
        queue.add(change);
        received.incrementAndGet();
        deliverSoon();
    }

    private void deliverSoon() {
        try {
            executor.execute(this::deliverWhatCame);
        } catch (RejectedExecutionException e) {
            LOG.debug("the cache is closing; its listeners hear no more");
        }
    }

    private static @Nullable EventType type(Change change) {
        return switch (change.kind()) {
            case CREATED -> EventType.CREATED;
            case UPDATED -> EventType.UPDATED;
            case REMOVED -> EventType.REMOVED;
            case EXPIRED -> EventType.EXPIRED;
            case EVICTED, TOUCHED, CLEARED, DESTROYED -> null;
        };
    }

    /** Whether there are listeners that delay the caller. */
    public boolean hasSynchronous() {
        return anySynchronous;
    }

    /** A mark to hand to {@link #awaitDelivery} after an operation that was begun at it. */
    public long mark() {
        return received.get();
    }

    /**
     * Waits until the synchronous listeners have heard of everything that came up to now. Does not wait when called by a
     * listener.
     *
     * @param mark what {@link #mark} returned before the operation
     * @throws CacheEntryListenerException if a listener failed with a change of the key since the mark
     */
    public void awaitDelivery(long mark, @Nullable Bytes key) {
        if (!anySynchronous || delivery.isHeldByCurrentThread()) {
            return;
        }
        long target = received.get();
        try {
            if (!delivery.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new CacheEntryListenerException("the operation was applied, but the synchronous listeners did not"
                        + " finish within " + patience.toMillis() + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CacheEntryListenerException("the operation was applied; interrupted while listeners ran", e);
        }
        try {
            deliver();
            for (Failure failure : failures) {
                if (failure.number > mark && failure.number <= target && (key == null || key.equals(failure.key))) {
                    throw new CacheEntryListenerException(
                            "the operation was applied, but a listener failed: " + failure.exception.getMessage(),
                            failure.exception);
                }
            }
        } finally {
            unlock();
        }
    }

    private void deliverWhatCame() {
        if (queue.isEmpty() || !delivery.tryLock()) {
            return; // whoever holds the lock looks once more when he has given it back
        }
        try {
            deliver();
        } finally {
            unlock();
        }
    }

    /** Gives the lock back; what came after the last look, and found the lock taken, is delivered soon. */
    private void unlock() {
        delivery.unlock();
        if (!queue.isEmpty()) {
            deliverSoon();
        }
    }

    /** Guarded by the lock. */
    private void deliver() {
        for (Change change = queue.poll(); change != null; change = queue.poll()) {
            delivered++;
            List<Registration<K, V>> interested = new ArrayList<>();
            EventType type = Objects.requireNonNull(type(change));
            for (Registration<K, V> each : registrations) {
                if (each.listensTo(type)) {
                    interested.add(each);
                }
            }
            if (!interested.isEmpty()) {
                deliver(change, type, interested);
            }
        }
    }

    private void deliver(Change change, EventType type, List<Registration<K, V>> interested) {
        ConcordEvent<K, V> withOld;
        ConcordEvent<K, V> without;
        try {
            Entry before = change.before();
            Entry after = change.after();
            K key = binding.readKey(change.key());
            V old = before == null ? null : binding.readValue(before.value());
            V value = Objects.requireNonNull(after == null ? old : binding.readValue(after.value()));
            withOld = new ConcordEvent<>(source, type, key, value, old);
            without = type == EventType.UPDATED ? new ConcordEvent<>(source, type, key, value, null) : withOld;
        } catch (RuntimeException e) {
            unreadable(e);
            return;
        }
        for (Registration<K, V> each : interested) {
            ConcordEvent<K, V> event = each.wantsOldValue() ? withOld : without;
            if (each.isSynchronous()) {
                deliverNow(each, event, change.key());
            } else {
                asynchronous.execute(() -> deliverLogged(each, event));
            }
        }
    }

    private void unreadable(RuntimeException why) {
        unreadable++;
        long now = System.nanoTime();
        if (now - sayAgainNanos >= 0) {
            LOG.error(
                    "{} change(s) of cache '{}' could not be read; its listeners do not hear of them: {}",
                    unreadable,
                    source.getName(),
                    why.getMessage());
            unreadable = 0;
            sayAgainNanos = now + SAY_NANOS;
        }
    }

    private void deliverNow(Registration<K, V> to, ConcordEvent<K, V> event, Bytes key) {
        try {
            to.deliver(event);
        } catch (CacheEntryListenerException e) {
            if (failures.size() == KEPT_FAILURES) {
                failures.remove(0);
            }
            failures.add(new Failure(delivered, key, e));
        }
    }

    private void deliverLogged(Registration<K, V> to, ConcordEvent<K, V> event) {
        if (!registrations.contains(to)) {
            return;
        }
        try {
            to.deliver(event);
        } catch (CacheEntryListenerException e) {
            LOG.warn("an asynchronous listener of cache '{}' failed", source.getName(), e);
        }
    }

    /** Removes all listeners and ends delivery; returns their parts, which the caller is to close. */
    public synchronized List<Customization<?>> close() {
        unsubscribe();
        queue.clear();
        List<Customization<?>> parts = registrations.stream()
                .<Customization<?>>flatMap(each -> each.parts().stream())
                .toList();
        registrations.clear();
        return parts;
    }
}
