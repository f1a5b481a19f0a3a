package io.concordcache.faults;

import io.concordcache.faults.Report.Anomaly;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A cluster under load and faults from its start to its end, and what came of it. */
final class Run {
    private static final int WORKERS = 4;
    private static final long RECOVERY_SECONDS = Long.getLong("faults.patience", 30);
    private static final long EQUAL_SECONDS = 60;
    /** What is asked for is answered, or not, within the time of an operation. */
    private static final long ANSWERED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long SAMPLE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** What grows, as a process tells it; what is stored, in bytes. */
    private static final List<String> SAMPLES = List.of(
            "heap after GC",
            "resident",
            "direct buffers",
            "classes and code",
            "log and snapshots",
            "threads",
            "file handles");

    private static final int FINDINGS = 20;
    private static final long THREADS_SECONDS = 5;

    /**
     * How much to run: it ends when so many faults and operations are reached, or after the time.
     *
     * @param seconds at most
     */
    record Amount(long seconds, int faults, long operations) {
        static Amount ofSeconds(long seconds) {
            return new Amount(seconds, Integer.MAX_VALUE, 0);
        }

        boolean isReached(int injected, long done) {
            return injected >= faults && done >= operations;
        }
    }

    /**
     * What to run.
     *
     * @param rate operations per second asked for, of all callers together
     * @param longestMillis most that a fault lasts, and {@code longestStopMillis} that a stop does now and then
     * @param samples whether to look at what grows
     * @param applications how many have the cluster as Hibernate's second-level cache
     * @param repeat the command for it, without the seed
     */
    record Settings(
            long seed,
            int members,
            int clients,
            Amount amount,
            int rate,
            List<Fault.Kind> kinds,
            long longestMillis,
            long longestStopMillis,
            Canary canary,
            boolean samples,
            int applications,
            Path output,
            String repeat) {}

    private final Settings settings;
    private final PrintStream out;
    private final long base = System.nanoTime();
    private final Counts counts = new Counts(base);
    private final Growths growths = new Growths();
    private final List<Report.Injected> faults = new ArrayList<>();
    private final List<Timeline.Lead> leads = new CopyOnWriteArrayList<>();
    private final List<Anomaly> anomalies = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Nodes nodes;
    private final Judge judge;
    private final Applications applications;
    private long lastTerm = -1;
    private long sampled = base;
    private long destroyedEpoch = -1;
    private long destroyedGeneration = -1;
    private long events;
    private long gaps;
    private Report.Transactions transactions = Report.Transactions.NONE;

    private Run(Settings settings, PrintStream out) throws IOException {
        this.settings = settings;
        this.out = out;
        Nodes.delete(settings.output);
        Path work = Files.createDirectories(settings.output.resolve("work"));
        this.nodes = new Nodes(
                work,
                settings.output.resolve("logs"),
                settings.members,
                settings.clients,
                settings.applications == 0 ? 0 : settings.applications + 1,
                settings.seed,
                settings.canary,
                base);
        this.applications = new Applications(nodes, settings.seed, settings.output.resolve("logs"), work);
        this.judge = new Judge(nodes.journals(), settings.output.resolve("evidence"), base, counts);
    }

    /** Runs it, and writes {@code report.json}, {@code report.md} and {@code timeline.html} to its output. */
    static Report of(Settings settings, PrintStream out) throws IOException {
        Commands.check();
        Run run = new Run(settings, out);
        Thread end = new Thread(run::close, "end");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            run.run();
        } finally {
            run.keep();
            run.close();
            Runtime.getRuntime().removeShutdownHook(end);
        }
        return run.report();
    }

    private void close() {
        applications.close();
        nodes.close();
    }

    private long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos - base);
    }

    private void wrong(String kind, String where, String what) {
        anomalies.add(new Anomaly(settings.seed, kind, where, millis(System.nanoTime()), what));
        out.println("  " + kind + " " + where + ": " + what);
    }

    private void run() throws IOException {
        ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();
        try {
            start();
            var unused = looking.scheduleWithFixedDelay(this::lookWhoLeads, 0, 1, TimeUnit.SECONDS);
            inject();
            end();
        } catch (Injector.WrongException e) {
            wrong("wrong", "", e.getMessage());
            noteThreads();
        } finally {
            looking.shutdownNow();
            threads.shutdownNow();
            applications.close(); // what is judged now must not go on
            nodes.killAll();
            judge.judge(System.nanoTime() + 10 * Keys.GENERATION_NANOS);
            takeFindings();
            judgeApplications();
        }
    }

    private void judgeApplications() {
        List<String> stale = applications.stale();
        stale.stream().limit(FINDINGS).forEach(what -> {
            anomalies.add(new Anomaly(settings.seed, "violation", "hibernate", millis(System.nanoTime()), what));
            out.println("  violation hibernate: " + what);
        });
        transactions = applications.transactions(stale.size(), counts);
        if (settings.applications > 0
                && anomalies.isEmpty()
                && (transactions.reads() == 0 || transactions.committed() == 0)) {
            wrong("wrong", "hibernate", "the applications did nothing: " + transactions);
        }
    }

    private void start() throws IOException {
        CompletableFuture<Void> database = CompletableFuture.runAsync(applications::startDatabase, threads);
        startAll(nodes.members());
        database.join();
        applications.start();
        startAll(nodes.clients());
        applications.awaitUp();
        nodes.all().forEach(this::load);
        out.println(settings.members + " members and " + settings.clients + " clients run, and " + settings.applications
                + " applications with Hibernate, seed " + settings.seed);
    }

    private void load(String id) {
        long pause = TimeUnit.SECONDS.toNanos(1) * WORKERS * nodes.all().size() / settings.rate;
        nodes.ask(id, "load " + WORKERS + " " + pause);
    }

    /** Who does not answer may say in its log what it is doing. */
    private void noteThreads() {
        nodes.all().stream()
                .filter(nodes::isAlive)
                .map(id -> nodes.begin(id, "threads"))
                .toList()
                .forEach(answer -> answer.completeOnTimeout("late", THREADS_SECONDS, TimeUnit.SECONDS)
                        .join());
    }

    private void startAll(List<String> ids) {
        List<CompletableFuture<String>> ups = ids.stream().map(nodes::start).toList();
        for (int i = 0; i < ids.size(); i++) {
            String said = Injector.said(ups.get(i));
            if (!said.equals("up")) {
                throw new Injector.WrongException(ids.get(i) + " did not start: " + said);
            }
        }
    }

    private void lookWhoLeads() {
        Nodes.Leader leader = nodes.leader();
        if (leader != null && leader.term() > lastTerm) {
            lastTerm = leader.term();
            leads.add(new Timeline.Lead(millis(System.nanoTime()), leader.id()));
        }
    }

    private void inject() throws IOException {
        Injector injector = new Injector(nodes, judge::jump);
        Plan plan = new Plan(settings.seed, settings.kinds, settings.longestMillis, settings.longestStopMillis);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.amount.seconds);
        while (System.nanoTime() - end < 0
                && anomalies.isEmpty()
                && !settings.amount.isReached(faults.size(), counts.total().all())) {
            Fault fault = plan.next();
            Injector.pause(fault.restMillis());
            Set<String> loaded = new HashSet<>(nodes.sessions());
            long[] began = {System.nanoTime()};
            Injector.Injected injected;
            try {
                injected = injector.inject(fault, target -> began[0] = System.nanoTime());
            } catch (Injector.WrongException e) {
                throw new Injector.WrongException(fault + ": " + e.getMessage());
            }
            long recovered = awaitRecovery(fault);
            faults.add(new Report.Injected(
                    settings.seed,
                    fault.number(),
                    fault.kind().text(),
                    injected.target(),
                    millis(began[0]),
                    millis(injected.healedNanos()),
                    millis(recovered),
                    injected.note()));
            out.printf(
                    "%4d %-16s %-9s %6d ms, recovered in %5d ms  %s%n",
                    fault.number(),
                    fault.kind().text(),
                    injected.target(),
                    millis(injected.healedNanos()) - millis(began[0]),
                    millis(recovered) - millis(injected.healedNanos()),
                    injected.note());
            loadAgain(loaded);
            applications.requireAlive();
            judge.judge(began[0] - ANSWERED_NANOS);
            takeFindings();
            destroyOld();
            sample();
        }
    }

    /** Those that were started anew have no callers yet. */
    private void loadAgain(Set<String> loaded) {
        for (String id : nodes.all()) {
            if (!loaded.contains(nodes.session(id))) {
                growths.forget(id);
                load(id);
            }
        }
    }

    /** When the last process has answered a linearizable read. */
    private long awaitRecovery(Fault fault) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RECOVERY_SECONDS);
        List<CompletableFuture<String>> answers = nodes.all().stream()
                .map(id -> CompletableFuture.supplyAsync(() -> probe(id, deadline), threads))
                .toList();
        String late = answers.stream()
                .map(CompletableFuture::join)
                .filter(said -> !said.isEmpty())
                .collect(Collectors.joining("; "));
        if (!late.isEmpty()) {
            throw new Injector.WrongException("not recovered " + RECOVERY_SECONDS + " s after " + fault + ": " + late);
        }
        return System.nanoTime();
    }

    private String probe(String id, long deadline) {
        String said;
        do {
            said = nodes.isAlive(id) ? nodes.ask(id, "probe") : "ended";
            if (said.equals("ok")) {
                return "";
            }
        } while (System.nanoTime() - deadline < 0 && !said.equals("ended"));
        return id + ": " + said;
    }

    private void takeFindings() {
        judge.findings().stream()
                .skip(anomalies.stream()
                        .filter(each -> !each.kind().equals("wrong"))
                        .count())
                .limit(FINDINGS)
                .toList()
                .forEach(each -> {
                    anomalies.add(
                            new Anomaly(settings.seed, each.kind(), each.group(), millis(each.atNanos()), each.what()));
                    out.println("  " + each.kind() + " " + each.group() + ": " + each.what());
                });
    }

    /** Keys that nobody uses any more. */
    private void destroyOld() {
        long generation = Keys.generation(base, System.nanoTime()) - 2 * Keys.GENERATIONS_PER_EPOCH;
        for (long old = destroyedGeneration + 1; old < generation; old++) {
            destroy(Mix.Group.MANY.letter() + "-" + old);
            destroyedGeneration = old;
        }
        for (long old = destroyedEpoch + 1; old < Keys.epoch(generation); old++) {
            for (Mix.Group group : Mix.Group.values()) {
                if (group != Mix.Group.MANY) {
                    destroy(group.letter() + "-" + old);
                }
            }
            destroyedEpoch = old;
        }
    }

    private void destroy(String cache) {
        nodes.all().forEach(id -> nodes.ask(id, "destroy " + cache));
    }

    private void sample() {
        long now = System.nanoTime();
        if (!settings.samples || now - sampled < SAMPLE_NANOS) {
            return;
        }
        sampled = now;
        for (String id : nodes.all()) {
            String[] values = nodes.ask(id, "sample").split(" ");
            for (int i = 0; i < SAMPLES.size() && values.length == SAMPLES.size(); i++) {
                growths.add(id, SAMPLES.get(i), millis(now) / 1e3, Double.parseDouble(values[i]));
            }
        }
    }

    // The end

    private void end() {
        applications.close();
        for (String id : nodes.all()) {
            String said = nodes.ask(id, "stop");
            if (!said.equals("ok")) {
                wrong("wrong", id, "its callers do not end: " + said);
            }
        }
        awaitEqual();
        for (String id : nodes.all()) {
            awaitHeard(id);
        }
    }

    private void awaitEqual() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(EQUAL_SECONDS);
        List<String> states;
        do {
            states = nodes.members().stream()
                    .map(id -> nodes.ask(id, "hash"))
                    .distinct()
                    .toList();
            if (states.size() == 1 && states.get(0).matches("[0-9a-f]+ \\d+")) {
                out.println("all members hold the same: " + states.get(0) + " entries");
                return;
            }
            Injector.pause(200);
        } while (System.nanoTime() - deadline < 0);
        wrong("wrong", "state", "members do not hold the same after " + EQUAL_SECONDS + " s: " + states);
    }

    private void awaitHeard(String id) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RECOVERY_SECONDS);
        String said;
        do {
            said = nodes.ask(id, "heard");
            if (said.startsWith("ok ")) {
                String[] words = said.split(" ");
                events += Long.parseLong(words[1]);
                gaps += Long.parseLong(words[2]);
                return;
            }
            Injector.pause(200);
        } while (System.nanoTime() - deadline < 0);
        wrong("wrong", "listener of " + id, said);
    }

    private void keep() throws IOException {
        if (!anomalies.isEmpty()) {
            Path small = Files.createDirectories(settings.output.resolve("evidence"));
            Commands.run("cp", "-r", nodes.disk(nodes.smallDisk()).toString(), small.toString());
        }
    }

    private Report report() throws IOException {
        Report report = new Report(
                List.of(settings.seed),
                settings.repeat + " --seed " + settings.seed,
                settings.members,
                settings.clients,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - base) / 1e3,
                faults,
                counts.total(),
                judge.judgedGroups(),
                events,
                gaps,
                transactions,
                Math.max(0, leads.size() - 1),
                nodes.logged("snapshot of the leader"),
                anomalies,
                growths.all());
        Files.writeString(settings.output.resolve("report.json"), report.json());
        Files.writeString(settings.output.resolve("report.md"), report.markdown());
        Files.writeString(settings.output.resolve("timeline.html"), Timeline.html(report, counts, leads));
        if (report.isGood()) {
            Nodes.delete(settings.output.resolve("work"));
        }
        return report;
    }
}
