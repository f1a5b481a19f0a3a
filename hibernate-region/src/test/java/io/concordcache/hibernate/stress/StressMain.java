package io.concordcache.hibernate.stress;

import io.concordcache.hibernate.stress.Observation.What;
import io.concordcache.raft.cluster.Skew;
import io.concordcache.raft.config.SettingsLoader;
import io.concordcache.raft.node.Nodes;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StartException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.h2.tools.Server;
import org.hibernate.SessionFactory;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.stat.Statistics;

/**
 * A process of the stress: the database, what makes its tables, or one application among several on one database and one
 * cache. Ends with its input, whose lines set faults on and off.
 */
final class StressMain {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(60);

    private StressMain() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "h2" -> {
                Server.createTcpServer("-tcpPort", args[1], "-tcpAllowOthers", "-ifNotExists")
                        .start();
                System.out.println("up");
                readCommands();
            }
            case "tables" -> tables(args[1], Integer.parseInt(args[2]));
            default ->
                application(
                        URI.create(args[1]),
                        args[2],
                        new Notes(Path.of(args[3])),
                        Integer.parseInt(args[4]),
                        FaultyStore.Canary.valueOf(args[5]),
                        Long.parseLong(args[6]),
                        Integer.parseInt(args[7]),
                        Long.parseLong(args[8]));
        }
        Runtime.getRuntime().halt(0);
    }

    private static StandardServiceRegistryBuilder database(String url) {
        return new StandardServiceRegistryBuilder()
                .applySetting("hibernate.connection.url", url)
                .applySetting("hibernate.connection.pool_size", "20");
    }

    private static SessionFactory open(StandardServiceRegistryBuilder registry) {
        return new MetadataSources(registry.build())
                .addAnnotatedClass(Row.class)
                .buildMetadata()
                .buildSessionFactory();
    }

    private static void tables(String url, int rows) {
        try (SessionFactory factory = open(database(url)
                .applySetting("hibernate.hbm2ddl.auto", "create")
                .applySetting("hibernate.cache.use_second_level_cache", "false"))) {
            factory.inTransaction(session -> {
                session.createNativeMutationQuery(
                                "create table stress_number (id bigint primary key, number bigint not null)")
                        .executeUpdate();
                for (int row = 0; row < rows; row++) {
                    session.createNativeMutationQuery("insert into stress_number values (" + row + ", 0)")
                            .executeUpdate();
                }
            });
        }
        System.out.println("up");
    }

    private static void application(
            URI store,
            String database,
            Notes notes,
            int rows,
            FaultyStore.Canary canary,
            long seed,
            int threads,
            long pauseNanos)
            throws IOException {
        SessionFactory factory = open(database(database)
                .applySetting("hibernate.generate_statistics", "true")
                .applySetting("hibernate.cache.use_query_cache", "true")
                .applySetting("hibernate.cache.region.factory_class", "concord")
                .applySetting("hibernate.cache.concord.store", FaultyStore.on(open(store), canary))
                .applySetting("hibernate.cache.concord.lock-timeout", "5s"));
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        });
        System.out.println("up " + System.currentTimeMillis());
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(
                    new Application(factory, notes, rows, new Random(seed + i), pauseNanos), "application-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        readCommands();
        Statistics seen = factory.getStatistics();
        notes.read(
                What.STATISTICS,
                0,
                0,
                String.valueOf(seen.getSecondLevelCacheHitCount()),
                String.valueOf(seen.getSecondLevelCacheMissCount()),
                String.valueOf(seen.getQueryCacheHitCount()));
    }

    /** A member waits for the others for minutes; one that is refused at once is so again and again. */
    private static CacheStore open(URI uri) {
        long deadline = System.nanoTime() + START_NANOS;
        while (true) {
            try {
                return Nodes.open(
                                uri,
                                SettingsLoader.ofThisProcess()
                                        .load(uri, StressMain.class.getClassLoader(), null)
                                        .node())
                        .store();
            } catch (StartException e) {
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
                e.printStackTrace();
            }
        }
    }

    private static void readCommands() throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "clock" -> Skew.set(Long.parseLong(words[1]));
                    case "failing" -> FaultyStore.setFailing(Integer.parseInt(words[1]));
                    case "die" -> Attempt.DEATH.set(Attempt.Point.valueOf(words[1]));
                    default -> throw new IllegalArgumentException(line);
                }
            }
        }
    }
}
