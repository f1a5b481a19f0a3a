package io.concordcache.raft.core;

import java.util.ArrayList;
import java.util.List;

/** The parts that have come so far of a command too large for one log entry. One writer; any thread may read. */
final class Transfer {
    private final int count;
    private final long deadlineMillis;
    private volatile List<Bytes> parts;

    Transfer(int count, long deadlineMillis) {
        this(count, deadlineMillis, List.of());
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
        List<Bytes> more = new ArrayList<>(parts);
        more.add(part);
        parts = List.copyOf(more);
    }

    /** Of all parts together. */
    long bytes() {
        return parts.stream().mapToLong(Bytes::length).sum();
    }

    boolean isComplete() {
        return parts.size() == count;
    }

    Bytes assembled() {
        return assembled(parts);
    }

    /** As {@link #assembled} will be once this is added. */
    Bytes assembledWith(Bytes last) {
        List<Bytes> all = new ArrayList<>(parts);
        all.add(last);
        return assembled(all);
    }

    private static Bytes assembled(List<Bytes> parts) {
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
        return new Transfer(count, deadlineMillis, parts);
    }
}
