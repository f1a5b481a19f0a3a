package io.concordcache.raft.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What reads promise that are not linearizable. Each found something that was written, not later than it ended. Within a
 * session, by versions: reads go on, never back (monotonic reads), see what the session wrote (read your writes), and what
 * it writes is newer than all that it saw (monotonic writes, writes follow reads). After Terry and others, "Session
 * guarantees for weakly consistent replicated data" (PDIS 1994).
 */
final class Sessions {
    /** The newest that a session knows of a key. */
    private record Known(long version, boolean gone, Op by) {
        static final Known NOTHING = new Known(0, false, null);
    }

    private record Stored(String key, String value) {}

    private final List<Op> ops;
    private final boolean evicts;
    private final Map<String, List<Op>> writes = new HashMap<>();
    private final Map<Stored, List<Op>> writers = new HashMap<>();

    private Sessions(List<Op> ops, boolean evicts) {
        this.ops = ops;
        this.evicts = evicts;
        for (Op op : ops) {
            if (!op.isPure()) {
                writes.computeIfAbsent(op.key(), unused -> new ArrayList<>()).add(op);
                writers.computeIfAbsent(new Stored(op.key(), op.value()), unused -> new ArrayList<>())
                        .add(op);
            }
        }
    }

    static Verdict check(List<Op> ops, Rules rules) {
        Sessions sessions = new Sessions(ops, rules.evicts());
        return sessions.checkWritten().and(sessions.checkOrder());
    }

    private Verdict checkWritten() {
        for (Op op : ops) {
            if (op.isRead()
                    && !op.isUnknown()
                    && op.found() != null
                    && !op.found().equals(Op.NOTHING)) {
                boolean written = writers.getOrDefault(new Stored(op.key(), op.found()), List.of()).stream()
                        .anyMatch(write -> isSame(write.version(), op.version()) && !op.isBefore(write));
                if (!written) {
                    return Verdict.violation("key " + op.key() + ": nobody had written what was found by\n  " + op);
                }
            }
        }
        return Verdict.OK;
    }

    private static boolean isSame(long one, long other) {
        return one == 0 || other == 0 || one == other;
    }

    private Verdict checkOrder() {
        record Of(String session, String key) {}
        Map<Of, Known> known = new HashMap<>();
        List<Op> inOrder = new ArrayList<>(ops);
        inOrder.sort(Comparator.comparing(Op::began));
        for (Op op : inOrder) {
            if (op.isUnknown() || op.outcome() == Op.Outcome.FAILED || isWeak(op)) {
                continue;
            }
            if (op.key().equals(Op.ALL)) {
                known.replaceAll(
                        (of, last) -> of.session.equals(op.session()) ? new Known(last.version, true, op) : last);
                continue;
            }
            Of of = new Of(op.session(), op.key());
            Known before = known.getOrDefault(of, Known.NOTHING);
            Known after = after(before, op);
            if (after == null) {
                return Verdict.violation("session " + op.session() + " went back: it knew of\n  " + before.by
                        + "\nwhen it came to\n  " + op);
            }
            known.put(of, after);
        }
        return Verdict.OK;
    }

    private static boolean isWeak(Op op) {
        return op.level() == Op.Level.EVENTUAL || op.level() == Op.Level.COPY;
    }

    /** Null if the session went back. */
    private Known after(Known before, Op op) {
        if (op.isRead() ? Op.NOTHING.equals(op.found()) : !op.stores() && op.kind() != Op.Kind.TOUCH) {
            boolean maybe = !op.isRead() || before.version == 0 || before.gone || mayHaveLeft(before, op);
            return maybe ? new Known(before.version, true, op) : null;
        }
        if (op.version() == 0) {
            return before;
        }
        boolean again = op.isRead() && !before.gone;
        return op.version() > before.version || (again && op.version() == before.version)
                ? new Known(op.version(), false, op)
                : null;
    }

    /** Whether anything may have ended the entry of this version before this read of its key ended. */
    private boolean mayHaveLeft(Known known, Op read) {
        List<Op> all = new ArrayList<>(writes.getOrDefault(read.key(), List.of()));
        all.addAll(writes.getOrDefault(Op.ALL, List.of()));
        Op stored = all.stream()
                .filter(op -> op.stores() && op.version() == known.version)
                .findFirst()
                .orElse(known.by);
        return evicts
                || all.stream().anyMatch(op -> op.ttl() > 0)
                || all.stream()
                        .anyMatch(op -> !op.stores()
                                && op.kind() != Op.Kind.TOUCH
                                && !op.isBefore(stored)
                                && !read.isBefore(op));
    }
}
