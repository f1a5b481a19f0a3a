package io.concordcache.examples.jakarta;

import jakarta.enterprise.context.RequestScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.PersistenceUnit;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.hibernate.SessionFactory;
import org.hibernate.stat.Statistics;

/** Countries over HTTP, and what the second-level cache has spared. */
@Path("countries")
@Produces(MediaType.TEXT_PLAIN)
@RequestScoped
@Transactional
public class CountryResource {
    @PersistenceContext
    EntityManager entities;

    @PersistenceUnit
    EntityManagerFactory factory;

    @PUT
    @Path("{code}")
    public void save(@PathParam("code") String code, String name) {
        entities.merge(new Country(code, name));
    }

    @GET
    @Path("{code}")
    public String name(@PathParam("code") String code) {
        Country country = entities.find(Country.class, code);
        if (country == null) {
            throw new NotFoundException();
        }
        return country.name;
    }

    @GET
    public String statistics() {
        Statistics of = factory.unwrap(SessionFactory.class).getStatistics();
        return "queries " + of.getPrepareStatementCount() + ", hits " + of.getSecondLevelCacheHitCount();
    }
}
