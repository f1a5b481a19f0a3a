package io.concordcache.hibernate.stress;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Whether all that was read was, at some moment between the begin and the end of the read, the state of the database.
 *
 * <p>Whoever changes a row takes the next number of it under a lock of the database that ends with the transaction. So the
 * numbers are the order of the commits, and who has taken a number knows that the one before is committed, and that others
 * who had taken the same were rolled back. A state may be seen from the begin of its commit on, and is gone when the
 * commit of a later one is known.
 */
final class Verdict {
    private record Attempt(String transaction, long number, long from, List<String> state) {}

    /** A state of a row; it may have been there from {@code begun}, and was surely gone after {@code gone}. */
    private record State(String content, String name, String marks, long begun, long gone) {}

    private final Map<String, Long> committed = new HashMap<>();
    private final Map<Long, TreeMap<Long, Attempt>> attempts = new TreeMap<>();
    private final Map<Long, List<State>> states = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();

    private Verdict() {}

    /** One line for each read that was not, and for what the notes themselves lack. They are gone through twice. */
    static List<String> of(Supplier<Stream<Observation>> notes, int rows) {
        Verdict verdict = new Verdict();
        try (Stream<Observation> all = notes.get()) {
            all.forEach(verdict::learn);
        }
        for (long row = 0; row < rows; row++) {
            verdict.states.put(row, verdict.history(row));
        }
        try (Stream<Observation> all = notes.get()) {
            all.forEach(verdict::check);
        }
        return verdict.wrong;
    }

    private void learn(Observation each) {
        switch (each.what()) {
            case BEGUN -> {
                List<String> words = each.words();
                Attempt attempt = new Attempt(
                        words.get(0), Long.parseLong(words.get(1)), each.from(), words.subList(2, words.size()));
                attempts.computeIfAbsent(each.row(), row -> new TreeMap<>())
                        .merge(attempt.number, attempt, (one, other) -> one.from > other.from ? one : other);
            }
            case COMMITTED -> committed.put(each.words().get(0), each.to());
            case ROW, MARKS, NAMED, ALL, STATISTICS -> {}
        }
    }

    private List<State> history(long row) {
        List<State> history = new ArrayList<>();
        List<Long> known = new ArrayList<>();
        history.add(new State(Observation.NONE, Observation.NONE, Observation.NONE, Long.MIN_VALUE, Long.MAX_VALUE));
        for (Attempt attempt : attempts.getOrDefault(row, new TreeMap<>()).values()) {
            State before = history.get(history.size() - 1);
            if (attempt.number != history.size()) {
                wrong.add("row " + row + " has no state of number " + history.size() + ", but " + attempt);
                break;
            }
            known.add(committed.getOrDefault(attempt.transaction, Long.MAX_VALUE));
            history.add(new State(
                    after(before.content, attempt.state.get(0)),
                    after(before.name, attempt.state.get(1)),
                    after(before.marks, attempt.state.get(2)),
                    attempt.from,
                    Long.MAX_VALUE));
        }
        long gone = Long.MAX_VALUE;
        for (int i = history.size() - 2; i >= 0; i--) {
            State state = history.get(i);
            State next = history.get(i + 1);
            // Whoever took the number after the next found the next committed.
            gone = Math.min(gone, i + 2 < history.size() ? history.get(i + 2).begun : Long.MAX_VALUE);
            gone = Math.min(gone, known.get(i));
            history.set(i, new State(state.content, state.name, state.marks, state.begun, Math.max(gone, next.begun)));
        }
        return history;
    }

    private static String after(String before, String change) {
        return change.equals(Observation.SAME) ? before : change;
    }

    private void check(Observation each) {
        List<String> words = each.words();
        switch (each.what()) {
            case ROW -> check(each, state -> state.content.equals(words.get(0)) && state.name.equals(words.get(1)));
            case MARKS -> check(each, state -> state.marks.equals(words.get(0)));
            case NAMED -> check(each, state -> state.name.equals(words.get(0)) == Boolean.parseBoolean(words.get(1)));
            case ALL -> checkAll(each);
            case BEGUN, COMMITTED, STATISTICS -> {}
        }
    }

    private void check(Observation each, Predicate<State> seen) {
        List<State> possible = possible(each.row(), each.from(), each.to());
        if (possible.stream().noneMatch(seen)) {
            wrong.add(each + " is none of " + possible);
        }
    }

    /** There must be one moment at which all rows had what was read. */
    private void checkAll(Observation each) {
        Map<Long, List<State>> seen = new TreeMap<>();
        states.keySet()
                .forEach(row -> seen.put(
                        row,
                        possible(row, each.from(), each.to()).stream()
                                .filter(state ->
                                        state.content.equals(each.words().get(row.intValue())))
                                .toList()));
        boolean fits = Stream.concat(
                        Stream.of(each.from()),
                        seen.values().stream().flatMap(List::stream).map(State::begun))
                .filter(moment -> moment >= each.from() || moment == Long.MIN_VALUE)
                .anyMatch(moment -> seen.values().stream()
                        .allMatch(of -> of.stream().anyMatch(state -> state.begun <= moment && state.gone >= moment)));
        if (!fits) {
            wrong.add(each + " was never there at once, but " + seen);
        }
    }

    /** What the row may have been between these times. */
    private List<State> possible(long row, long from, long to) {
        List<State> all = states.get(row);
        int first = 0;
        int end = all.size() - 1;
        while (first < end) {
            int middle = (first + end) / 2;
            if (all.get(middle).gone < from) {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        int last = first;
        while (last < all.size() && all.get(last).begun <= to) {
            last++;
        }
        return all.subList(first, last);
    }
}
