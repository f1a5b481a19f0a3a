package io.concordcache.annotations;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.annotation.GeneratedCacheKey;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.Duration;
import org.jspecify.annotations.Nullable;

/** {@link ComputeOnce}: computations under way, by cache and key. Thread-safe. */
final class Flights {
    private static final System.Logger LOG = System.getLogger(Flights.class.getName());
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LAST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Map<Place, Flight> flights = new ConcurrentHashMap<>();

    private record Place(Cache<GeneratedCacheKey, Object> cache, GeneratedCacheKey key) {}

    private record Flight(Thread owner, CompletableFuture<@Nullable Object> result) {}

    /** What a call wants to know, and how it finds out. */
    interface Search {
        /** What the cache has now, null if nothing; throws an exception that is cached. */
        @Nullable
        Object look() throws Exception;

        /** Runs the method and caches its result. */
        @Nullable
        Object compute() throws Exception;
    }

    /** One computation at a time; those that come meanwhile wait for it, for the deadline at most. */
    @Nullable
    Object run(Cache<GeneratedCacheKey, Object> cache, GeneratedCacheKey key, ComputeOnce once, Search search)
            throws Exception {
        Place place = new Place(cache, key);
        Flight mine = new Flight(Thread.currentThread(), new CompletableFuture<>());
        Flight other = flights.putIfAbsent(place, mine);
        if (other == null) {
            return lead(place, mine, once, search);
        }
        if (other.owner == mine.owner) {
            return search.compute(); // the method has called itself
        }
        try {
            Object computed = other.result.get(once.deadlineMillis(), TimeUnit.MILLISECONDS);
            // The cache's own copy, as a caller that comes later would get it.
            Object cached = search.look();
            return cached == null ? computed : cached;
        } catch (TimeoutException e) {
            return search.compute();
        } catch (ExecutionException e) {
            throw asException(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private @Nullable Object lead(Place place, Flight mine, ComputeOnce once, Search search) throws Exception {
        try {
            // One that ended between this call's miss and now has left its result.
            Object found = search.look();
            if (found == null) {
                found = once.scope() == ComputeOnce.Scope.CLUSTER ? locked(place, once, search) : search.compute();
            }
            mine.result.complete(found);
            return found;
        } catch (Throwable e) {
            mine.result.completeExceptionally(e);
            throw e;
        } finally {
            flights.remove(place, mine);
        }
    }

    /** As {@link #run} for results that come later; nobody is blocked. {@code compute} caches before it completes. */
    @SuppressWarnings("FutureReturnValueIgnored") // it is returned
    CompletionStage<?> runStage(
            Cache<GeneratedCacheKey, Object> cache, GeneratedCacheKey key, ComputeOnce once, Search search)
            throws Exception {
        Place place = new Place(cache, key);
        Flight mine = new Flight(Thread.currentThread(), new CompletableFuture<>());
        Flight other = flights.putIfAbsent(place, mine);
        if (other != null) {
            return follow(other.result, once, search);
        }
        CompletionStage<?> stage;
        try {
            Object found = search.look();
            stage = found == null ? (CompletionStage<?>) search.compute() : CompletableFuture.completedFuture(found);
        } catch (Throwable e) {
            flights.remove(place, mine);
            mine.result.completeExceptionally(e);
            throw e;
        }
        if (stage == null) {
            flights.remove(place, mine);
            mine.result.complete(null);
            return CompletableFuture.completedFuture(null);
        }
        return stage.whenComplete((value, failure) -> {
            flights.remove(place, mine);
            if (failure == null) {
                mine.result.complete(value);
            } else {
                mine.result.completeExceptionally(failure);
            }
        });
    }

    private static CompletionStage<@Nullable Object> follow(
            CompletableFuture<@Nullable Object> leader, ComputeOnce once, Search search) {
        return leader.copy()
                .orTimeout(once.deadlineMillis(), TimeUnit.MILLISECONDS)
                // Not on the one thread of the JDK that looks after timeouts.
                .handleAsync((computed, failure) -> {
                    if (failure != null && leader.isDone()) {
                        return CompletableFuture.<@Nullable Object>failedFuture(failure);
                    }
                    return failure == null ? cachedOr(computed, search) : computed(search);
                })
                .thenCompose(stage -> stage);
    }

    /** The cache's own copy, as a caller that comes later would get it. */
    private static CompletionStage<@Nullable Object> cachedOr(@Nullable Object computed, Search search) {
        try {
            Object cached = search.look();
            return CompletableFuture.completedFuture(cached == null ? computed : cached);
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @SuppressWarnings("unchecked") // values are objects
    private static CompletionStage<@Nullable Object> computed(Search search) {
        try {
            Object stage = search.compute();
            return stage == null ? CompletableFuture.completedFuture(null) : (CompletionStage<@Nullable Object>) stage;
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static @Nullable Object locked(Place place, ComputeOnce once, Search search) throws Exception {
        Cache<GeneratedCacheKey, String> locks = locks(place.cache, once.deadlineMillis());
        String token = UUID.randomUUID().toString();
        long start = System.nanoTime();
        long deadline = TimeUnit.MILLISECONDS.toNanos(once.deadlineMillis());
        long pause = FIRST_PAUSE_NANOS;
        while (!locks.putIfAbsent(place.key, token)) {
            Object found = search.look();
            if (found != null) {
                return found;
            }
            if (System.nanoTime() - start > deadline) {
                return search.compute();
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(LAST_PAUSE_NANOS, pause * 2);
            if (Thread.interrupted()) {
                throw interrupted(new InterruptedException("interrupted"));
            }
        }
        try {
            Object found = search.look();
            return found == null ? search.compute() : found;
        } finally {
            unlock(locks, place.key, token);
        }
    }

    private static void unlock(Cache<GeneratedCacheKey, String> locks, GeneratedCacheKey key, String token) {
        try {
            // Only this call's own: after the deadline it may be another's.
            locks.remove(key, token);
        } catch (RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the lock of " + key + " in the cache '" + locks.getName() + "' stays until its deadline",
                    e);
        }
    }

    private static Cache<GeneratedCacheKey, String> locks(Cache<?, ?> cache, long deadlineMillis) {
        CacheManager manager = cache.getCacheManager();
        String name = cache.getName() + ".locks-" + deadlineMillis;
        Cache<GeneratedCacheKey, String> locks = manager.getCache(name, GeneratedCacheKey.class, String.class);
        if (locks != null) {
            return locks;
        }
        try {
            return manager.createCache(
                    name,
                    new MutableConfiguration<GeneratedCacheKey, String>()
                            .setTypes(GeneratedCacheKey.class, String.class)
                            .setExpiryPolicyFactory(CreatedExpiryPolicy.factoryOf(
                                    new Duration(TimeUnit.MILLISECONDS, deadlineMillis))));
        } catch (CacheException e) {
            Cache<GeneratedCacheKey, String> meanwhile = manager.getCache(name, GeneratedCacheKey.class, String.class);
            if (meanwhile != null) {
                return meanwhile;
            }
            throw e;
        }
    }

    private static CacheException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CacheException("interrupted while another call computes the result", e);
    }

    static Exception asException(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof Exception exception ? exception : new CacheException("a cached throwable", failure);
    }
}
