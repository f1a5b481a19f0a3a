package io.concordcache.examples;

import io.concordcache.jcache.ConcordConfiguration;
import java.io.PrintStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.FactoryBuilder;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryExpiredListener;

/** The first thirty lines: a cache with a time to live, a listener, an exact counter, and statistics. */
public final class Quickstart {
    private static final CountDownLatch EXPIRED = new CountDownLatch(1);

    /** Counts the latch down when an entry expires and prints what comes and goes. */
    public static final class Printer
            implements CacheEntryCreatedListener<String, Integer>,
                    CacheEntryExpiredListener<String, Integer>,
                    Serializable {
        private static final long serialVersionUID = 1;

        @Override
        public void onCreated(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> events) {
            events.forEach(event -> System.out.println("  event: created " + event.getKey()));
        }

        @Override
        public void onExpired(Iterable<CacheEntryEvent<? extends String, ? extends Integer>> events) {
            events.forEach(event -> System.out.println("  event: expired " + event.getKey()));
            EXPIRED.countDown();
        }
    }

    private Quickstart() {}

    /** Takes no arguments. */
    public static void main(String[] args) throws InterruptedException {
        PrintStream out = System.out;
        // tag::quickstart[]
        CacheManager manager = Caching.getCachingProvider().getCacheManager();
        Cache<String, Integer> visits = manager.createCache(
                "visits",
                ConcordConfiguration.builder(String.class, Integer.class)
                        .timeToLive(Duration.ofMillis(500))
                        .maxEntries(100_000)
                        .statistics(true)
                        .build());
        visits.registerCacheEntryListener(new MutableCacheEntryListenerConfiguration<>(
                FactoryBuilder.factoryOf(Printer.class), null, false, true));

        visits.put("anna", 1);
        out.println("anna has " + visits.get("anna") + " visit");

        // Exact, whoever else counts at the same time on whichever member
        int now = visits.invoke("anna", (entry, arguments) -> {
            entry.setValue(entry.getValue() + 1);
            return entry.getValue();
        });
        out.println("anna has " + now + " visits");
        out.println("putIfAbsent: " + visits.putIfAbsent("anna", 100) + ", replace 2 by 3: "
                + visits.replace("anna", 2, 3));
        // end::quickstart[]

        if (!EXPIRED.await(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("nothing expired within 10 s");
        }
        out.println("anna after half a second: " + visits.get("anna"));
        Statistics.print(out, "visits");
        manager.close();
    }
}
