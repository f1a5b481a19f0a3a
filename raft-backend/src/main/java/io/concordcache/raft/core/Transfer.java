package io.concordcache.raft.core;

import java.util.ArrayList;
import java.util.List;

/** The parts that have come so far of a command too large for one log entry. */
final class Transfer {
    private final int count;
    private final List<Bytes> parts;
    private final long deadlineMillis;

    Transfer(int count, long deadlineMillis) {
        this(count, deadlineMillis, new ArrayList<>());
    }

    private Transfer(int count, long deadlineMillis, List<Bytes> parts) {
        this.count = count;
        this.deadlineMillis = deadlineMillis;
        this.parts = parts;
    }

    int count() {
        return count;
    }

    List<Bytes> parts() {
        return parts;
    }

    long deadlineMillis() {
        return deadlineMillis;
    }

    boolean isNext(int index, int ofCount) {
        return index == parts.size() && ofCount == count;
    }

    void add(Bytes part) {
        parts.add(part);
    }

    boolean isComplete() {
        return parts.size() == count;
    }

    Bytes assembled() {
        byte[] all = new byte[parts.stream().mapToInt(Bytes::length).sum()];
        int position = 0;
        for (Bytes part : parts) {
            for (byte each : part.unwrap()) {
                all[position++] = each;
            }
        }
        return Bytes.wrap(all);
    }

    Transfer copy() {
        return new Transfer(count, deadlineMillis, new ArrayList<>(parts));
    }
}
