package io.concordcache.raft.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The parts that have come so far of a command too large for one log entry. One writer; what is read by others meanwhile is
 * guarded.
 */
final class Transfer {
    private final int count;
    private final List<Bytes> parts;
    private final long deadlineMillis;
    private long bytes;

    Transfer(int count, long deadlineMillis) {
        this(count, deadlineMillis, new ArrayList<>());
    }

    private Transfer(int count, long deadlineMillis, List<Bytes> parts) {
        this.count = count;
        this.deadlineMillis = deadlineMillis;
        this.parts = parts;
        parts.forEach(part -> bytes += part.length());
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

    synchronized void add(Bytes part) {
        parts.add(part);
        bytes += part.length();
    }

    /** Of all parts together. */
    synchronized long bytes() {
        return bytes;
    }

    synchronized int size() {
        return parts.size();
    }

    /** All parts and this one as the command that they make. */
    synchronized Bytes assembledWith(Bytes last) {
        Transfer whole = copy();
        whole.add(last);
        return whole.assembled();
    }

    boolean isComplete() {
        return parts.size() == count;
    }

    Bytes assembled() {
        byte[] all = new byte[Math.toIntExact(bytes)];
        int position = 0;
        for (Bytes part : parts) {
            for (byte each : part.unwrap()) {
                all[position++] = each;
            }
        }
        return Bytes.wrap(all);
    }

    synchronized Transfer copy() {
        return new Transfer(count, deadlineMillis, new ArrayList<>(parts));
    }
}
