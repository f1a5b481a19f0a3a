package io.concordcache.faults;

import io.concordcache.raft.cluster.Network;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for the bridge that joins the hosts, until it ends: packets are late, overtake each other, or come twice. A
 * process, since not each kernel can do that ({@code netem}); without it packets go their old way, as fast as ever.
 */
final class SlowSwitch {
    private static final long PATIENCE_SECONDS = 60;

    /**
     * How packets go from one host to another.
     *
     * @param least milliseconds that they take, drawn for each, and {@code most}
     * @param twicePercent how many come two times
     * @param inOrder whether none overtakes another
     */
    record Link(int from, int to, int least, int most, double twicePercent, boolean inOrder) {
        private String word() {
            return String.join(
                    ",",
                    port(from),
                    port(to),
                    String.valueOf(least),
                    String.valueOf(most),
                    String.valueOf(twicePercent),
                    inOrder ? "kept" : "any");
        }
    }

    private final Network network;
    private final List<Integer> hosts;
    private final Process process;
    private final BufferedReader said;

    /** Takes over from the bridge for these hosts, with its program in a directory; links that are not named are fast. */
    SlowSwitch(Network network, List<Integer> hosts, List<Link> links, long seed, Path directory) throws IOException {
        this.network = network;
        this.hosts = List.copyOf(hosts);
        Path program = FailingDisk.resource("links.py", directory);
        List<String> command = new ArrayList<>(network.inTheMiddle());
        command.addAll(List.of("python3", program.toString(), String.valueOf(seed)));
        command.add(hosts.stream().map(SlowSwitch::port).collect(Collectors.joining(",")));
        links.forEach(link -> command.add(link.word()));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        said = process.inputReader(StandardCharsets.UTF_8);
        if (!"up".equals(line())) {
            throw new IllegalStateException("the switch does not start: " + String.join(" ", command));
        }
        hosts.forEach(host -> network.passOn(host, false));
    }

    private static String port(int host) {
        return "m" + host;
    }

    private @Nullable String line() {
        return CompletableFuture.supplyAsync(() -> said.lines().findFirst().orElse(null))
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** The bridge has it again; says what happened to packets, when all have left. */
    String end() throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException("the switch ended by itself");
        }
        hosts.forEach(host -> network.passOn(host, true));
        process.getOutputStream().close();
        String counts = line();
        process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        if (counts == null || process.exitValue() != 0) {
            throw new IllegalStateException("the switch failed with " + process.exitValue());
        }
        return counts;
    }
}
