package io.concordcache.examples;

import io.concordcache.annotations.ComputeOnce;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.cache.annotation.CacheDefaults;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheRemoveAll;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.CacheValue;

/** A service that takes 300 ms to answer, made fast. */
@ApplicationScoped
@CacheDefaults(cacheName = "quotes")
public class Quotes {
    private static final long SLOW_MILLIS = 300;

    private final Map<String, BigDecimal> prices =
            new ConcurrentHashMap<>(Map.of("tea", new BigDecimal("3.10"), "milk", new BigDecimal("1.25")));
    private final AtomicInteger calls = new AtomicInteger();

    /** What an item costs. */
    public record Quote(String item, BigDecimal price) {}

    /** There is no such item. */
    public static final class NotSoldException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotSoldException(String item) {
            super(item + " is not sold here");
        }
    }

    // tag::annotations[]
    @CacheResult(cacheName = "quotes", exceptionCacheName = "quotes-not-sold")
    public Quote quote(String item) {
        return askTheSlowService(item);
    }
    // end::annotations[]

    /** As {@link #quote}; of many callers in the cluster that miss together, one asks. */
    @CacheResult
    @ComputeOnce(scope = ComputeOnce.Scope.CLUSTER)
    public Quote quoteOnce(String item) {
        return askTheSlowService(item);
    }

    /** Stores a quote, as if it had been asked for. */
    @CachePut
    public void set(String item, @CacheValue Quote quote) {
        prices.put(item, quote.price());
    }

    /** Lets an item be asked for again. */
    @CacheRemove
    public void forget(String item) {}

    /** Lets all items be asked for again. */
    @CacheRemoveAll
    public void forgetAll() {}

    /** How often the slow service was asked. */
    public int calls() {
        return calls.get();
    }

    private Quote askTheSlowService(String item) {
        calls.incrementAndGet();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SLOW_MILLIS);
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
        BigDecimal price = prices.get(item);
        if (price == null) {
            throw new NotSoldException(item);
        }
        return new Quote(item, price);
    }
}
