package io.concordcache.examples.shop;

import io.concordcache.examples.Cluster;
import io.concordcache.examples.Trace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.h2.tools.Server;
import org.hibernate.SessionFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Two applications on one database, which read it through Concord; what one commits the other sees at once. */
@Command(
        name = "examples/run hibernate",
        description = "Two applications on one database, with Concord as second-level cache of Hibernate.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class Shop implements Callable<Integer> {
    private static final List<String> IDS = List.of("m1", "m2", "m3");
    private static final int BATCH = 1_000;
    /** Held here, for else their levels are forgotten; what they would say belongs into a log. */
    private static final List<Logger> CHATTY =
            List.of(Logger.getLogger("org.hibernate"), Logger.getLogger("org.apache"));

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "keys whose upper five bits are an object type, such as orm-busy.trace.xz; else made up")
    private @Nullable Path file;

    @Option(names = "--requests", paramLabel = "N", description = "how many requests (${DEFAULT-VALUE})")
    private int requests = 50_000;

    private final PrintStream out;

    private Shop(PrintStream out) {
        this.out = out;
    }

    /** See {@code --help}; ends the JVM with 0, 1 if something old was read, or 2 for bad arguments. */
    public static void main(String[] args) {
        System.exit(run(System.out, args));
    }

    /** As {@link #main}, without the end of the JVM. */
    public static int run(PrintStream out, String... args) {
        CHATTY.forEach(logger -> logger.setLevel(Level.SEVERE));
        return new CommandLine(new Shop(out)).execute(args);
    }

    /** One application. */
    private static final class Node {
        private final Process process;
        private final PrintWriter to;
        private final BufferedReader from;

        Node(List<String> arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ShopNode.class.getName()));
            command.addAll(arguments);
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            to = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
            from = process.inputReader(StandardCharsets.UTF_8);
        }

        void send(String command) {
            to.println(command);
        }

        String read() throws IOException {
            String line = from.readLine();
            if (line == null) {
                throw new IllegalStateException("an application ended before it was done");
            }
            return line;
        }

        String ask(String command) throws IOException {
            send(command);
            return read();
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        if (requests < 1 || (file != null && !Files.isRegularFile(file))) {
            System.err.println(
                    "hibernate: " + (requests < 1 ? "--requests takes a number from 1" : "no such file: " + file));
            return CommandLine.ExitCode.USAGE;
        }
        Trace trace = file == null ? Trace.zipf(requests) : Trace.read(file, requests);
        Path parent = Files.createTempDirectory("concord-shop-");
        Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-baseDir", parent.toString())
                .start();
        List<Node> nodes = new ArrayList<>();
        try {
            String url = "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/mem:shop;DB_CLOSE_DELAY=-1";
            List<String> members = Cluster.members(IDS);
            long started = System.nanoTime();
            for (int i = 0; i < 2; i++) {
                nodes.add(new Node(List.of(
                        url,
                        Cluster.uri(members, IDS.get(i), parent),
                        file == null ? "-" : file.toAbsolutePath().toString(),
                        String.valueOf(requests),
                        String.valueOf(i),
                        "2")));
            }
            try (SessionFactory filler = Database.open(url, Cluster.uri(members, IDS.get(2), parent))) {
                for (Node node : nodes) {
                    node.read(); // up
                }
                out.printf(
                        "nodes      2 applications and the one that fills the tables, each a member: all serve after %.1f s%n",
                        (System.nanoTime() - started) / 1e9);
                fill(filler, trace);
                replay(nodes);
                return isSeenAtOnce(nodes, stock(trace)) ? 0 : 1;
            }
        } finally {
            for (Node node : nodes) {
                node.process.destroyForcibly();
                node.process.waitFor(10, TimeUnit.SECONDS);
            }
            server.stop();
            Cluster.deleteTree(parent);
        }
    }

    private void fill(SessionFactory filler, Trace trace) {
        int[] keys = Arrays.stream(trace.keys()).distinct().toArray();
        for (int from = 0; from < keys.length; from += BATCH) {
            int[] some = Arrays.copyOfRange(keys, from, Math.min(keys.length, from + BATCH));
            filler.inStatelessTransaction(session -> {
                for (int key : some) {
                    Database.insert(session, key);
                }
            });
        }
        // A stock whatever the trace.
        filler.inStatelessTransaction(session -> {
            if (session.get(Stock.class, stock(trace)) == null) {
                Stock stock = new Stock();
                stock.id = stock(trace);
                session.insert(stock);
            }
        });
        out.printf(
                "database   %,d rows in %d tables, those that %s names%n",
                keys.length, Database.ENTITIES.size(), trace.description());
    }

    private static long stock(Trace trace) {
        return Arrays.stream(trace.keys())
                .filter(key -> Database.entity(key) == Stock.class)
                .mapToLong(Database::id)
                .findFirst()
                .orElse(1L);
    }

    private void replay(List<Node> nodes) throws IOException {
        nodes.forEach(node -> node.send("replay"));
        Map<String, long[]> regions = new TreeMap<>();
        long count = 0;
        long changes = 0;
        double seconds = 0;
        for (Node node : nodes) {
            for (String line = node.read(); !line.equals("done"); line = node.read()) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("requests")) {
                    count += Long.parseLong(words[1]);
                    seconds = Math.max(seconds, Long.parseLong(words[2]) / 1e9);
                    changes += Long.parseLong(words[3]);
                } else {
                    long[] sums = regions.computeIfAbsent(words[1], name -> new long[2]);
                    sums[0] += Long.parseLong(words[2]);
                    sums[1] += Long.parseLong(words[3]);
                }
            }
        }
        out.printf(
                "requests   %,d in %.1f s on both: %,.0f/s; %,d of them changed a stock%n",
                count, seconds, count / seconds, changes);
        long saved = regions.values().stream().mapToLong(sums -> sums[0]).sum();
        out.printf("queries    %,d of %,d saved (%.1f %%)%n", saved, count, 100.0 * saved / count);
        regions.forEach((name, sums) -> {
            long reads = sums[0] + sums[1];
            if (reads > 0) {
                out.printf("  %-14s %,d reads, hit ratio %.2f %%%n", name, reads, 100.0 * sums[0] / reads);
            }
        });
    }

    private boolean isSeenAtOnce(List<Node> nodes, long id) throws IOException {
        int quantity = 777_777;
        nodes.get(0).ask("set " + id + " " + quantity);
        String[] seen = nodes.get(1).ask("quantity " + id).split(" ", -1);
        out.printf(
                "at once    A set a stock to %,d and has committed; B reads %,d, with %s queries to the database%n",
                quantity, Integer.parseInt(seen[0]), seen[1]);
        return Integer.parseInt(seen[0]) == quantity;
    }
}
