package io.concordcache.raft.ratis;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Up to where the log is applied here, and who waits for more. */
final class AppliedIndex {
    private static final class Waiter extends CompletableFuture<Long> {
        private final long index;

        Waiter(long index) {
            this.index = index;
        }

        long index() {
            return index;
        }
    }

    private final Queue<Waiter> waiters = new PriorityQueue<>(Comparator.comparingLong(Waiter::index));
    private volatile long index = -1;
    private volatile boolean awaited;
    private @Nullable Throwable end;

    /** Index of the last entry applied, -1 for none. */
    long get() {
        return index;
    }

    /** Called by the thread that applies the log, after it has. */
    void reached(long now) {
        index = now;
        if (awaited) {
            wakeUp();
        }
    }

    private void wakeUp() {
        for (Waiter waiter = pollReached(); waiter != null; waiter = pollReached()) {
            waiter.complete(index);
        }
    }

    private synchronized @Nullable Waiter pollReached() {
        Waiter first = waiters.peek();
        if (first == null || first.index > index) {
            awaited = first != null;
            return null;
        }
        return waiters.poll();
    }

    /** Nothing more is applied here: who waits, or comes to, is told so. */
    void end(Throwable why) {
        List<Waiter> left;
        synchronized (this) {
            end = why;
            left = List.copyOf(waiters);
            waiters.clear();
        }
        left.forEach(waiter -> waiter.completeExceptionally(why));
    }

    /** Completes, on the thread that applies the log, when the entry of this index is applied; fails if it ends before. */
    CompletableFuture<Long> await(long wanted) {
        if (wanted <= index) {
            return CompletableFuture.completedFuture(index);
        }
        Waiter waiter = new Waiter(wanted);
        synchronized (this) {
            if (end != null) {
                return CompletableFuture.failedFuture(end);
            }
            waiters.add(waiter);
            awaited = true;
        }
        if (wanted <= index) {
            wakeUp();
        }
        return waiter;
    }
}
