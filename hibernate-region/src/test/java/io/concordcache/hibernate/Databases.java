package io.concordcache.hibernate;

import java.util.Map;
import java.util.UUID;
import org.hibernate.SessionFactory;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;

/** Session factories on one database in memory. */
final class Databases {
    private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

    SessionFactory open(Map<String, ?> settings) {
        StandardServiceRegistryBuilder registry = new StandardServiceRegistryBuilder()
                .applySetting("hibernate.connection.url", url)
                .applySetting("hibernate.hbm2ddl.auto", "update")
                .applySetting("hibernate.cache.use_query_cache", "true")
                .applySetting("hibernate.cache.use_second_level_cache", "true")
                .applySetting("hibernate.generate_statistics", "true");
        settings.forEach(registry::applySetting);
        return new MetadataSources(registry.build())
                .addAnnotatedClasses(Item.class, VersionedItem.class, LooseItem.class, Order.class, Fact.class)
                .buildMetadata()
                .buildSessionFactory();
    }
}
