package io.concordcache.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.hibernate.SessionFactory;
import org.hibernate.stat.Statistics;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Spring Boot with exactly the properties that the README shows. */
class SpringBootTest {
    private static final Pattern BLOCK = Pattern.compile("```properties\\n(.*?)```", Pattern.DOTALL);

    @SpringBootApplication
    static class Application {}

    private static ConfigurableApplicationContext start(String database) throws IOException {
        String readme = Files.readString(
                Path.of("").toAbsolutePath().getParent().getParent().resolve("README.md"));
        Properties properties = new Properties();
        for (MatchResult block : BLOCK.matcher(readme).results().toList()) {
            properties.load(new StringReader(block.group(1)));
        }
        assertThat(properties.stringPropertyNames())
                .contains("spring.jpa.properties.hibernate.cache.region.factory_class");
        properties.setProperty("spring.datasource.url", "jdbc:h2:mem:" + database + ";DB_CLOSE_DELAY=-1");
        properties.setProperty("spring.jpa.hibernate.ddl-auto", "update");
        properties.setProperty("spring.jpa.properties.hibernate.generate_statistics", "true");
        properties.setProperty("spring.main.banner-mode", "off");
        return new SpringApplicationBuilder(Application.class)
                .properties(properties)
                .run();
    }

    @Test
    void oneApplicationReadsFromTheCacheWhatTheOtherHasSaved() throws IOException {
        String database = UUID.randomUUID().toString();
        try (ConfigurableApplicationContext a = start(database);
                ConfigurableApplicationContext b = start(database)) {
            a.getBean(Countries.class).save(new Country("fr", "France"));
            Statistics statistics = b.getBean(EntityManagerFactory.class)
                    .unwrap(SessionFactory.class)
                    .getStatistics();
            long statements = statistics.getPrepareStatementCount();
            assertThat(b.getBean(Countries.class).findById("fr"))
                    .hasValueSatisfying(country -> assertThat(country.name).isEqualTo("France"));
            assertThat(statistics.getSecondLevelCacheHitCount()).isEqualTo(1);
            assertThat(statistics.getPrepareStatementCount()).isEqualTo(statements);
            a.getBean(Countries.class).save(new Country("fr", "République française"));
            assertThat(b.getBean(Countries.class).findById("fr"))
                    .hasValueSatisfying(country -> assertThat(country.name).isEqualTo("République française"));
        }
    }
}
