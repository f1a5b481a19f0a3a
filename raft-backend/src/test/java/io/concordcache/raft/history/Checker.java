package io.concordcache.raft.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that a history must satisfy: each part by the check that is made for it. */
public final class Checker {
    private Checker() {}

    public static Verdict check(List<Op> ops, Rules rules) {
        Verdict verdict = Verdict.OK;
        for (Map.Entry<String, List<Op>> each : byKey(ops).entrySet()) {
            List<Op> key = each.getValue();
            verdict = verdict.and(checkKey(each.getKey(), linearizable(key), rules));
            if (key.stream().anyMatch(op -> op.level() == Op.Level.COPY)) {
                verdict = verdict.and(checkKey(each.getKey(), copies(key, rules.copyAge()), rules));
            }
        }
        return verdict.and(TotalOrder.check(ops, rules)).and(Sessions.check(ops, rules));
    }

    private static Map<String, List<Op>> byKey(List<Op> ops) {
        Map<String, List<Op>> byKey = new TreeMap<>();
        ops.stream()
                .map(Op::key)
                .filter(key -> !key.equals(Op.ALL))
                .forEach(key -> byKey.putIfAbsent(key, new ArrayList<>()));
        for (Op op : ops) {
            if (op.key().equals(Op.ALL)) {
                byKey.values().forEach(of -> of.add(op));
            } else {
                byKey.get(op.key()).add(op);
            }
        }
        return byKey;
    }

    private static Verdict checkKey(String key, List<Op> ops, Rules rules) {
        return Zones.canCheck(ops, rules) ? Zones.check(key, ops) : Search.check(key, ops, rules);
    }

    private static List<Op> linearizable(List<Op> ops) {
        return ops.stream().filter(op -> op.level() == Op.Level.LINEARIZABLE).toList();
    }

    /**
     * The writes, and reads of copies as if they had begun earlier by the age that a copy may have: then what they found
     * was there within that time if and only if they are linearizable (Golab, Li and Shah).
     */
    private static List<Op> copies(List<Op> ops, long age) {
        List<Op> all = new ArrayList<>();
        for (Op op : ops) {
            if (!op.isRead()) {
                all.add(op);
            } else if (op.level() == Op.Level.COPY) {
                all.add(op.between(op.began() - age, op.ended(), op.outcome()));
            }
        }
        return all;
    }
}
