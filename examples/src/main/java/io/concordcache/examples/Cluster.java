package io.concordcache.examples;

import io.concordcache.raft.store.ClusterAdmin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import org.jspecify.annotations.Nullable;

/** Three members as processes: writes on one, reads on another, the end of the leader, and its return. */
public final class Cluster {
    private static final List<String> IDS = List.of("m1", "m2", "m3");

    private Cluster() {}

    /** Without arguments the show; with {@code member URI} one of its processes. */
    public static void main(String[] args) throws Exception {
        if (args.length == 2 && args[0].equals("member")) {
            member(args[1]);
        } else if (args.length == 0) {
            show(System.out);
        } else {
            System.err.println("Usage: examples/run cluster");
            System.exit(2);
        }
    }

    // A member: does what it reads, a line for each command

    private static void member(String uri) throws IOException {
        // tag::member[]
        CacheManager manager = Caching.getCachingProvider().getCacheManager(URI.create(uri), null);
        Cache<String, String> cache = manager.createCache(
                "greetings", new MutableConfiguration<String, String>().setTypes(String.class, String.class));
        // end::member[]
        System.out.println("up");
        try (BufferedReader in = new BufferedReader(new java.io.InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", 3);
                try {
                    System.out.println(answer(manager, cache, words));
                } catch (CacheException e) {
                    System.out.println("failed: " + e.getMessage());
                }
            }
        }
        manager.close();
    }

    private static String answer(CacheManager manager, Cache<String, String> cache, String[] words) {
        switch (words[0]) {
            case "put" -> {
                cache.put(words[1], words[2]);
                return "ok";
            }
            case "get" -> {
                return String.valueOf(cache.get(words[1]));
            }
            default -> {
                return String.valueOf(
                        manager.unwrap(ClusterAdmin.class).status().leader());
            }
        }
    }

    // The show

    static void show(PrintStream out) throws IOException, InterruptedException {
        Path parent = Files.createTempDirectory("concord-example-");
        Map<String, Child> nodes = new TreeMap<>();
        try {
            List<String> members = members(IDS);
            out.println("starting three members, each a process: " + String.join(", ", members));
            long started = System.nanoTime();
            for (String id : IDS) {
                nodes.put(id, new Child(Cluster.class, "member", uri(members, id, parent)));
            }
            for (Child node : nodes.values()) {
                expect("up", node.read());
            }
            out.println("  all serve after " + since(started));

            write(out, nodes, "m1", "hello from m1");
            read(out, nodes, "m2");
            write(out, nodes, "m3", "hello from m3");
            read(out, nodes, "m1");

            String leader = node(nodes, "m1").ask("leader");
            String survivor = leader.equals("m1") ? "m2" : "m1";
            out.println("killing the leader, " + leader + ", with kill -9");
            node(nodes, leader).kill();
            long killed = System.nanoTime();
            expect("ok", node(nodes, survivor).ask("put greeting still here"));
            out.println("  " + survivor + " has written again after " + since(killed));
            for (String id : IDS) {
                if (!id.equals(leader)) {
                    read(out, nodes, id);
                }
            }
            out.println("  the leader is " + node(nodes, survivor).ask("leader") + " now");

            out.println("starting " + leader + " again");
            long restarted = System.nanoTime();
            nodes.put(leader, new Child(Cluster.class, "member", uri(members, leader, parent)));
            expect("up", node(nodes, leader).read());
            out.println("  it serves after " + since(restarted) + ", caught up from its directory and the others:");
            read(out, nodes, leader);
        } finally {
            for (Child node : nodes.values()) {
                node.kill();
            }
            deleteTree(parent);
        }
    }

    /** The URI of one of the members; its directory lies in the parent. */
    public static String uri(List<String> members, String id, Path parent) {
        return "concord:local?members=" + String.join(",", members) + "&member=" + id + "&durability=disk&directory="
                + parent.resolve(id);
    }

    private static void write(PrintStream out, Map<String, Child> nodes, String id, String text) {
        expect("ok", node(nodes, id).ask("put greeting " + text));
        out.println("  " + id + " writes  greeting = " + text);
    }

    private static void read(PrintStream out, Map<String, Child> nodes, String id) {
        out.println("  " + id + " reads   greeting = " + node(nodes, id).ask("get greeting"));
    }

    private static Child node(Map<String, Child> nodes, String id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    private static void expect(String wanted, @Nullable String said) {
        if (!wanted.equals(said)) {
            throw new IllegalStateException("a member answered: " + said);
        }
    }

    private static String since(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos) + " ms";
    }

    /** Members of these ids on free ports of this machine. */
    public static List<String> members(List<String> ids) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<String> members = new ArrayList<>();
        for (String id : ids) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            members.add(id + "=127.0.0.1:" + socket.getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return members;
    }

    /** Removes a directory with all that is in it. */
    public static void deleteTree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
