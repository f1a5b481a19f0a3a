package io.concordcache.benchmarks.hibernate;

import io.concordcache.benchmarks.Directories;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.logging.LogManager;
import org.hibernate.SessionFactory;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;

/** Session factories on one H2 database in memory, with a second-level cache or without. */
final class SecondLevel implements AutoCloseable {
    static final int ITEMS = 1_000;

    private final List<SessionFactory> all = new ArrayList<>();
    private final SessionFactory chosen;
    private final Path directory = Files.createTempDirectory("concord-hibernate-");

    SecondLevel(CacheKind kind) throws IOException {
        LogManager.getLogManager().reset();
        String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
        if (CacheKind.MEMBERS.contains(kind)) {
            open(url, Map.of(), "create").close();
            // All at once: a member waits for a majority.
            members().stream()
                    .map(uri -> CompletableFuture.supplyAsync(() -> open(url, concord(uri), "none")))
                    .toList()
                    .forEach(opened -> all.add(opened.join()));
            chosen = all.get(CacheKind.MEMBERS.indexOf(kind));
        } else {
            chosen = open(url, settings(kind), "create");
            all.add(chosen);
        }
    }

    static Map<String, String> settings(CacheKind kind) {
        return switch (kind) {
            case ALONE -> concord("concord:local");
            case EHCACHE ->
                Map.of(
                        "hibernate.cache.region.factory_class", "jcache",
                        "hibernate.javax.cache.provider", "org.ehcache.jsr107.EhcacheCachingProvider",
                        "hibernate.javax.cache.missing_cache_strategy", "create");
            default -> Map.of("hibernate.cache.use_second_level_cache", "false");
        };
    }

    private static Map<String, String> concord(String uri) {
        return Map.of("hibernate.cache.region.factory_class", "concord", "hibernate.cache.concord.uri", uri);
    }

    private List<String> members() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < CacheKind.MEMBERS.size(); i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            addresses.add("127.0.0.1:" + socket.getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        List<String> uris = new ArrayList<>();
        for (String address : addresses) {
            uris.add("concord:local?members=" + String.join(",", addresses) + "&member=" + address
                    + "&durability=disk&directory=" + directory.resolve(address.replace(':', '-')));
        }
        return uris;
    }

    static SessionFactory open(String url, Map<String, String> settings, String schema) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("hibernate.connection.url", url);
        all.put("hibernate.hbm2ddl.auto", schema);
        all.put("hibernate.jdbc.batch_size", 50);
        StandardServiceRegistryBuilder registry = new StandardServiceRegistryBuilder().applySettings(all);
        return new MetadataSources(registry.build())
                .addAnnotatedClass(Item.class)
                .buildMetadata()
                .buildSessionFactory();
    }

    SessionFactory factory() {
        return chosen;
    }

    void fill() {
        chosen.inTransaction(session -> {
            for (long id = 0; id < ITEMS; id++) {
                session.persist(new Item(id));
            }
        });
    }

    @Override
    public void close() {
        all.forEach(SessionFactory::close);
        Directories.delete(directory);
    }
}
