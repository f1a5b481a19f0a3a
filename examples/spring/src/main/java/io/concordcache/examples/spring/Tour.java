package io.concordcache.examples.spring;

import jakarta.persistence.EntityManagerFactory;
import java.io.PrintStream;
import org.hibernate.SessionFactory;
import org.hibernate.stat.Statistics;
import org.springframework.boot.CommandLineRunner;
import org.springframework.stereotype.Component;

/** Shows both caches at work. */
@Component
class Tour implements CommandLineRunner {
    private final Quotes quotes;
    private final Countries countries;
    private final Statistics statistics;

    Tour(Quotes quotes, Countries countries, EntityManagerFactory factory) {
        this.quotes = quotes;
        this.countries = countries;
        this.statistics = factory.unwrap(SessionFactory.class).getStatistics();
    }

    @Override
    public void run(String... args) {
        PrintStream out = System.out;
        out.println("tea costs " + quotes.quote("tea").price());
        out.println(
                "tea costs " + quotes.quote("tea").price() + ", and the service was asked " + quotes.asked() + " time");
        quotes.forget("tea");
        out.println("forgotten, tea costs " + quotes.quote("tea").price() + ", and the service was asked "
                + quotes.asked() + " times");

        Country saved = countries.save(new Country("fr", "France"));
        long statements = statistics.getPrepareStatementCount();
        String name = countries.findById(saved.code).orElseThrow().name;
        out.println("found " + name + " with " + (statistics.getPrepareStatementCount() - statements)
                + " queries; second-level cache hits: " + statistics.getSecondLevelCacheHitCount());
    }
}
