package io.concordcache.faults;

import io.concordcache.raft.history.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** How many operations came to what, and when, for each process. */
final class Counts {
    /** One second of one process. */
    static final class Second {
        private int done;
        private int notDone;
        private int unknown;

        int done() {
            return done;
        }

        int notDone() {
            return notDone;
        }

        int unknown() {
            return unknown;
        }
    }

    private final long baseNanos;
    private final Map<String, Map<Long, Second>> seconds = new TreeMap<>();
    private final Map<String, Long> byKind = new TreeMap<>();
    private long done;
    private long conditionFailed;
    private long notDone;
    private long unknown;
    private String lastCall = "";

    Counts(long baseNanos) {
        this.baseNanos = baseNanos;
    }

    private Second at(String process, long nanos) {
        return seconds.computeIfAbsent(process, unused -> new TreeMap<>())
                .computeIfAbsent(TimeUnit.NANOSECONDS.toSeconds(nanos - baseNanos), unused -> new Second());
    }

    /** Counts calls: what happened to several keys at once is one. */
    void add(String process, Op op) {
        String call = op.session() + op.call();
        boolean again = op.call() != 0 && !op.key().equals(Op.ALL) && call.equals(lastCall);
        lastCall = call;
        if (again || op.level() == Op.Level.COPY || op.outcome() == Op.Outcome.UNKNOWN) {
            return; // counted already, or when its caller said so
        }
        byKind.merge(Text.lower(op.kind()), 1L, Long::sum);
        at(process, op.ended()).done++;
        if (op.outcome() == Op.Outcome.OK) {
            done++;
        } else {
            conditionFailed++;
        }
    }

    void failed(String process, boolean known, long began) {
        Second second = at(process, began);
        if (known) {
            second.notDone++;
            notDone++;
        } else {
            second.unknown++;
            unknown++;
        }
    }

    /** Something was done that is no operation of a caller. */
    void done(String process, long nanos) {
        at(process, nanos).done++;
    }

    Report.Operations total() {
        return new Report.Operations(done, conditionFailed, notDone, unknown, new TreeMap<>(byKind));
    }

    List<String> processes() {
        return new ArrayList<>(seconds.keySet());
    }

    Map<Long, Second> of(String process) {
        return seconds.getOrDefault(process, Map.of());
    }
}
