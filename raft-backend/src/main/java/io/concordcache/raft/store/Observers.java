package io.concordcache.raft.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Those who want to hear of the writes and the uses of a store; without any, nobody looks at the clock. Thread-safe. */
public final class Observers {
    private final List<StoreObserver> all = new CopyOnWriteArrayList<>();

    public CacheStore.Subscription add(StoreObserver observer) {
        all.add(observer);
        return () -> all.remove(observer);
    }

    /** Starts a write, and tells how it ends. */
    public <T> CompletableFuture<T> writing(Supplier<CompletableFuture<T>> write) {
        return timed(write, StoreObserver::written);
    }

    /** Puts an entry into the log, and tells how that ends. */
    public <T> CompletableFuture<T> appending(int commands, Supplier<CompletableFuture<T>> append) {
        return timed(append, (observer, nanos, result) -> observer.appended(nanos, commands, result));
    }

    /** Tells of a call to a cache. */
    public void used(String cache, StoreObserver.Use use, long nanos) {
        for (StoreObserver observer : all) {
            observer.used(cache, use, nanos);
        }
    }

    private interface Telling {
        void tell(StoreObserver observer, long nanos, StoreObserver.Result result);
    }

    private <T> CompletableFuture<T> timed(Supplier<CompletableFuture<T>> call, Telling telling) {
        if (all.isEmpty()) {
            return call.get();
        }
        long began = System.nanoTime();
        CompletableFuture<T> answer = call.get();
        var unused = answer.whenComplete((done, failure) -> {
            long nanos = System.nanoTime() - began;
            all.forEach(observer -> telling.tell(observer, nanos, result(failure)));
        });
        return answer;
    }

    static StoreObserver.Result result(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause == null) {
            return StoreObserver.Result.OK;
        }
        if (cause instanceof StoreUnavailableException) {
            return StoreObserver.Result.UNAVAILABLE;
        }
        return cause instanceof RequestRejectedException ? StoreObserver.Result.REJECTED : StoreObserver.Result.UNKNOWN;
    }
}
