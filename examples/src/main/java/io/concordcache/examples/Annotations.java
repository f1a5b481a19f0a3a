package io.concordcache.examples;

import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The annotations of JSR-107 in two processes with CDI: what A computes, B hits. A holds the cache, as a cluster of one
 * member; B is its client. With three members instead, each with the same application, it is the same code.
 */
public final class Annotations {
    private Annotations() {}

    /** Without arguments the show; with {@code node URI} one of its processes. */
    public static void main(String[] args) throws Exception {
        if (args.length == 2 && args[0].equals("node")) {
            System.setProperty(QuoteCaches.URI_PROPERTY, args[1]);
            node();
        } else if (args.length == 0) {
            show(System.out);
        } else {
            System.err.println("Usage: examples/run annotations");
            System.exit(2);
        }
    }

    // A node: does what it reads, a line for each command

    private static void node() throws IOException {
        try (SeContainer container = SeContainerInitializer.newInstance().initialize()) {
            Quotes quotes = container.select(Quotes.class).get();
            quotes.forgetAll();
            System.out.println("up");
            try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    System.out.println(answer(quotes, line.split(" ", 3)));
                }
            }
        }
    }

    private static String answer(Quotes quotes, String[] words) {
        int before = quotes.calls();
        long start = System.nanoTime();
        String answer;
        try {
            answer = switch (words[0]) {
                case "quote" -> String.valueOf(quotes.quote(words[1]).price());
                case "once" -> String.valueOf(quotes.quoteOnce(words[1]).price());
                case "set" -> {
                    quotes.set(words[1], new Quotes.Quote(words[1], new BigDecimal(words[2])));
                    yield "done";
                }
                case "forget" -> {
                    quotes.forget(words[1]);
                    yield "done";
                }
                default -> "no such command";
            };
        } catch (Quotes.NotSoldException e) {
            answer = e.getMessage();
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        return answer + (quotes.calls() > before ? ", computed in " : ", not computed, in ") + millis + " ms";
    }

    // The show

    static void show(PrintStream out) throws IOException, InterruptedException {
        String member = Cluster.members(List.of("a")).get(0);
        out.println("starting two nodes, each a process with CDI: A holds the cache, B is its client");
        Child a = new Child(Annotations.class, "node", "concord:local?members=" + member + "&member=a");
        try {
            expectUp(a);
            Child b = new Child(Annotations.class, "node", "concord://" + member.substring(member.indexOf('=') + 1));
            try {
                expectUp(b);
                show(out, a, b);
            } finally {
                b.kill();
            }
        } finally {
            a.kill();
        }
    }

    private static void show(PrintStream out, Child a, Child b) {
        out.println("@CacheResult");
        say(out, "A", a, "quote tea");
        say(out, "A", a, "quote tea");
        say(out, "B", b, "quote tea");
        out.println("@CachePut");
        say(out, "B", b, "set tea 2.95");
        say(out, "A", a, "quote tea");
        out.println("@CacheRemove");
        say(out, "A", a, "forget tea");
        say(out, "B", b, "quote tea");
        out.println("a cache for exceptions");
        say(out, "A", a, "quote gold");
        say(out, "B", b, "quote gold");
        out.println("@ComputeOnce, by a lock of the key in the cluster");
        say(out, "B", b, "once milk");
        say(out, "A", a, "once milk");
    }

    private static void say(PrintStream out, String name, Child node, String command) {
        out.printf("  %s: %-14s %s%n", name, command, node.ask(command));
    }

    private static void expectUp(Child node) {
        String said = node.read();
        if (!said.equals("up")) {
            throw new IllegalStateException("a node answered: " + said);
        }
    }
}
