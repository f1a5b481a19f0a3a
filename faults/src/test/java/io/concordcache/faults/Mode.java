package io.concordcache.faults;

import java.util.Arrays;
import java.util.List;

/** How much is run. */
enum Mode {
    /** A few minutes: every kind of fault some times. */
    QUICK(480, 40, 300_000, 2_500, 6_000),
    /** Some hours, in parts with clusters of their own. */
    NIGHTLY(900, 500, 3_000_000, 6_000, 90_000),
    /** One cluster for long, whose processes go on: what grows is seen. */
    SOAK(86_400, 1, 1, 4_000, 20_000);

    private final long seconds;
    private final int faults;
    private final long operations;
    private final long longestMillis;
    private final long longestStopMillis;

    Mode(long seconds, int faults, long operations, long longestMillis, long longestStopMillis) {
        this.seconds = seconds;
        this.faults = faults;
        this.operations = operations;
        this.longestMillis = longestMillis;
        this.longestStopMillis = longestStopMillis;
    }

    /** Of one part. */
    Run.Amount part() {
        return this == QUICK ? enough() : Run.Amount.ofSeconds(seconds);
    }

    /** Less is no good run. */
    Run.Amount enough() {
        return new Run.Amount(seconds, faults, operations);
    }

    long longestMillis() {
        return longestMillis;
    }

    long longestStopMillis() {
        return longestStopMillis;
    }

    List<Fault.Kind> kinds() {
        return Arrays.stream(Fault.Kind.values())
                .filter(kind -> this != SOAK || !kind.endsProcesses())
                .toList();
    }
}
