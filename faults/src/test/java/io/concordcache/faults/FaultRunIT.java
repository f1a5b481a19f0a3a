package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code faults/run --quick} does, beside whatever else is built; {@code faults/run} does the long ones. */
class FaultRunIT {
    private static final int RATE = 2_400;
    /** More than the command has: other modules are tested at the same time. */
    private static final long MOST_SECONDS = 1_500;

    private static final @Nullable Long SECONDS = Long.getLong("faults.seconds");

    @Test
    @Timeout(2_400)
    void whateverHappensToMembersNothingWrongIsRead() throws Exception {
        long seed = Long.getLong("faults.seed", System.nanoTime() & 0xffffff);
        Run.Amount quick = Mode.QUICK.enough();
        Run.Amount amount = SECONDS == null
                ? new Run.Amount(MOST_SECONDS, quick.faults(), quick.operations())
                : Run.Amount.ofSeconds(SECONDS);
        Report report = Run.of(
                new Run.Settings(
                        seed,
                        3,
                        2,
                        amount,
                        RATE,
                        Mode.QUICK.kinds(),
                        Mode.QUICK.longestMillis(),
                        Mode.QUICK.longestStopMillis(),
                        Canary.NONE,
                        false,
                        2,
                        Path.of("target", "faults", "it").toAbsolutePath(),
                        "mvn -pl faults verify -Dfaults.seed=" + seed + "; faults/run --quick"),
                System.out);
        System.out.println(report.summary());
        assertThat(report.anomalies()).as(report.repeat()).isEmpty();
        assertThat(report.faults()).hasSizeGreaterThanOrEqualTo(SECONDS == null ? quick.faults() : 1);
        if (SECONDS == null) {
            assertThat(report.operations().all()).isGreaterThanOrEqualTo(quick.operations());
        }
    }
}
