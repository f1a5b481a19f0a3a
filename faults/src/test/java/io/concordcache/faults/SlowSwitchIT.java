package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.cluster.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, {@code ip} and {@code python3}. */
class SlowSwitchIT {
    private static final int LEAST_MILLIS = 150;

    /** Milliseconds until a host without a listener has refused a connection. */
    private static final String REFUSAL = """
            import socket, sys, time
            begin = time.monotonic()
            try:
                socket.create_connection((sys.argv[1], 9), 30)
            except ConnectionRefusedError:
                print(int((time.monotonic() - begin) * 1000))
            """;

    @TempDir
    private Path directory;

    private static long roundTrip(Network network) {
        List<String> command = new ArrayList<>(network.in(1));
        command.addAll(List.of("python3", "-c", REFUSAL, network.member(2).host()));
        return Long.parseLong(Commands.run(command).strip());
    }

    @Test
    @Timeout(300)
    void packetsAreLateEachWayUntilItEnds() throws Exception {
        try (Network network = new Network(2)) {
            long before = roundTrip(network);
            SlowSwitch slow = new SlowSwitch(
                    network,
                    List.of(1, 2),
                    List.of(
                            new SlowSwitch.Link(1, 2, LEAST_MILLIS, LEAST_MILLIS + 10, 0, true),
                            new SlowSwitch.Link(2, 1, LEAST_MILLIS, LEAST_MILLIS + 10, 100, true)),
                    1,
                    directory);
            long during = roundTrip(network);
            String did = slow.end();
            long after = IntStream.range(0, 5)
                    .mapToLong(i -> roundTrip(network))
                    .min()
                    .orElseThrow();
            assertThat(during).isGreaterThanOrEqualTo(2 * LEAST_MILLIS);
            assertThat(after).as("as before, " + before).isLessThan(2 * LEAST_MILLIS);
            assertThat(did).doesNotStartWith("0 late").contains("late, ").doesNotContain(" 0 twice");
        }
    }
}
