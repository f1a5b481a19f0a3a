package io.concordcache.benchmarks;

import io.concordcache.benchmarks.Results.Heap;
import io.concordcache.benchmarks.Results.Pauses;
import io.concordcache.benchmarks.member.Done;
import io.concordcache.benchmarks.member.GcLog;
import io.concordcache.benchmarks.member.ValueType;
import io.concordcache.benchmarks.member.Work;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Starts systems, warms them up, and loads them in turn, round after round. */
final class Driver implements AutoCloseable {
    private static final String HEAP = "1g";
    private static final double WARM_UP_SECONDS = 2;
    private static final int GROWTH_WARM_UP = 8;
    private static final int FULL_LOAD = 64;
    private static final long HUGE = 2_000_000;
    private static final Set<Candidate> HUGE_HEAPS =
            EnumSet.of(Candidate.CONCORD, Candidate.HAZELCAST, Candidate.INFINISPAN, Candidate.MAP);

    private final Options options;
    private final ClassPaths classPaths;
    private final Consumer<String> progress;
    private final long started = System.nanoTime();

    private final List<Cluster> clusters = new ArrayList<>();
    private final List<Sample> samples = new ArrayList<>();
    private final List<Heap> heaps = new ArrayList<>();
    private final List<Pauses> pauses = new ArrayList<>();
    private final Map<Candidate, String> notRun = new EnumMap<>(Candidate.class);

    Driver(Options options, ClassPaths classPaths, Consumer<String> progress) {
        this.options = options;
        this.classPaths = classPaths;
        this.progress = progress;
    }

    /**
     * What is to be measured.
     *
     * @param members the sizes of clusters
     * @param heapEntries how many entries the heap is filled with; none for not at all
     * @param isFull whether to measure more than the targets need
     */
    record Options(
            List<Candidate> candidates,
            List<Integer> members,
            int rounds,
            double seconds,
            List<Long> heapEntries,
            boolean isFull) {
        double warmUp() {
            return Math.max(WARM_UP_SECONDS, seconds) * Math.min(1, seconds);
        }
    }

    Results run(Results.Setup setup) throws InterruptedException {
        for (Candidate candidate : options.candidates()) {
            candidate.program().filter(program -> !Machine.has(program)).ifPresent(program -> {
                notRun.put(candidate, "no " + program);
                say(candidate.title() + " is not run: there is no " + program);
            });
        }
        List<Integer> sizes =
                options.members().stream().filter(members -> members > 1).toList();
        if (!sizes.isEmpty()) {
            side(sizes.contains(3) ? 3 : sizes.get(0));
        }
        if (options.members().contains(1)) {
            alone();
        }
        if (sizes.size() > 1) {
            growth(sizes);
        }
        for (long entries : options.heapEntries()) {
            for (Candidate candidate : options.candidates()) {
                if (entries <= HUGE ? options.isFull() || !candidate.isLocal() : HUGE_HEAPS.contains(candidate)) {
                    heap(candidate, entries);
                }
            }
        }
        List<Results.Measured> systems = options.candidates().stream()
                .map(candidate -> new Results.Measured(candidate, classPaths.version(candidate), notRun.get(candidate)))
                .toList();
        return new Results(setup, systems, samples, heaps, pauses);
    }

    /** All systems side by side. */
    private void side(int members) throws InterruptedException {
        say("starting clusters of " + members);
        options.candidates().stream()
                .filter(candidate -> !candidate.isForHeapOnly())
                .forEach(candidate -> start(candidate, members));
        List<Step> steps = new ArrayList<>(Step.CLUSTER);
        if (options.isFull()) {
            steps.addAll(Step.sweep());
        }
        measure(steps);
        close();
    }

    private void alone() throws InterruptedException {
        say("starting members alone");
        for (Candidate candidate : options.candidates()) {
            if (!candidate.isLocal() && (options.isFull() || candidate == Candidate.CONCORD)) {
                start(candidate, 1);
            }
        }
        measure(Step.ALONE);
        close();
    }

    /** One cluster at a time, so that it does not share the machine with idle ones; the sizes take turns. */
    private void growth(List<Integer> sizes) throws InterruptedException {
        for (int round = 1; round <= options.rounds(); round++) {
            for (Candidate candidate : options.candidates()) {
                for (int members : sizes) {
                    if (!candidate.isLocal() && !notRun.containsKey(candidate)) {
                        start(candidate, members);
                        for (Cluster cluster : List.copyOf(clusters)) {
                            // Many threads first: one alone puts too seldom for the compilers of so many JVMs.
                            warmUp(cluster, List.of(Step.MANY_PUTS), GROWTH_WARM_UP * options.warmUp());
                            warmUp(cluster, Step.GROWTH, 2 * options.warmUp());
                            measure(cluster, Step.GROWTH.get(0), round);
                        }
                        close();
                    }
                }
            }
        }
    }

    private void heap(Candidate candidate, long entries) throws InterruptedException {
        if (notRun.containsKey(candidate) || !candidate.isOnHeap()) {
            return;
        }
        try (Cluster cluster = Cluster.start(candidate, classPaths.of(candidate), 1, entries > HUGE ? "8g" : "2g")) {
            long before = cluster.usedHeap();
            cluster.fill(ValueType.STRING, Step.VALUE_BYTES, entries);
            double bytes = (double) (cluster.usedHeap() - before) / entries;
            heaps.add(new Heap(candidate, entries, bytes));
            say("heap with %,d entries: %s %.0f bytes for each".formatted(entries, candidate.title(), bytes));
        } catch (FailedException e) {
            failed(candidate, e);
        }
    }

    private void start(Candidate candidate, int members) {
        if (notRun.containsKey(candidate)) {
            return;
        }
        try {
            clusters.add(Cluster.start(candidate, classPaths.of(candidate), candidate.isLocal() ? 1 : members, HEAP));
            say("  " + candidate.title() + " serves");
        } catch (FailedException e) {
            failed(candidate, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void measure(List<Step> steps) throws InterruptedException {
        for (Cluster cluster : List.copyOf(clusters)) {
            say("warming up " + cluster.candidate().title());
            warmUp(cluster, stepsOf(cluster, steps), options.warmUp());
        }
        for (int round = 1; round <= options.rounds() && !clusters.isEmpty(); round++) {
            for (Step step : steps) {
                List<String> said = new ArrayList<>();
                List<Cluster> turn = new ArrayList<>(clusters);
                Collections.rotate(turn, round - 1);
                for (Cluster cluster : turn) {
                    if (stepsOf(cluster, steps).contains(step)) {
                        said.addAll(measure(cluster, step, round));
                    }
                }
                if (!said.isEmpty()) {
                    say("round %d of %d: %s: %s"
                            .formatted(round, options.rounds(), step.title(), String.join("; ", said)));
                }
            }
        }
    }

    private static List<Step> stepsOf(Cluster cluster, List<Step> steps) {
        Candidate candidate = cluster.candidate();
        return steps.stream()
                .filter(step -> !candidate.isLocal() || Step.LOCAL.contains(step))
                .filter(step -> step.work() != Work.PUT_ALL || candidate.hasPutAll())
                .toList();
    }

    private void warmUp(Cluster cluster, List<Step> steps, double seconds) throws InterruptedException {
        try {
            for (Step step : steps) {
                for (Place place : places(cluster, step)) {
                    cluster.run(place, step.task(seconds));
                }
            }
        } catch (FailedException e) {
            failed(cluster.candidate(), e);
        }
    }

    private List<String> measure(Cluster cluster, Step step, int round) throws InterruptedException {
        Candidate candidate = cluster.candidate();
        List<String> said = new ArrayList<>();
        try {
            for (Place place : places(cluster, step)) {
                cluster.pauses();
                Done done = cluster.run(place, step.task(options.seconds()));
                Series series = new Series(
                        candidate,
                        step.work(),
                        step.type(),
                        place,
                        cluster.members(),
                        step.threads(),
                        step.valueBytes());
                Sample sample = Sample.of(series, round, done);
                samples.add(sample);
                said.add("%s%s %s"
                        .formatted(
                                candidate.title(),
                                place == Place.LEADER || place == Place.FOLLOWER ? " " + place : "",
                                step.threads() > 1 ? Figures.rate(sample.perSecond()) : Figures.time(sample.p50())));
                if (step.work() == Work.PUT && step.threads() == FULL_LOAD && place != Place.FOLLOWER) {
                    GcLog.Pauses seen = cluster.pauses();
                    pauses.add(new Pauses(
                            candidate,
                            cluster.members(),
                            done.nanos() / 1e9,
                            seen.count(),
                            seen.totalMillis(),
                            seen.longestMillis()));
                }
            }
        } catch (FailedException e) {
            failed(candidate, e);
            said.add(candidate.title() + " failed");
        }
        return said;
    }

    private static List<Place> places(Cluster cluster, Step step) {
        List<Place> places = step.places(cluster.candidate());
        return cluster.members() == 1 ? places.subList(0, 1) : places;
    }

    private void failed(Candidate candidate, FailedException e) {
        say("! " + e.getMessage());
        notRun.put(candidate, Optional.ofNullable(e.getMessage()).orElse("failed"));
        clusters.removeIf(cluster -> {
            boolean isIt = cluster.candidate() == candidate;
            if (isIt) {
                cluster.close();
            }
            return isIt;
        });
    }

    private void say(String line) {
        long seconds = (System.nanoTime() - started) / 1_000_000_000;
        progress.accept("[%d:%02d] %s".formatted(seconds / 60, seconds % 60, line));
    }

    @Override
    public void close() {
        clusters.forEach(Cluster::close);
        clusters.clear();
    }
}
