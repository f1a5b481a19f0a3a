package io.concordcache.examples.shop;

import io.concordcache.examples.Trace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.hibernate.SessionFactory;
import org.hibernate.stat.CacheRegionStatistics;

/** One application of the shop, as a process: does what it reads, and says a line or more for each command. */
final class ShopNode {
    /** One request in so many changes what it reads, if that is a stock. */
    private static final int CHANGE_EVERY = 100;

    private final SessionFactory factory;
    private final int[] keys;
    private final int index;
    private final int nodes;

    private ShopNode(SessionFactory factory, int[] keys, int index, int nodes) {
        this.factory = factory;
        this.keys = keys;
        this.index = index;
        this.nodes = nodes;
    }

    /** Arguments: the database, the store, the trace or "-", how many requests, which node of how many. */
    public static void main(String[] args) throws IOException {
        int requests = Integer.parseInt(args[3]);
        Trace trace = args[2].equals("-") ? Trace.zipf(requests) : Trace.read(Path.of(args[2]), requests);
        ShopNode node = new ShopNode(
                Database.open(args[0], args[1]), trace.keys(), Integer.parseInt(args[4]), Integer.parseInt(args[5]));
        System.out.println("up");
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                node.answer(line.split(" ", -1));
            }
        }
        Runtime.getRuntime().halt(0); // nothing is kept, so nothing needs an orderly end
    }

    private void answer(String[] words) {
        switch (words[0]) {
            case "replay" -> {
                replay();
                System.out.println("done");
            }
            case "quantity" -> {
                long queries = factory.getStatistics().getPrepareStatementCount();
                int quantity =
                        factory.fromSession(session -> session.find(Stock.class, Long.parseLong(words[1])).quantity);
                queries = factory.getStatistics().getPrepareStatementCount() - queries;
                System.out.println(quantity + " " + queries);
            }
            default -> {
                factory.inTransaction(session ->
                        session.find(Stock.class, Long.parseLong(words[1])).quantity = Integer.parseInt(words[2]));
                System.out.println("done");
            }
        }
    }

    private void replay() {
        factory.getStatistics().clear();
        long started = System.nanoTime();
        int count = 0;
        for (int i = index; i < keys.length; i += nodes) {
            Class<?> entity = Database.entity(keys[i]);
            long id = Database.id(keys[i]);
            if (entity == Stock.class && i % CHANGE_EVERY < nodes) {
                factory.inTransaction(session -> session.find(Stock.class, id).quantity++);
            } else {
                factory.inSession(session -> session.find(entity, id));
            }
            count++;
        }
        System.out.printf(
                "requests %d %d %d%n",
                count, System.nanoTime() - started, factory.getStatistics().getEntityUpdateCount());
        for (Class<?> entity : Database.ENTITIES) {
            CacheRegionStatistics region = factory.getStatistics().getDomainDataRegionStatistics(entity.getName());
            System.out.printf("region %s %d %d%n", entity.getSimpleName(), region.getHitCount(), region.getMissCount());
        }
    }
}
