package io.concordcache.raft.history;

import java.util.ArrayList;
import java.util.List;

/** Tries all orders of a few operations on one key, with a specification of its own: the checker must say the same. */
final class BruteForce {
    /** A plain entry, as it is changed by one operation after the other; version 0 is one that was not told yet. */
    static final class Cell {
        String value = "";
        long version;
        Object livesBy;

        Cell copy() {
            Cell copy = new Cell();
            copy.value = value;
            copy.version = version;
            copy.livesBy = livesBy;
            return copy;
        }

        private void set(String to, long as, Object by) {
            value = to;
            version = to.isEmpty() ? 0 : as;
            livesBy = to.isEmpty() ? null : by;
        }

        /** Whether the operation is done, given what is there. */
        boolean does(Op op) {
            boolean there = !value.isEmpty();
            return switch (op.kind()) {
                case PUT_IF_ABSENT -> !there;
                case REMOVE, TOUCH -> there;
                case REPLACE -> there && value.equals(op.expected());
                case CAS -> there && op.expected().equals(String.valueOf(version));
                default -> true;
            };
        }

        void perform(Op op) {
            switch (op.kind()) {
                case PUT, PUT_IF_ABSENT, REPLACE, CAS -> set(op.value(), op.version(), op.ttl() > 0 ? op : null);
                case TOUCH -> livesBy = op.ttl() > 0 ? op : null;
                case REMOVE, CLEAR -> set("", 0, null);
                case GET -> version = value.isEmpty() || version != 0 ? version : op.version();
            }
        }

        boolean sees(Op op) {
            return (op.found() == null || op.found().equals(value))
                    && (op.kind() != Op.Kind.GET
                            || op.version() == 0
                            || op.version() == version
                            || (version == 0 && !value.isEmpty()));
        }
    }

    private record Step(Op op, boolean expiry, long from, long until) {}

    private BruteForce() {}

    static boolean isLinearizable(List<Op> ops, Rules rules) {
        List<Step> steps = new ArrayList<>();
        for (Op op : ops) {
            boolean unknown = op.outcome() == Op.Outcome.UNKNOWN;
            steps.add(new Step(op, false, op.began(), unknown ? Long.MAX_VALUE : op.ended()));
            if (op.ttl() > 0 && op.outcome() != Op.Outcome.FAILED) {
                steps.add(new Step(
                        op,
                        true,
                        op.began() + op.ttl() - rules.clockBound(),
                        unknown ? Long.MAX_VALUE : op.ended() + op.ttl() + rules.clockBound()));
            }
        }
        return place(new Cell(), steps, (1 << steps.size()) - 1, rules);
    }

    private static boolean place(Cell cell, List<Step> steps, int left, Rules rules) {
        long firstEnd = Long.MAX_VALUE;
        for (int i = 0; i < steps.size(); i++) {
            if ((left & 1 << i) != 0) {
                firstEnd = Math.min(firstEnd, steps.get(i).until);
            }
        }
        if (firstEnd == Long.MAX_VALUE) {
            return true;
        }
        for (int i = 0; i < steps.size(); i++) {
            Step next = steps.get(i);
            if ((left & 1 << i) == 0 || firstEnd < next.from) {
                continue;
            }
            int rest = left & ~(1 << i);
            if (next.expiry) {
                boolean early = (left & 1 << i - 1) != 0; // its operation is the one before
                Cell after = cell.copy();
                if (cell.livesBy == next.op) {
                    after.set("", 0, null);
                }
                if (!early && place(after, steps, rest, rules)) {
                    return true;
                }
                continue;
            }
            for (Cell before : rules.evicts() ? List.of(cell, new Cell()) : List.of(cell)) {
                Cell after = before.copy();
                if (happens(after, next.op) && place(after, steps, rest, rules)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean happens(Cell cell, Op op) {
        if (!cell.sees(op)) {
            return false;
        }
        boolean versionUnknown = op.kind() == Op.Kind.CAS && !cell.value.isEmpty() && cell.version == 0;
        if (versionUnknown && op.outcome() == Op.Outcome.FAILED) {
            return true;
        }
        boolean does =
                cell.does(op) || versionUnknown || (op.kind() == Op.Kind.REMOVE && op.outcome() != Op.Outcome.FAILED);
        if (op.outcome() == Op.Outcome.FAILED) {
            return !does;
        }
        if (does) {
            cell.perform(op);
        }
        return does;
    }
}
