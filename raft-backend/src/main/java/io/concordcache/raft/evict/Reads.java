package io.concordcache.raft.evict;

import io.concordcache.raft.core.Bytes;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keys of one cache that were read and that the policy has not heard of yet. Lossy, so that it costs a reader next to
 * nothing: no lock and no atomic step; what comes too fast overwrites what came before, and readers that meet on a stripe
 * may overwrite each other's key.
 */
final class Reads {
    /** Keys kept for each stripe. */
    static final int SIZE = 1024;

    /** After so many on one stripe the policy should hear of them. */
    static final int MANY = 256;

    /** What a key takes of the room beside its bytes. */
    private static final int OVERHEAD = 8;

    private static final int STRIPES = Math.min(
            8, Integer.highestOneBit(Math.max(1, 2 * Runtime.getRuntime().availableProcessors() - 1)));

    private static final class Stripe {
        private final @Nullable Bytes[] keys = new Bytes[SIZE];
        private final AtomicInteger next = new AtomicInteger();
        /** Of the thread that drains. */
        private int taken;
    }

    private final Stripe[] stripes = new Stripe[STRIPES];
    private final Runnable many;

    /** Calls {@code many}, on a reader's thread, each time when many were added. */
    Reads(Runnable many) {
        this.many = many;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    void add(Bytes key) {
        Stripe stripe = stripes[(int) Thread.currentThread().getId() & (STRIPES - 1)];
        int at = stripe.next.getPlain();
        stripe.keys[at & (SIZE - 1)] = key;
        stripe.next.setRelease(at + 1); // after the key; two readers may both come from the same number
        if ((at & (MANY - 1)) == MANY - 1) {
            many.run();
        }
    }

    /** Takes out keys until this room is filled, the oldest of each stripe first; one thread at a time. Returns the rest. */
    int drain(int room, Consumer<Bytes> to) {
        int left = room;
        for (Stripe stripe : stripes) {
            int end = stripe.next.getAcquire();
            int at = oldest(stripe.taken, end);
            for (; at != end && left > 0; at++) {
                Bytes key = stripe.keys[at & (SIZE - 1)];
                stripe.keys[at & (SIZE - 1)] = null;
                if (key != null) {
                    to.accept(key);
                    left -= key.length() + OVERHEAD;
                }
            }
            stripe.taken = at;
        }
        return left;
    }

    /** Where the keys begin that are still there, of those from this number to that: readers that meet may set it back. */
    static int oldest(int taken, int end) {
        int waiting = end - taken;
        return waiting < 0 ? end : waiting > SIZE ? end - SIZE : taken;
    }
}
