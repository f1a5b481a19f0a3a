package io.concordcache.raft.cluster;

import io.concordcache.raft.store.Member;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A network of its own for members: a namespace for each, joined by a bridge in one more, so that links can be cut. Needs
 * root and {@code ip}; what a killed run left is removed by the next.
 */
public final class Network implements AutoCloseable {
    private static final String PREFIX = "concord-test-";
    private static final int PORT = 7800;
    private static final String NOBODY = "02:00:00:00:00:01";

    private final String name = PREFIX + ProcessHandle.current().pid() + "-";
    private final List<String> hosts = new ArrayList<>();

    /** Makes the network with hosts m1, m2, …. */
    public Network(int count) {
        removeLeftovers();
        namespace("bridge");
        ip("-n", name + "bridge", "link", "add", "br0", "type", "bridge");
        ip("-n", name + "bridge", "link", "set", "br0", "up");
        for (int i = 1; i <= count; i++) {
            String host = "m" + i;
            namespace(host);
            hosts.add(host);
            ip(
                    "-n",
                    name + host,
                    "link",
                    "add",
                    "eth0",
                    "type",
                    "veth",
                    "peer",
                    "name",
                    host,
                    "netns",
                    name + "bridge");
            ip("-n", name + "bridge", "link", "set", host, "master", "br0", "up");
            ip("-n", name + host, "addr", "add", address(i) + "/24", "dev", "eth0");
            ip("-n", name + host, "link", "set", "eth0", "up");
            ip("-n", name + host, "link", "set", "lo", "up");
        }
    }

    private void namespace(String host) {
        ip("netns", "add", name + host);
    }

    private static String address(int number) {
        return "10.77.0." + number;
    }

    public Member member(int number) {
        return new Member("m" + number, address(number), PORT);
    }

    /** What a command must begin with to run on a host. */
    List<String> in(String host) {
        return List.of("ip", "netns", "exec", name + host);
    }

    public List<String> in(int number) {
        return in("m" + number);
    }

    /** What a command must begin with to run where all links meet, each at an interface that is named m1, m2, …. */
    public List<String> inTheMiddle() {
        return in("bridge");
    }

    /** Whether what a host sends, and what is sent to it, is passed on; if not, somebody else may do it. */
    public void passOn(int host, boolean on) {
        List<String> arguments = new ArrayList<>(List.of("-n", name + "bridge", "link", "set", "m" + host));
        arguments.addAll(on ? List.of("master", "br0") : List.of("nomaster"));
        ip(arguments.toArray(new String[0]));
    }

    void cut(String host) {
        ip("-n", name + "bridge", "link", "set", host, "down");
    }

    void heal(String host) {
        ip("-n", name + "bridge", "link", "set", host, "up");
    }

    /** What one host sends to another is lost from now on: it goes to an address of the link that nobody has. */
    public void cut(int from, int to) {
        neighbour(from, "replace", address(to), "lladdr", NOBODY, "nud", "permanent");
    }

    /** Also if it is whole: two faults may have cut it, and the first to end healed it. */
    public void heal(int from, int to) {
        cut(from, to);
        neighbour(from, "del", address(to));
    }

    private void neighbour(int of, String what, String address, String... how) {
        List<String> arguments =
                new ArrayList<>(List.of("-n", name + "m" + of, "neighbour", what, address, "dev", "eth0"));
        arguments.addAll(List.of(how));
        ip(arguments.toArray(new String[0]));
    }

    private static void ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Processes.run(command.toArray(new String[0]));
    }

    private static void removeLeftovers() {
        try {
            Process list = new ProcessBuilder("ip", "netns", "list").start();
            for (String line : new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String namespace = line.split(" ")[0];
                if (namespace.startsWith(PREFIX)
                        && ProcessHandle.of(Long.parseLong(namespace.split("-")[2]))
                                .isEmpty()) {
                    ip("netns", "del", namespace);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "these tests cut networks, which needs root and the command ip (package iproute2)", e);
        }
    }

    @Override
    public void close() {
        hosts.forEach(host -> ip("netns", "del", Objects.requireNonNull(name) + host));
        ip("netns", "del", name + "bridge");
    }
}
