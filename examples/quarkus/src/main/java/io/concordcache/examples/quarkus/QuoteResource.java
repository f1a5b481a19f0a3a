package io.concordcache.examples.quarkus;

import io.concordcache.raft.store.StoreHolder;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import javax.cache.CacheManager;

/** Quotes over HTTP, and what the cache has spared. */
@Path("quotes")
@Produces(MediaType.TEXT_PLAIN)
public class QuoteResource {
    @Inject
    Quotes quotes;

    @Inject
    CacheManager manager;

    @GET
    @Path("{item}")
    public String quote(@PathParam("item") String item) {
        return quotes.quote(item).price().toPlainString();
    }

    @DELETE
    @Path("{item}")
    public void forget(@PathParam("item") String item) {
        quotes.forget(item);
    }

    @GET
    public String statistics() {
        long hits = manager.unwrap(StoreHolder.class).store().metrics().caches().stream()
                .filter(cache -> cache.name().equals("quotes"))
                .mapToLong(cache -> cache.use().hits())
                .sum();
        return "asked " + quotes.asked() + ", hits " + hits;
    }
}
