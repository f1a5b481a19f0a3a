package io.concordcache.raft.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The same as {@link Search} in n log n, for a key that is only put, each time another value, and read (Gibbons and Korach).
 * All that wrote or read one value stand together in any order. So one value comes before another if anything of it ended
 * before something of the other began; the history is linearizable if that holds for no two values both ways, and no value
 * was read before it was written.
 */
final class Zones {
    /** All operations on one value: that which ended first, that which began last, and the write, null for the beginning. */
    private static final class Zone {
        private Op firstEnd;
        private Op lastBegin;
        private Op write;
        private long version;

        boolean isOf(Op op) {
            return op.version() == 0 || (write != null && (version == 0 || version == op.version()));
        }

        void add(Op op) {
            version = Math.max(version, op.version());
            firstEnd = firstEnd == null || op.ended() < firstEnd.ended() ? op : firstEnd;
            lastBegin = lastBegin == null || op.began() > lastBegin.began() ? op : lastBegin;
        }

        long end() {
            return firstEnd.ended();
        }

        long begin() {
            return lastBegin.began();
        }

        /** Something of it ended before something else of it began: between them there is no other value. */
        boolean isForward() {
            return end() < begin();
        }

        boolean contradicts(Zone other) {
            return end() < other.begin() && other.end() < begin();
        }
    }

    private Zones() {}

    static boolean canCheck(List<Op> ops, Rules rules) {
        Set<String> values = new HashSet<>();
        return !rules.evicts()
                && ops.stream()
                        .allMatch(op -> op.isRead()
                                || (op.kind() == Op.Kind.PUT
                                        && op.stores()
                                        && op.ttl() == 0
                                        && op.found() == null
                                        && values.add(op.value())))
                && ops.stream().allMatch(op -> op.isUnknown() || !op.isRead() || op.found() != null);
    }

    static Verdict check(String key, List<Op> ops) {
        Map<String, Zone> byValue = new HashMap<>();
        Zone beginning = new Zone();
        beginning.add(Op.begun("-", Op.Kind.CLEAR, key, Long.MIN_VALUE).ended(Long.MIN_VALUE, Op.Outcome.OK));
        byValue.put(Op.NOTHING, beginning);
        for (Op op : ops) {
            if (!op.isRead()) {
                Zone zone = byValue.computeIfAbsent(op.value(), unused -> new Zone());
                zone.write = op;
                zone.add(op);
            }
        }
        for (Op op : ops) {
            if (!op.isRead() || op.isUnknown()) {
                continue;
            }
            Zone zone = byValue.get(op.found());
            if (zone == null || !zone.isOf(op)) {
                return Verdict.violation("key " + key + ": nobody wrote what was found by\n  " + op);
            }
            if (zone.write != null && op.isBefore(zone.write)) {
                return violation(key, List.of(op, zone.write));
            }
            zone.add(op);
        }
        List<Zone> forward = new ArrayList<>();
        List<Zone> backward = new ArrayList<>();
        byValue.values().forEach(zone -> (zone.isForward() ? forward : backward).add(zone));
        forward.sort(Comparator.comparing(Zone::end));
        for (int i = 1; i < forward.size(); i++) {
            if (forward.get(i).contradicts(forward.get(i - 1))) {
                return violation(key, forward.get(i - 1), forward.get(i));
            }
        }
        // They do not overlap now, so of those that end before a backward zone only the last can hold it.
        backward.sort(Comparator.comparing(Zone::begin));
        int before = 0;
        for (Zone zone : backward) {
            while (before < forward.size() && forward.get(before).end() < zone.begin()) {
                before++;
            }
            if (before > 0 && zone.contradicts(forward.get(before - 1))) {
                return violation(key, forward.get(before - 1), zone);
            }
        }
        return Verdict.OK;
    }

    private static Verdict violation(String key, Zone one, Zone other) {
        return violation(key, List.of(one.firstEnd, other.lastBegin, other.firstEnd, one.lastBegin));
    }

    private static Verdict violation(String key, List<Op> ops) {
        StringBuilder text = new StringBuilder("key " + key + " is not linearizable; there is no order of");
        ops.stream().distinct().forEach(op -> text.append("\n  ").append(op));
        return Verdict.violation(text.toString());
    }
}
