package io.concordcache.raft.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * Whether the order of the log is the order of all keys at once (strict serializability): writes stand in it as they
 * followed each other in time, what they did is what it makes of them, and whatever was read at once, be it several keys,
 * was there at one place of the log, behind all that had ended before the read began.
 *
 * <p>A key with writes whose outcome is not known, or whose entries may vanish by themselves, is checked as far as that goes.
 */
final class TotalOrder {
    /** Places of the log from and including the first, up to the second. */
    private record Span(long from, long until) {
        static final Span EVERYWHERE = new Span(0, Op.NEVER);

        Span and(Span other) {
            return new Span(Math.max(from, other.from), Math.min(until, other.until));
        }

        boolean isEmpty() {
            return from >= until;
        }
    }

    private record Place(long from, KeyState state) {}

    private final List<Op> writes = new ArrayList<>();
    private final List<Op> unplaced = new ArrayList<>();
    private final Map<String, Boolean> loose = new HashMap<>();
    private final Map<String, List<Place>> states = new HashMap<>();
    private final Rules rules;
    private Verdict verdict = Verdict.OK;

    private TotalOrder(List<Op> ops, Rules rules) {
        this.rules = rules;
        for (Op op : ops) {
            if (!op.isPure()) {
                (op.index() > 0 && !op.isUnknown() ? writes : unplaced).add(op);
            }
        }
        writes.sort(Comparator.comparing(Op::index));
        ops.stream()
                .map(Op::key)
                .filter(key -> !key.equals(Op.ALL))
                .distinct()
                .forEach(key -> states.put(key, replay(key)));
    }

    static Verdict check(List<Op> ops, Rules rules) {
        if (ops.stream().noneMatch(op -> op.index() > 0 && !op.isPure())) {
            return Verdict.OK;
        }
        TotalOrder order = new TotalOrder(ops, rules);
        order.checkTimes(ops);
        order.checkReads(ops);
        return order.verdict;
    }

    private void violated(String what, Iterable<Op> by) {
        StringBuilder text = new StringBuilder("order of the log: " + what);
        by.forEach(op -> text.append("\n  ").append(op));
        verdict = verdict.and(Verdict.violation(text.toString()));
    }

    /** Whether there are changes of the key of which the log does not tell. */
    private boolean isLoose(String key) {
        return rules.evicts()
                || unplaced.stream().anyMatch(op -> op.concerns(key))
                || writes.stream().anyMatch(op -> op.concerns(key) && op.ttl() > 0);
    }

    private List<Place> replay(String key) {
        boolean loose = isLoose(key);
        this.loose.put(key, loose);
        List<Place> places = new ArrayList<>();
        KeyState state = KeyState.ABSENT;
        places.add(new Place(0, state));
        for (Op op : writes) {
            if (!op.concerns(key)) {
                continue;
            }
            KeyState after = state.after(op, 0);
            if (after == null && !loose) {
                violated("when there was " + state + " it cannot have come to", List.of(op));
                return List.of();
            }
            if (after == null) { // what preceded is not known
                after = op.stores() ? new KeyState(op.value(), op.version(), KeyState.NOBODY) : state;
            }
            state = after;
            places.add(new Place(op.index(), state));
        }
        return places;
    }

    private void checkTimes(List<Op> ops) {
        List<Op> placed = new ArrayList<>(ops);
        placed.removeIf(op -> op.index() == 0
                || op.isUnknown()
                || op.outcome() == Op.Outcome.FAILED
                || op.level() != Op.Level.LINEARIZABLE);
        placed.sort(Comparator.comparing(Op::began));
        PriorityQueue<Op> running = new PriorityQueue<>(Comparator.comparing(Op::ended));
        Op last = null; // the newest of those that have ended
        Op lastWrite = null;
        for (Op op : placed) {
            while (!running.isEmpty() && running.peek().isBefore(op)) {
                Op ended = running.remove();
                last = last == null || ended.index() > last.index() ? ended : last;
                if (!ended.isRead()) {
                    lastWrite = lastWrite == null || ended.index() > lastWrite.index() ? ended : lastWrite;
                }
            }
            if (!op.isRead() && last != null && op.index() <= last.index()) {
                violated("a write began when another place behind it had been seen", List.of(last, op));
            } else if (op.isRead() && lastWrite != null && op.index() < lastWrite.index()) {
                violated("a read did not see what had ended", List.of(lastWrite, op));
            }
            running.add(op);
        }
    }

    private void checkReads(List<Op> ops) {
        Map<Object, List<Op>> calls = new LinkedHashMap<>();
        for (Op op : ops) {
            if (op.isRead() && !op.isUnknown() && op.found() != null && op.level() == Op.Level.LINEARIZABLE) {
                Object call = op.call() == 0 ? op : op.session() + " " + op.call();
                calls.computeIfAbsent(call, unused -> new ArrayList<>()).add(op);
            }
        }
        TreeMap<Long, Long> ended = new TreeMap<>(); // time → newest place of what had ended by then
        TreeMap<Long, Long> begun = new TreeMap<>(); // time → oldest place of what began from then on
        List<Op> byTime = new ArrayList<>(writes);
        byTime.sort(Comparator.comparing(Op::ended));
        long newest = 0;
        for (Op op : byTime) {
            newest = Math.max(newest, op.index());
            ended.put(op.ended(), newest);
        }
        byTime.sort(Comparator.comparing(Op::began).reversed());
        long oldest = Op.NEVER;
        for (Op op : byTime) {
            oldest = Math.min(oldest, op.index());
            begun.put(op.began(), oldest);
        }
        for (List<Op> call : calls.values()) {
            Op one = call.get(0);
            var before = ended.lowerEntry(one.began());
            var behind = begun.higherEntry(one.ended());
            List<Span> spans = List.of(
                    new Span(before == null ? 0 : before.getValue(), behind == null ? Op.NEVER : behind.getValue()));
            for (Op op : call) {
                spans = and(spans, op.index() == 0 ? spans : List.of(new Span(op.index(), op.index() + 1)));
                spans = and(spans, spans(op));
            }
            if (spans.isEmpty()) {
                violated("this was never there at once, or not at that time", call);
            }
        }
    }

    private static List<Span> and(List<Span> some, List<Span> others) {
        List<Span> both = new ArrayList<>();
        for (Span one : some) {
            for (Span other : others) {
                Span and = one.and(other);
                if (!and.isEmpty()) {
                    both.add(and);
                }
            }
        }
        return both;
    }

    /** Where in the log the key had what this read found. */
    private List<Span> spans(Op read) {
        List<Place> places = states.get(read.key());
        boolean anywhere = loose.get(read.key())
                && (read.found().equals(Op.NOTHING)
                        || unplaced.stream()
                                .anyMatch(op ->
                                        op.concerns(read.key()) && op.value().equals(read.found())));
        if (anywhere || places.isEmpty()) {
            return List.of(Span.EVERYWHERE);
        }
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
            if (places.get(i).state.after(read, 0) != null) {
                spans.add(new Span(places.get(i).from, i + 1 < places.size() ? places.get(i + 1).from : Op.NEVER));
            }
        }
        return spans;
    }
}
