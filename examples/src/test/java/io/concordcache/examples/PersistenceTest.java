package io.concordcache.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import org.hibernate.SessionFactory;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.stat.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second-level cache by persistence.xml, as the README shows it, and beside JCache on one store. */
class PersistenceTest {
    private static final Path README = Path.of("").toAbsolutePath().getParent().resolve("README.md");
    private static final Pattern XML = Pattern.compile("```xml\\n(.*?)```", Pattern.DOTALL);

    private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

    @TempDir
    Path directory;

    private URLClassLoader withPersistenceXml() throws IOException {
        Matcher snippet = XML.matcher(Files.readString(README));
        assertThat(snippet.find()).isTrue();
        Path file = directory.resolve("META-INF/persistence.xml");
        Files.createDirectories(file.getParent());
        Files.writeString(file, """
                <persistence xmlns="https://jakarta.ee/xml/ns/persistence" version="3.0">
                  <persistence-unit name="shop">
                    <class>io.concordcache.examples.Country</class>
                    SNIPPET
                  </persistence-unit>
                </persistence>
                """.replace("SNIPPET", snippet.group(1)));
        return new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, getClass().getClassLoader());
    }

    private EntityManagerFactory start() {
        return Persistence.createEntityManagerFactory(
                "shop",
                Map.of(
                        "jakarta.persistence.jdbc.url", url,
                        "jakarta.persistence.schema-generation.database.action", "create",
                        "hibernate.generate_statistics", "true"));
    }

    @Test
    void thePersistenceXmlOfTheReadmeCaches() throws IOException {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = withPersistenceXml()) {
            Thread.currentThread().setContextClassLoader(loader);
            try (EntityManagerFactory factory = start()) {
                readsWhatWasWrittenFromTheCache(factory.unwrap(SessionFactory.class));
            }
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private static void readsWhatWasWrittenFromTheCache(SessionFactory factory) {
        factory.inTransaction(session -> session.persist(new Country("fr", "France")));
        Statistics statistics = factory.getStatistics();
        long statements = statistics.getPrepareStatementCount();
        factory.inSession(
                session -> assertThat(session.find(Country.class, "fr").name).isEqualTo("France"));
        assertThat(statistics.getSecondLevelCacheHitCount()).isEqualTo(1);
        assertThat(statistics.getPrepareStatementCount()).isEqualTo(statements);
    }

    private SessionFactory start(CacheManager manager) {
        return new MetadataSources(new StandardServiceRegistryBuilder()
                        .applySetting("hibernate.cache.region.factory_class", "concord")
                        .applySetting("hibernate.cache.concord.store", manager)
                        .applySetting("hibernate.connection.url", url)
                        .applySetting("hibernate.hbm2ddl.auto", "update")
                        .applySetting("hibernate.generate_statistics", "true")
                        .build())
                .addAnnotatedClass(Country.class)
                .buildMetadata()
                .buildSessionFactory();
    }

    @Test
    void aRunningCacheManagerLendsItsStore() {
        URI uri = URI.create("concord:local?cluster.name=lent");
        CacheManager manager = Caching.getCachingProvider().getCacheManager(uri, null);
        Cache<String, String> cache = manager.createCache(
                "beside", new MutableConfiguration<String, String>().setTypes(String.class, String.class));
        try (SessionFactory factory = start(manager)) {
            readsWhatWasWrittenFromTheCache(factory);
            cache.put("k", "v");
        }
        assertThat(cache.get("k")).isEqualTo("v");
        try (SessionFactory again = start(manager)) {
            again.inSession(session ->
                    assertThat(session.find(Country.class, "fr").name).isEqualTo("France"));
            assertThat(again.getStatistics().getSecondLevelCacheHitCount()).isEqualTo(1);
        }
        manager.close();
        assertThatThrownBy(() -> start(manager)).rootCause().hasMessageContaining("closed");
    }
}
