package io.concordcache.hibernate;

import java.util.Map;
import java.util.UUID;
import org.hibernate.SessionFactory;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;

/** Session factories on one database in memory. */
final class Databases {
    private static final Class<?>[] ALL = {Item.class, VersionedItem.class, LooseItem.class, Order.class, Fact.class};

    private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

    String url() {
        return url;
    }

    SessionFactory open(Map<String, ?> settings) {
        return open(settings, ALL);
    }

    /** How many statements the work sends to the database. */
    static long selects(SessionFactory factory, Runnable work) {
        long before = factory.getStatistics().getPrepareStatementCount();
        work.run();
        return factory.getStatistics().getPrepareStatementCount() - before;
    }

    SessionFactory open(Map<String, ?> settings, Class<?>... entities) {
        StandardServiceRegistryBuilder registry = new StandardServiceRegistryBuilder()
                .applySetting("hibernate.connection.url", url)
                .applySetting("hibernate.hbm2ddl.auto", "update")
                .applySetting("hibernate.cache.use_query_cache", "true")
                .applySetting("hibernate.cache.use_second_level_cache", "true")
                .applySetting("hibernate.generate_statistics", "true");
        settings.forEach(registry::applySetting);
        return new MetadataSources(registry.build())
                .addAnnotatedClasses(entities)
                .buildMetadata()
                .buildSessionFactory();
    }
}
