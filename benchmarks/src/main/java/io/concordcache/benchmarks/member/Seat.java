package io.concordcache.benchmarks.member;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The place of a member in its cluster.
 *
 * @param number of this member, from 0
 * @param ports one of each member, free on the loopback address
 * @param morePorts one more of each member
 * @param directory of this member alone, exists and is empty
 */
public record Seat(int number, List<Integer> ports, List<Integer> morePorts, Path directory) {
    public static final String HOST = "127.0.0.1";

    public Seat {
        ports = List.copyOf(ports);
        morePorts = List.copyOf(morePorts);
    }

    public int members() {
        return ports.size();
    }

    public int port() {
        return ports.get(number);
    }

    /** As arguments of {@link MemberMain}. */
    public List<String> toArguments() {
        return List.of(String.valueOf(number), joined(ports), joined(morePorts), directory.toString());
    }

    static Seat of(List<String> arguments) {
        return new Seat(
                Integer.parseInt(arguments.get(0)),
                numbers(arguments.get(1)),
                numbers(arguments.get(2)),
                Path.of(arguments.get(3)));
    }

    private static String joined(List<Integer> ports) {
        return ports.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static List<Integer> numbers(String joined) {
        return Arrays.stream(joined.split(",")).map(Integer::valueOf).toList();
    }
}
