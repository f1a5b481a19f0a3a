package io.concordcache.examples.spring;

import java.math.BigDecimal;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.stereotype.Service;

/** A slow service, cached by Spring's own annotations. */
@Service
class Quotes {
    private final AtomicInteger asked = new AtomicInteger();

    @Cacheable("quotes")
    public Quote quote(String item) {
        asked.incrementAndGet();
        return new Quote(item, new BigDecimal(item.length()));
    }

    @CacheEvict("quotes")
    public void forget(String item) {
        // the annotation does it
    }

    /** How often the service itself was asked. */
    public int asked() {
        return asked.get();
    }
}
