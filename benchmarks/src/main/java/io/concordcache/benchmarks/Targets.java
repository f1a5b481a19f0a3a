package io.concordcache.benchmarks;

import io.concordcache.benchmarks.member.ValueType;
import io.concordcache.benchmarks.member.Work;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What Concord wants to reach, and whether it did. */
final class Targets {
    private static final Predicate<Candidate> PEERS =
            candidate -> !candidate.isLocal() && candidate != Candidate.CONCORD;
    private static final Predicate<Candidate> PEERS_OF_LATEST = PEERS.and(Candidate::readsLatest);

    private final Results results;
    private final int members;
    private final List<Row> rows = new ArrayList<>();

    private Targets(Results results) {
        this.results = results;
        this.members = results.members();
    }

    /**
     * A target.
     *
     * @param ours what Concord reaches, a dash if it was not measured
     * @param peer what it is compared with, empty if with nothing
     * @param ratio of the two, or empty
     * @param target what is wanted
     * @param isMet null if something was not measured
     */
    record Row(
            String what,
            String ours,
            String peer,
            String ratio,
            String target,
            @Nullable Boolean isMet) {}

    static List<Row> of(Results results) {
        return new Targets(results).rows();
    }

    private List<Row> rows() {
        for (Place place : List.of(Place.LEADER, Place.FOLLOWER)) {
            String on = ", on the " + place;
            Series get = ours(Work.GET, ValueType.STRING, place, 1);
            Series list = ours(Work.GET, ValueType.LIST, place, 1);
            time(
                    "get hit, immutable value" + on,
                    get,
                    Sample::mean,
                    only(Candidate.CAFFEINE_REFERENCE),
                    Want.atMost(5));
            time("get hit, immutable value" + on, get, Sample::mean, only(Candidate.HAZELCAST), Want.faster(1000));
            time("get hit, mutable value" + on, list, Sample::mean, only(Candidate.CAFFEINE), Want.atMost(0.5));
        }
        Series mixed = ours(Work.MIXED, ValueType.STRING, Place.ALL, 2);
        rate("99 % gets, 2 threads on each member", mixed, PEERS, Want.atLeast(5));
        rate("the same, against peers whose gets see the latest put", mixed, PEERS_OF_LATEST, Want.atLeast(5));
        for (Place place : List.of(Place.LEADER, Place.FOLLOWER)) {
            String on = ", on the " + place;
            Series put = ours(Work.PUT, ValueType.STRING, place, 1);
            time("put, p50" + on, put, Sample::p50, only(Candidate.HAZELCAST), Want.atMost(2.5));
            rate("put, 64 threads" + on, ours(Work.PUT, ValueType.STRING, place, 64), PEERS, Want.atLeast(1));
            rate(
                    "putAll of 1,000, entries" + on,
                    ours(Work.PUT_ALL, ValueType.STRING, place, 1),
                    PEERS,
                    Want.atLeast(1.5));
        }
        alone();
        growth();
        heap();
        return rows;
    }

    private Series ours(Work work, ValueType type, Place place, int threads) {
        return new Series(Candidate.CONCORD, work, type, place, members, threads, Step.VALUE_BYTES);
    }

    private static Predicate<Candidate> only(Candidate candidate) {
        return other -> other == candidate;
    }

    /** The bound of a ratio and how it is told. */
    private record Want(String text, boolean isInverted, double least, double most) {
        static Want atMost(double bound) {
            return new Want("≤ " + bound(bound) + "×", false, 0, bound);
        }

        static Want atLeast(double bound) {
            return new Want("≥ " + bound(bound) + "×", false, bound, Double.MAX_VALUE);
        }

        static Want faster(double bound) {
            return new Want("≥ " + bound(bound) + "× faster", true, bound, Double.MAX_VALUE);
        }

        private static String bound(double bound) {
            return bound == Math.rint(bound) ? Figures.whole(bound) : String.valueOf(bound);
        }

        double ratio(double ours, double peer) {
            return isInverted ? peer / ours : ours / peer;
        }

        boolean isMetBy(double ratio) {
            return ratio >= least && ratio <= most;
        }
    }

    private record Peer(Candidate candidate, double figure) {}

    private void time(
            String what, Series ours, ToDoubleFunction<Sample> figure, Predicate<Candidate> peers, Want want) {
        compare(
                what,
                results.median(ours, figure),
                best(ours, figure, peers, Comparator.naturalOrder()),
                Figures::time,
                want);
    }

    private void rate(String what, Series ours, Predicate<Candidate> peers, Want want) {
        compare(
                what,
                results.median(ours, Sample::perSecond),
                best(ours, Sample::perSecond, peers, Comparator.reverseOrder()),
                Figures::rate,
                want);
    }

    /** The best of the peers that do the same work. */
    private Optional<Peer> best(
            Series ours, ToDoubleFunction<Sample> figure, Predicate<Candidate> peers, Comparator<Double> order) {
        return Arrays.stream(Candidate.values())
                .filter(peers)
                .flatMap(candidate -> {
                    Place place =
                            ours.place() == Place.ALL ? Place.ALL : candidate.hasLeader() ? ours.place() : Place.ANY;
                    Series same = new Series(
                            candidate,
                            ours.work(),
                            ours.type(),
                            place,
                            candidate.isLocal() ? 1 : ours.members(),
                            ours.threads(),
                            ours.valueBytes());
                    return results.median(same, figure).stream().mapToObj(found -> new Peer(candidate, found));
                })
                .min(Comparator.comparing(Peer::figure, order));
    }

    private void compare(
            String what, OptionalDouble ours, Optional<Peer> peer, DoubleFunction<String> show, Want want) {
        String mine = ours.isPresent() ? show.apply(ours.getAsDouble()) : "–";
        String theirs = peer.map(found -> found.candidate().title() + " " + show.apply(found.figure()))
                .orElse("not run");
        if (ours.isEmpty() || peer.isEmpty()) {
            rows.add(new Row(what, mine, theirs, "–", want.text(), null));
            return;
        }
        double ratio = want.ratio(ours.getAsDouble(), peer.get().figure());
        rows.add(new Row(what, mine, theirs, Figures.digits(ratio) + "×", want.text(), want.isMetBy(ratio)));
    }

    private void alone() {
        Series put = new Series(Candidate.CONCORD, Work.PUT, ValueType.STRING, Place.LEADER, 1, 1, Step.VALUE_BYTES);
        Series many = new Series(Candidate.CONCORD, Work.PUT, ValueType.STRING, Place.LEADER, 1, 64, Step.VALUE_BYTES);
        OptionalDouble p50 = results.median(put, Sample::p50);
        OptionalDouble perSecond = results.median(many, Sample::perSecond);
        absolute("one member alone: put, p50", p50, Figures::time, "≤ 40 µs", nanos -> nanos <= 40_000);
        absolute("one member alone: put, 64 threads", perSecond, Figures::rate, "≥ 200,000/s", rate -> rate >= 200_000);
    }

    private void absolute(
            String what,
            OptionalDouble ours,
            DoubleFunction<String> show,
            String target,
            java.util.function.DoublePredicate isMet) {
        rows.add(
                ours.isEmpty()
                        ? new Row(what, "–", "", "–", target, null)
                        : new Row(
                                what, show.apply(ours.getAsDouble()), "", "", target, isMet.test(ours.getAsDouble())));
    }

    private void growth() {
        OptionalDouble three = results.median(growthSeries(3), Sample::p50);
        OptionalDouble seven = results.median(growthSeries(7), Sample::p50);
        if (three.isEmpty() || seven.isEmpty()) {
            return;
        }
        double ratio = seven.getAsDouble() / three.getAsDouble();
        rows.add(new Row(
                "put, p50: 7 members against 3",
                Figures.time(seven.getAsDouble()),
                "3 members " + Figures.time(three.getAsDouble()),
                Figures.digits(ratio) + "×",
                "≤ 1.6×",
                ratio <= 1.6));
    }

    private static Series growthSeries(int members) {
        return new Series(Candidate.CONCORD, Work.PUT, ValueType.STRING, Place.LEADER, members, 1, Step.VALUE_BYTES);
    }

    private void heap() {
        results.heaps().stream().map(Results.Heap::entries).distinct().forEach(entries -> {
            OptionalDouble ours = heap(only(Candidate.CONCORD), entries).stream()
                    .mapToDouble(Results.Heap::bytesPerEntry)
                    .findFirst();
            Optional<Peer> peer = heap(PEERS, entries).map(heap -> new Peer(heap.candidate(), heap.bytesPerEntry()));
            compare(
                    "heap of an entry, %,d of them".formatted(entries),
                    ours,
                    peer,
                    bytes -> Figures.whole(bytes) + " B",
                    Want.atMost(1));
        });
    }

    private Optional<Results.Heap> heap(Predicate<Candidate> which, long entries) {
        return results.heaps().stream()
                .filter(heap -> heap.entries() == entries && which.test(heap.candidate()))
                .min(Comparator.comparing(Results.Heap::bytesPerEntry));
    }
}
