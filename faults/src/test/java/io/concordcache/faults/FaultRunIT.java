package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short run of real processes under every kind of fault; {@code faults/run} does the long ones. */
class FaultRunIT {
    private static final int RATE = 2_400;
    /** On the slowest machine that this is to pass on. */
    private static final long LONGEST_SECONDS = 1_500;

    @Test
    @Timeout(2_400)
    void whateverHappensToMembersNothingWrongIsRead() throws Exception {
        long seed = Long.getLong("faults.seed", System.nanoTime() & 0xffffff);
        Long seconds = Long.getLong("faults.seconds");
        Run.Amount enough = Mode.QUICK.enough();
        Run.Amount amount = seconds == null
                ? new Run.Amount(LONGEST_SECONDS, enough.faults(), enough.operations())
                : Run.Amount.ofSeconds(seconds);
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
        if (seconds == null) {
            assertThat(report.faults()).hasSizeGreaterThanOrEqualTo(enough.faults());
            assertThat(report.operations().all()).isGreaterThanOrEqualTo(enough.operations());
        }
    }
}
