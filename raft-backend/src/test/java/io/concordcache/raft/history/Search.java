package io.concordcache.raft.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether operations on one key are linearizable: looks for an order in which each could have seen what it did, and that
 * puts none behind one which began after it had ended (Wing and Gong). No configuration, that is a set of operations that
 * are placed and the state they lead to, is looked at twice (Lowe).
 *
 * <p>An entry with a time to live brings a hidden operation of its own, its expiry. One that changes nothing wherever it
 * stands is placed as soon as it can be: that never spoils an order.
 */
final class Search {
    /** The operation of the number {@code of}, or the expiry of what it has stored or touched. */
    private record Item(Op op, boolean expiry, int of, long from, long until) {
        boolean isOptional() {
            return until == Op.NEVER;
        }

        @Override
        public String toString() {
            return expiry ? "expiry of: " + op : op.toString();
        }
    }

    /**
     * @param first number of the first operation that is not placed; those that need not be placed have the numbers behind
     *     all others, and are not counted here
     * @param ahead those behind the first that are placed, counted from it
     * @param optional those placed that need not be
     */
    private record Configuration(int first, BitSet ahead, BitSet optional, KeyState state) {}

    /** A configuration and how it came about. */
    private record Node(Configuration at, Node parent, Item last, int depth) {}

    private final String key;
    private final Rules rules;
    private final List<Item> items = new ArrayList<>();
    private final int required;
    private final Set<Configuration> seen = new HashSet<>();
    private final Deque<Node> open = new ArrayDeque<>();

    private Search(String key, List<Op> ops, Rules rules) {
        this.key = key;
        this.rules = rules;
        List<Item> all = new ArrayList<>();
        for (Op op : ops) {
            if (op.isUnknown() && op.isRead()) {
                continue;
            }
            Item item = new Item(op, false, 0, op.began(), op.isUnknown() ? Op.NEVER : op.ended());
            all.add(item);
            if (op.ttl() > 0 && !op.isPure()) {
                long until = op.isUnknown() ? Op.NEVER : op.ended() + op.ttl() + rules.clockBound();
                all.add(new Item(op, true, 0, op.began() + op.ttl() - rules.clockBound(), until));
            }
        }
        all.sort(Comparator.comparing(Item::isOptional).thenComparing(Item::from));
        Map<Op, Integer> numbers = new IdentityHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).expiry) {
                numbers.put(all.get(i).op, i);
            }
        }
        for (Item item : all) {
            items.add(new Item(item.op, item.expiry, numbers.get(item.op), item.from, item.until));
        }
        required = (int) all.stream().filter(item -> !item.isOptional()).count();
    }

    static Verdict check(String key, List<Op> ops, Rules rules) {
        return new Search(key, ops, rules).run();
    }

    private Verdict run() {
        Node deepest = new Node(new Configuration(0, new BitSet(), new BitSet(), KeyState.ABSENT), null, null, 0);
        open.push(deepest);
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (node.at.first == required) {
                return Verdict.OK;
            }
            if (seen.size() > rules.budget()) {
                return Verdict.unknown("key " + key + ": given up after " + seen.size() + " configurations of "
                        + items.size() + " operations");
            }
            if (node.depth > deepest.depth) {
                deepest = node;
            }
            expand(node);
        }
        return Verdict.violation(explain(deepest));
    }

    private void expand(Node node) {
        List<Node> next = new ArrayList<>();
        for (int i : candidates(node.at)) {
            Item item = items.get(i);
            KeyState before = node.at.state;
            KeyState after = after(before, node.at, i);
            if (before.equals(after) && (item.expiry || item.op.isPure())) {
                push(place(node, i, after));
                return;
            }
            if (after != null) {
                next.add(place(node, i, after));
            }
            KeyState evicted = rules.evicts() && !before.isAbsent() ? after(KeyState.ABSENT, node.at, i) : null;
            if (evicted != null && !evicted.equals(after)) {
                next.add(place(node, i, evicted));
            }
        }
        for (int i = next.size() - 1; i >= 0; i--) {
            push(next.get(i));
        }
    }

    private void push(Node node) {
        if (seen.add(node.at)) {
            open.push(node);
        }
    }

    private KeyState after(KeyState before, Configuration at, int i) {
        Item item = items.get(i);
        if (!item.expiry) {
            return before.after(item.op, i);
        }
        return isPlaced(at, item.of) ? before.expired(item.of) : null;
    }

    private boolean isPlaced(Configuration at, int i) {
        return i >= required ? at.optional.get(i - required) : i < at.first || at.ahead.get(i - at.first);
    }

    /** Numbers of those that can be next: they began before any other that is not placed has ended. */
    private List<Integer> candidates(Configuration at) {
        List<Integer> candidates = new ArrayList<>();
        long firstEnd = Op.NEVER;
        for (int i = at.first; i < required && items.get(i).from <= firstEnd; i++) {
            if (!isPlaced(at, i)) {
                candidates.add(i);
                firstEnd = Math.min(firstEnd, items.get(i).until);
            }
        }
        long end = firstEnd;
        candidates.removeIf(i -> items.get(i).from > end);
        for (int i = required; i < items.size() && items.get(i).from <= end; i++) {
            if (!isPlaced(at, i)) {
                candidates.add(i);
            }
        }
        return candidates;
    }

    private Node place(Node node, int i, KeyState after) {
        Configuration at = node.at;
        Configuration next;
        if (i >= required) {
            BitSet optional = (BitSet) at.optional.clone();
            optional.set(i - required);
            next = new Configuration(at.first, at.ahead, optional, after);
        } else {
            BitSet ahead = (BitSet) at.ahead.clone();
            ahead.set(i - at.first);
            int run = ahead.nextClearBit(0);
            next = new Configuration(at.first + run, ahead.get(run, Math.max(run, ahead.length())), at.optional, after);
        }
        return new Node(next, node, items.get(i), node.depth + 1);
    }

    /** The order that went furthest, where it ends, and what could not be placed then. */
    private String explain(Node node) {
        List<Integer> left = candidates(node.at);
        Item stuck = left.stream()
                .map(items::get)
                .min(Comparator.comparing(Item::until))
                .orElseThrow();
        StringBuilder text = new StringBuilder("key ").append(key).append(" is not linearizable; no place for\n  ");
        text.append(stuck).append("\nafter\n");
        Deque<Item> placed = new ArrayDeque<>();
        for (Node each = node; each.last != null && placed.size() < 5; each = each.parent) {
            placed.push(each.last);
        }
        placed.forEach(item -> text.append("  ").append(item).append('\n'));
        text.append("when there was ").append(node.at.state);
        left.stream()
                .map(items::get)
                .filter(item -> item != stuck)
                .limit(5)
                .forEach(item -> text.append("\n  at the same time ").append(item));
        return text.toString();
    }
}
