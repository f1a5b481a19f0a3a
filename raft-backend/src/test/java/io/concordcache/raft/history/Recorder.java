package io.concordcache.raft.history;

import java.util.ArrayList;
import java.util.List;

/** Writes a history down: an operation when it is called, and again when it returns. For one thread. */
public final class Recorder {
    private final List<Op> ops = new ArrayList<>();

    /** The operation has been called; returns its number. */
    public int begin(Op op) {
        ops.add(op);
        return ops.size() - 1;
    }

    public Op get(int number) {
        return ops.get(number);
    }

    /** More is known of an operation. */
    public void set(int number, Op op) {
        ops.set(number, op);
    }

    public void add(Op op) {
        ops.add(op);
    }

    /** Those that have not returned are of unknown outcome. */
    public List<Op> ops() {
        return List.copyOf(ops);
    }
}
