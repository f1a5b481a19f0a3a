package io.concordcache.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the driver. */
@Command(
        name = "benchmarks/run",
        description = {
            "Measures Concord and others side by side: members as processes on this machine, the same work, in turn, round"
                    + " after round. Writes results.json, results.md and results.html."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true,
        version = "Concord benchmarks 0.2.0",
        footerHeading = "%nExamples:%n",
        footer = {
            "  benchmarks/run --quick",
            "  benchmarks/run --full --out /tmp/full",
            "  benchmarks/run --systems concord,hazelcast --members 3 --rounds 5",
            "  benchmarks/run --jmh -h        get and put in one JVM, by JMH and its options",
            "",
            "Exit codes: 0 all was measured, 1 something failed, 2 wrong usage."
        })
final class Main implements Callable<Integer> {
    private static final List<Candidate> QUICK = List.of(
            Candidate.CONCORD,
            Candidate.HAZELCAST,
            Candidate.INFINISPAN,
            Candidate.CAFFEINE_REFERENCE,
            Candidate.CAFFEINE);
    private static final List<Integer> SIZES = List.of(1, 3, 5, 7);

    @Option(names = "--quick", description = "what the targets need, in less than ten minutes; the default")
    private boolean quick;

    @Option(
            names = "--full",
            description = "all systems, 1 to 7 members, throughput against threads and value size, 10 million entries")
    private boolean full;

    @Option(names = "--systems", split = ",", paramLabel = "NAME", description = "which of ${COMPLETION-CANDIDATES}")
    private @Nullable List<Candidate> systems;

    @Option(names = "--members", split = ",", paramLabel = "N", description = "sizes of clusters: 1, 3, 5, 7")
    private @Nullable List<Integer> members;

    @Option(names = "--rounds", paramLabel = "N", description = "how often each measurement is made (3, full: 5)")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", paramLabel = "N", description = "how long each takes (1.5, full: 3)")
    private @Nullable Double seconds;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "benchmarks/target/results",
            description = "where the results go (${DEFAULT-VALUE})")
    private Path out = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    private final String command;

    private Main(String command) {
        this.command = command;
    }

    /** See {@code --help}. */
    public static void main(String[] args) {
        System.exit(run(new PrintWriter(System.err, true, StandardCharsets.UTF_8), args));
    }

    static int run(PrintWriter err, String... args) {
        String command = "benchmarks/run" + (args.length == 0 ? "" : " " + String.join(" ", args));
        return new CommandLine(new Main(command))
                .setErr(err)
                .setParameterExceptionHandler((failure, arguments) -> {
                    err.println("benchmarks/run: " + failure.getMessage() + " (see --help)");
                    return CommandLine.ExitCode.USAGE;
                })
                .execute(args);
    }

    private ParameterException bad(String message) {
        if (spec == null) {
            throw new IllegalStateException(message);
        }
        return new ParameterException(spec.commandLine(), message);
    }

    private Driver.Options options() {
        if (quick && full) {
            throw bad("--quick and --full exclude each other");
        }
        List<Candidate> candidates = systems == null
                ? full ? List.of(Candidate.values()) : QUICK
                : systems.stream().distinct().toList();
        List<Integer> sizes = members != null ? members : full ? SIZES : List.of(1, 3);
        if (!SIZES.containsAll(sizes)) {
            throw bad("--members takes 1, 3, 5 and 7, not " + sizes);
        }
        int times = rounds != null ? rounds : full ? 5 : 3;
        double length = seconds != null ? seconds : full ? 3 : 1.5;
        if (times < 1 || times > 100) {
            throw bad("--rounds takes a number from 1 to 100, not " + times);
        }
        if (!(length >= 0.1 && length <= 600)) {
            throw bad("--seconds takes a number from 0.1 to 600, not " + length);
        }
        List<Long> entries = full ? List.of(1_000_000L, 10_000_000L) : List.of(1_000_000L);
        return new Driver.Options(
                candidates, sizes.stream().distinct().sorted().toList(), times, length, entries, full);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Driver.Options options = options();
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw bad("cannot write to " + out + ": " + e.getMessage());
        }
        ClassPaths classPaths = new ClassPaths(Path.of(System.getProperty("benchmarks.peers", "peers")));
        Consumer<String> progress = System.err::println;
        Results results;
        try (Driver driver = new Driver(options, classPaths, progress)) {
            results = driver.run(setup(options));
        }
        String markdown = Report.markdown(results);
        Files.writeString(out.resolve("results.json"), results.toJson());
        Files.writeString(out.resolve("results.md"), markdown);
        Files.writeString(out.resolve("results.html"), Report.html(results));
        System.out.println(markdown);
        System.err.println("written to " + out.toAbsolutePath().normalize());
        return results.systems().stream().allMatch(Main::isFine) ? 0 : 1;
    }

    /** A system that cannot be there is no failure. */
    private static boolean isFine(Results.Measured system) {
        return system.notRun() == null
                || system.candidate()
                        .program()
                        .filter(program -> !Machine.has(program))
                        .isPresent();
    }

    private Results.Setup setup(Driver.Options options) {
        return new Results.Setup(
                LocalDate.now(java.time.ZoneId.systemDefault()).toString(),
                Machine.describe(),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
                command,
                options.rounds(),
                options.seconds(),
                options.warmUp());
    }
}
