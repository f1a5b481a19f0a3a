package io.concordcache.examples.spring;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts, shows what the caches do, and ends; with the argument {@code --serve} it stays, for a browser to ask. */
@SpringBootApplication
@EnableCaching
public class Application {
    /** Runs {@link Tour}. */
    public static void main(String[] args) {
        ConfigurableApplicationContext application = SpringApplication.run(Application.class, args);
        if (application.getBean(ApplicationArguments.class).containsOption("serve")) {
            String port = application.getEnvironment().getProperty("local.server.port");
            System.out.println("serving http://127.0.0.1:" + port + "/quotes/tea and /countries/fr");
        } else {
            application.close();
        }
    }
}
