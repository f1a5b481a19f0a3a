package io.concordcache.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cache.annotation.EnableCaching;

/** Starts, shows what the caches do, and ends. */
@SpringBootApplication
@EnableCaching
public class Application {
    /** Runs {@link Tour}. */
    public static void main(String[] args) {
        SpringApplication.run(Application.class, args).close();
    }
}
