package io.concordcache.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Every example runs and says what it should. */
class ExamplesTest {
    @TempDir
    Path temporary;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int replay(String... arguments) {
        return Replay.run(new PrintStream(printed, true, StandardCharsets.UTF_8), arguments);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** 1,000 requests over 10 keys. */
    private Path trace(boolean compressed) throws IOException {
        ByteBuffer keys = ByteBuffer.allocate(4000);
        for (int i = 0; i < 1000; i++) {
            keys.putInt((i * i) % 10 << 20);
        }
        Path file = temporary.resolve(compressed ? "some.trace.xz" : "some.trace");
        if (compressed) {
            try (XZOutputStream out = new XZOutputStream(Files.newOutputStream(file), new LZMA2Options())) {
                out.write(keys.array());
            }
        } else {
            Files.write(file, keys.array());
        }
        return file;
    }

    @Test
    void quickstart() throws InterruptedException {
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Quickstart.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        assertThat(printed().lines())
                .containsExactly(
                        "  event: created anna",
                        "anna has 1 visit",
                        "anna has 2 visits",
                        "putIfAbsent: false, replace 2 by 3: true",
                        "  event: expired anna",
                        "anna after half a second: null",
                        printed().lines().reduce((first, last) -> last).orElseThrow());
        assertThat(printed()).contains("statistics: 3 puts");
    }

    @Test
    void replayCountsExactly() throws IOException {
        assertThat(replay("--trace", trace(true).toString())).isZero();
        // squares end in 0, 1, 4, 5, 6 and 9
        assertThat(printed())
                .contains("1,000 requests")
                .contains("hits       994, hit ratio 99.40 %")
                .contains("loads      6")
                .contains("exact ");
    }

    @Test
    void replayWithSeveralThreadsCountsExactly() throws IOException {
        assertThat(replay("--trace", trace(false).toString(), "--threads", "4")).isZero();
        assertThat(printed()).contains("loads      6").contains("exact ");
    }

    @Test
    void replayOfFewerRequests() throws IOException {
        assertThat(replay("--trace", trace(true).toString(), "--requests", "3")).isZero();
        assertThat(printed()).contains("3 requests").contains("loads      3");
    }

    @Test
    void replayGeneratesAWorkloadAndSaysSo() {
        assertThat(replay("--requests", "20000", "--max-entries", "100")).isZero();
        assertThat(printed()).contains("generated, Zipf").contains("hit ratio").doesNotContain("exact ");
    }

    @Test
    void replayRefusesBadArguments() throws IOException {
        Path broken = temporary.resolve("broken.xz");
        Files.writeString(broken, "not compressed at all");
        Path odd = temporary.resolve("odd.trace");
        Files.write(odd, new byte[7]);
        assertThat(replay("--trace", temporary.resolve("missing").toString())).isEqualTo(2);
        assertThat(replay("--trace", broken.toString())).isEqualTo(2);
        assertThat(replay("--trace", odd.toString())).isEqualTo(2);
        assertThat(replay("--requests", "0")).isEqualTo(2);
        assertThat(replay("--threads", "-1")).isEqualTo(2);
        assertThat(replay("--max-entries", "many")).isEqualTo(2);
        assertThat(replay("--no-such-option")).isEqualTo(2);
    }

    @Test
    void threeMembersGoOnWithoutTheirLeader() throws Exception {
        Cluster.show(new PrintStream(printed, true, StandardCharsets.UTF_8));
        assertThat(printed())
                .contains("m2 reads   greeting = hello from m1", "m1 reads   greeting = hello from m3", "kill -9")
                .containsSubsequence("starting", "caught up", "reads   greeting = still here");
    }
}
