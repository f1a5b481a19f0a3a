package io.concordcache.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The command {@code faults/run}. */
final class Main {
    private static final String USAGE = """
            Usage: faults/run [--quick | --nightly | --soak | --merge] [OPTIONS]

              --quick          40 faults and 300,000 operations, 8 minutes at most (the default)
              --nightly        parts of 15 minutes until 500 faults and 3,000,000 operations are reached
              --soak           one cluster, a day or --seconds; says what grows
              --merge          reports of parts that were run before, in the directories that are named, as one

              --seed N         repeats the faults and the operations asked for of a run; else it is drawn
              --members 3|5    how many members (3); two clients and two applications with Hibernate
              --seconds N      for how long there are faults, in a part
              --rate N         operations per second asked for, of all callers together (2400)
              --kinds A,B      only these faults
              --canary NAME    without a guard: plain-reads, no-dedup, skip-invalidation or no-lease-wait; good if found
              --output DIR     where reports, timelines and what is needed to find a fault go (faults/target/faults/MODE)

            Needs root, and the commands ip, tc, iptables, mount, python3 and gcc. Ends with 0 if all is well, 1 if anything was
            wrong or too little happened, 2 if it could not run.
            """;

    private static final int CLIENTS = 2;
    private static final int APPLICATIONS = 2;
    private static final int MOST_PARTS = 24;
    private static final int RATE = 2_400;
    private static final long CANARY_SECONDS = 240;

    private Mode mode = Mode.QUICK;
    private boolean merges;
    private @Nullable Long seed;
    private int members = 3;
    private @Nullable Long seconds;
    private int rate = RATE;
    private @Nullable List<Fault.Kind> kinds;
    private Canary canary = Canary.NONE;
    private @Nullable Path output;
    private final List<Path> others = new ArrayList<>();

    private Main() {}

    public static void main(String[] args) throws IOException {
        int code;
        try {
            code = new Main().run(args);
        } catch (IllegalArgumentException e) {
            System.err.println("faults/run: " + e.getMessage() + "; see faults/run --help");
            code = 2;
        } catch (Commands.MissingException e) {
            System.err.println("faults/run: " + e.getMessage());
            code = 2;
        }
        System.exit(code);
    }

    private int run(String[] args) throws IOException {
        if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
            System.out.print(USAGE);
            return 0;
        }
        parse(args);
        if (merges) {
            return merge();
        }
        return canary == Canary.NONE ? parts() : canary();
    }

    private void parse(String[] args) {
        Deque<String> words = new ArrayDeque<>(List.of(args));
        while (!words.isEmpty()) {
            String word = words.remove();
            switch (word) {
                case "--quick", "--nightly", "--soak" ->
                    mode = Mode.valueOf(word.substring(2).toUpperCase(Locale.ROOT));
                case "--merge" -> merges = true;
                case "--seed" -> seed = number(word, words);
                case "--seconds" -> seconds = number(word, words);
                case "--rate" -> rate = (int) number(word, words);
                case "--members" -> members = (int) number(word, words);
                case "--kinds" ->
                    kinds = Arrays.stream(value(word, words).split(","))
                            .map(Fault.Kind::parse)
                            .toList();
                case "--canary" -> canary = Canary.parse(value(word, words));
                case "--output" -> output = Path.of(value(word, words));
                default -> {
                    if (word.startsWith("-") || !merges) {
                        throw new IllegalArgumentException("what is " + word + "?");
                    }
                    others.add(Path.of(word));
                }
            }
        }
        if (members != 3 && members != 5) {
            throw new IllegalArgumentException("--members is 3 or 5, not " + members);
        }
        if (rate < 1 || (seconds != null && seconds < 1)) {
            throw new IllegalArgumentException("--rate and --seconds must be positive");
        }
        if (merges == others.isEmpty()) {
            throw new IllegalArgumentException("--merge takes the directories of two or more parts");
        }
    }

    private static String value(String option, Deque<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return words.remove();
    }

    private static long number(String option, Deque<String> words) {
        String value = value(option, words);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(option + " needs a number, not " + value);
        }
    }

    private Path output() {
        Path root = Path.of(System.getProperty("faults.output", "target/faults"));
        return output != null ? output : root.resolve(Text.lower(canary == Canary.NONE ? mode : canary));
    }

    private Run.Settings settings(long ofSeed, Run.Amount amount, List<Fault.Kind> of, Path to) {
        StringBuilder repeat = new StringBuilder("faults/run --").append(Text.lower(mode));
        if (canary != Canary.NONE) {
            repeat.append(" --canary ").append(Text.lower(canary));
        }
        if (members != 3) {
            repeat.append(" --members ").append(members);
        }
        if (rate != RATE) {
            repeat.append(" --rate ").append(rate);
        }
        if (kinds != null) {
            repeat.append(" --kinds ")
                    .append(String.join(
                            ",", kinds.stream().map(Fault.Kind::text).toList()));
        }
        if (mode == Mode.NIGHTLY || seconds != null) {
            repeat.append(" --seconds ").append(amount.seconds()); // one part
        }
        return new Run.Settings(
                ofSeed,
                members,
                CLIENTS,
                amount,
                rate,
                of,
                mode.longestMillis(),
                mode.longestStopMillis(),
                canary,
                mode == Mode.SOAK,
                mode == Mode.SOAK || canary != Canary.NONE ? 0 : APPLICATIONS,
                to,
                repeat.toString());
    }

    private long firstSeed() {
        return seed == null ? System.nanoTime() & 0xffffff : seed;
    }

    private int parts() throws IOException {
        Run.Amount amount = seconds == null ? mode.part() : Run.Amount.ofSeconds(seconds);
        List<Fault.Kind> of = kinds == null ? mode.kinds() : kinds;
        Report all = null;
        for (int part = 0; part < MOST_PARTS; part++) {
            Path to = mode == Mode.NIGHTLY ? output().resolve("part-" + (part + 1)) : output();
            Report report = Run.of(settings(firstSeed(part), amount, of, to), System.out);
            all = all == null ? report : all.and(report);
            // A repetition, or a run of another length, is as long as it was asked to be.
            if (mode != Mode.NIGHTLY || !report.isGood() || seconds != null || isEnough(all)) {
                break;
            }
        }
        write(all);
        return ended(all);
    }

    private long drawn = -1;

    private long firstSeed(int part) {
        if (drawn < 0) {
            drawn = firstSeed();
        }
        return drawn + part;
    }

    private boolean isEnough(Report report) {
        return mode.enough()
                .isReached(report.faults().size(), report.operations().all());
    }

    private void write(Report report) throws IOException {
        Files.createDirectories(output());
        Files.writeString(output().resolve("report.json"), report.json());
        Files.writeString(output().resolve("report.md"), report.markdown());
    }

    private int ended(Report report) {
        if (!report.growth().isEmpty()) {
            report.growth()
                    .forEach(each -> System.out.printf(
                            Locale.ROOT,
                            "%-3s %-18s %,15.0f to %,15.0f, %+,15.0f an hour, %+,15.0f in the later half%n",
                            each.process(),
                            each.what(),
                            each.first(),
                            each.last(),
                            each.perHour(),
                            each.laterPerHour()));
        }
        if (!report.isGood()) {
            System.out.println(
                    "NOT WELL: " + report.summary() + "; evidence in " + output() + "; again with " + report.repeat());
            return 1;
        }
        if (seconds == null && kinds == null && !isEnough(report)) {
            System.out.println("TOO LITTLE: " + report.summary() + "; at least "
                    + mode.enough().faults() + " faults and "
                    + Text.count(mode.enough().operations()) + " operations are asked for; again with "
                    + report.repeat());
            return 1;
        }
        System.out.println("all is well: " + report.summary() + "; " + output().resolve("report.md"));
        return 0;
    }

    private int merge() throws IOException {
        Report all = null;
        for (Path each : others) {
            Path file = each.resolve("report.json");
            if (!Files.exists(file)) {
                throw new IllegalArgumentException("there is no report in " + each);
            }
            Report report = Report.parse(Files.readString(file));
            all = all == null ? report : all.and(report);
        }
        write(all);
        return ended(all);
    }

    private int canary() throws IOException {
        Run.Amount amount = Run.Amount.ofSeconds(seconds == null ? CANARY_SECONDS : seconds);
        List<Fault.Kind> of = kinds == null ? canary.faults() : kinds;
        Report report = Run.of(settings(firstSeed(), amount, of, output()), System.out);
        boolean found = report.anomalies().stream().anyMatch(each -> each.kind().equals("violation"));
        System.out.println((found ? "found: " : "NOT FOUND: ") + Text.lower(canary) + ", " + report.summary()
                + "; again with " + report.repeat());
        return found ? 0 : 1;
    }
}
