package io.concordcache.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.cache.CacheManager;
import org.hibernate.SessionFactory;
import org.hibernate.stat.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;

/** Spring Boot with exactly the properties that the README shows. */
class SpringBootTest {
    private static final Pattern BLOCK = Pattern.compile("```properties\\n(.*?)```", Pattern.DOTALL);

    private static ConfigurableApplicationContext start(String database) throws IOException {
        String readme = Files.readString(
                Path.of("").toAbsolutePath().getParent().getParent().resolve("README.md"));
        Properties properties = new Properties();
        for (MatchResult block : BLOCK.matcher(readme).results().toList()) {
            properties.load(new StringReader(block.group(1)));
        }
        assertThat(properties.stringPropertyNames())
                .contains("spring.jpa.properties.hibernate.cache.region.factory_class", "spring.cache.type");
        properties.setProperty("spring.datasource.url", "jdbc:h2:mem:" + database + ";DB_CLOSE_DELAY=-1");
        properties.setProperty("spring.jpa.hibernate.ddl-auto", "update");
        properties.setProperty("spring.jpa.properties.hibernate.generate_statistics", "true");
        properties.setProperty("spring.main.banner-mode", "off");
        // With a class loader of its own, as in a process of its own, it has a cache manager of its own.
        ClassLoader own = new URLClassLoader(new URL[0], SpringBootTest.class.getClassLoader());
        // As arguments they count more than what the example's own file says.
        String[] arguments = properties.stringPropertyNames().stream()
                .map(name -> "--" + name + "=" + properties.getProperty(name))
                .toArray(String[]::new);
        return new SpringApplicationBuilder(Application.class)
                .resourceLoader(new DefaultResourceLoader(own))
                .run(arguments);
    }

    @Test
    void oneApplicationReadsFromTheCacheWhatTheOtherHasSaved() throws IOException {
        String database = UUID.randomUUID().toString();
        try (ConfigurableApplicationContext a = start(database);
                ConfigurableApplicationContext b = start(database)) {
            a.getBean(Countries.class).save(new Country("de", "Germany"));
            Statistics statistics = b.getBean(EntityManagerFactory.class)
                    .unwrap(SessionFactory.class)
                    .getStatistics();
            long statements = statistics.getPrepareStatementCount();
            long hits = statistics.getSecondLevelCacheHitCount();
            assertThat(b.getBean(Countries.class).findById("de"))
                    .hasValueSatisfying(country -> assertThat(country.name).isEqualTo("Germany"));
            assertThat(statistics.getSecondLevelCacheHitCount()).isEqualTo(hits + 1);
            assertThat(statistics.getPrepareStatementCount()).isEqualTo(statements);
            a.getBean(Countries.class).save(new Country("de", "Deutschland"));
            assertThat(b.getBean(Countries.class).findById("de"))
                    .hasValueSatisfying(country -> assertThat(country.name).isEqualTo("Deutschland"));
        }
    }

    @Test
    void springsAnnotationsUseTheSameCacheInBothApplications() throws IOException {
        String database = UUID.randomUUID().toString();
        try (ConfigurableApplicationContext a = start(database);
                ConfigurableApplicationContext b = start(database)) {
            Quotes here = a.getBean(Quotes.class);
            Quotes there = b.getBean(Quotes.class);
            here.forget("tea");
            there.forget("tea");
            int asked = there.asked();
            Quote quote = here.quote("tea");
            assertThat(there.quote("tea")).isEqualTo(quote);
            assertThat(there.asked()).isEqualTo(asked);
            here.forget("tea");
            assertThat(there.quote("tea")).isEqualTo(quote);
            assertThat(there.asked()).isEqualTo(asked + 1);
        }
    }

    @Test
    void actuatorShowsTheHealthAndTheMetersOfTheStore() throws Exception {
        try (ConfigurableApplicationContext application =
                start(UUID.randomUUID().toString())) {
            application.getBean(Quotes.class).quote("tea");
            HttpResponse<String> health = get(application, "/actuator/health");
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body())
                    .containsPattern("\"concord\":\\{\"details\":\\{[^}]*\"lag\":0[^}]*},\"status\":\"UP\"}");
            assertThat(get(application, "/actuator/prometheus").body())
                    .containsPattern("concord_member_serving\\{.*} 1.0")
                    .containsPattern("concord_cache_puts_total\\{cache=\"quotes\".*} [1-9]");

            application.getBean(CacheManager.class).close();
            HttpResponse<String> closed = get(application, "/actuator/health");
            assertThat(closed.statusCode()).isEqualTo(503);
            assertThat(closed.body()).contains("\"concord\":{").contains("\"status\":\"DOWN\"");
        }
    }

    private static HttpResponse<String> get(ConfigurableApplicationContext application, String path) throws Exception {
        URI uri = URI.create(
                "http://127.0.0.1:" + application.getEnvironment().getRequiredProperty("local.server.port") + path);
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .timeout(Duration.ofSeconds(60))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void theExampleShowsBoth(@TempDir Path directory) throws Exception {
        Process example = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Application.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        assertThat(example.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readAllLines(directory.resolve("out")))
                .contains(
                        "tea costs 3, and the service was asked 1 time",
                        "forgotten, tea costs 3, and the service was asked 2 times",
                        "found France with 0 queries; second-level cache hits: 1");
        assertThat(example.exitValue()).isZero();
    }
}
