package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short run of real processes under every kind of fault; {@code faults/run} does the long ones. */
class FaultRunIT {
    private static final int RATE = 2_400;
    private static final long SECONDS = Long.getLong("faults.seconds", 120);
    /** On the slowest machine that this is to pass on. */
    private static final long SECONDS_PER_FAULT = 60;

    @Test
    @Timeout(2_400)
    void whateverHappensToMembersNothingWrongIsRead() throws Exception {
        long seed = Long.getLong("faults.seed", System.nanoTime() & 0xffffff);
        Report report = Run.of(
                new Run.Settings(
                        seed,
                        3,
                        2,
                        Run.Amount.ofSeconds(SECONDS),
                        RATE,
                        Mode.QUICK.kinds(),
                        Mode.QUICK.longestMillis(),
                        Mode.QUICK.longestStopMillis(),
                        Canary.NONE,
                        false,
                        2,
                        Path.of("target", "faults", "it").toAbsolutePath(),
                        "mvn -pl faults verify -Dfaults.seconds=" + SECONDS + " -Dfaults.seed=" + seed + "; faults/run"
                                + " --quick --seconds " + SECONDS),
                System.out);
        System.out.println(report.summary());
        assertThat(report.anomalies()).as(report.repeat()).isEmpty();
        assertThat(report.faults()).hasSizeGreaterThanOrEqualTo((int) (SECONDS / SECONDS_PER_FAULT));
    }
}
