package io.concordcache.raft.cluster;

import io.concordcache.raft.history.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What one thread saw of a register that only grows. Calls in a row that saw the same are one: the first that ended binds
 * others most, the last that began is bound most. Times are those of the machine's monotonic clock, so those of several
 * processes compare.
 */
final class Register {
    private final List<long[]> runs = new ArrayList<>();
    private long calls;

    /** A call between these times saw, or wrote, this. */
    void saw(long value, long began, long ended) {
        calls++;
        long[] last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
        if (last != null && last[0] == value) {
            last[2] = began;
        } else {
            runs.add(new long[] {value, ended, began});
        }
    }

    long calls() {
        return calls;
    }

    /** What the runs say of single writes; those that have not ended are of unknown outcome. */
    List<Op> writes(String session, String key) {
        return runs.stream()
                .map(run -> Op.begun(session, Op.Kind.PUT, key, run[2])
                        .with("value", run[0])
                        .ended(run[1], run[1] == Op.NEVER ? Op.Outcome.UNKNOWN : Op.Outcome.OK))
                .toList();
    }

    /**
     * What the runs say of reads: the first and the last of each. When the first began is not known, but not before the
     * last of the run before did; and so with the end of the last. Where there is 0 there was nothing.
     */
    List<Op> reads(String session, String key) {
        List<Op> reads = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            long[] run = runs.get(i);
            long notBefore = i == 0 ? Long.MIN_VALUE : runs.get(i - 1)[2];
            long notAfter = i + 1 == runs.size() ? Op.NEVER - 1 : runs.get(i + 1)[1];
            String found = run[0] == 0 ? "" : String.valueOf(run[0]);
            for (long[] time : new long[][] {{notBefore, run[1]}, {run[2], notAfter}}) {
                reads.add(Op.begun(session, Op.Kind.GET, key, time[0])
                        .ended(time[1], Op.Outcome.OK)
                        .with("found", found));
            }
        }
        return reads;
    }

    @Override
    public String toString() {
        return calls + ":"
                + runs.stream().map(run -> run[0] + " " + run[1] + " " + run[2]).collect(Collectors.joining(","));
    }

    /** Reads what {@link #toString} wrote. */
    static Register parse(String text) {
        Register register = new Register();
        int colon = text.indexOf(':');
        register.calls = Long.parseLong(text.substring(0, colon));
        for (String run : text.substring(colon + 1).split(",")) {
            if (!run.isEmpty()) {
                register.runs.add(
                        Arrays.stream(run.split(" ")).mapToLong(Long::parseLong).toArray());
            }
        }
        return register;
    }

    /**
     * Whether calls of all these on one register are linearizable, if it was only written with numbers that grow: each must
     * see at least what any call before it saw. Returns those that did not.
     */
    static List<String> violations(List<Register> all) {
        List<long[]> byEnd = new ArrayList<>();
        all.forEach(register -> byEnd.addAll(register.runs));
        List<long[]> byBegin = new ArrayList<>(byEnd);
        byEnd.sort(Comparator.comparingLong(run -> run[1]));
        byBegin.sort(Comparator.comparingLong(run -> run[2]));
        List<String> violations = new ArrayList<>();
        long newest = 0;
        int ended = 0;
        for (long[] run : byBegin) {
            while (ended < byEnd.size() && byEnd.get(ended)[1] < run[2]) {
                newest = Math.max(newest, byEnd.get(ended)[0]);
                ended++;
            }
            if (run[0] < newest) {
                violations.add(run[0] + " after " + newest + " had been seen");
            }
        }
        return violations;
    }
}
