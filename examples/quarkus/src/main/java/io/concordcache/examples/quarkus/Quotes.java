package io.concordcache.examples.quarkus;

import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheResult;

/** A slow service, cached by the annotations of JSR-107. */
@ApplicationScoped
public class Quotes {
    private final AtomicInteger asked = new AtomicInteger();

    @CacheResult(cacheName = "quotes")
    public Quote quote(String item) {
        asked.incrementAndGet();
        return new Quote(item, new BigDecimal(item.length()));
    }

    @CacheRemove(cacheName = "quotes")
    public void forget(String item) {
        // the annotation does it
    }

    /** How often the service itself was asked. */
    public int asked() {
        return asked.get();
    }
}
