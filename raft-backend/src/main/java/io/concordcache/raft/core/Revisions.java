package io.concordcache.raft.core;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * For each key a number that changes whenever the key does: whoever remembers the number of when he read a key need not
 * read it again while it is the same. Keys share numbers, a few each. One writer; readers on any thread.
 *
 * <p>A number is odd while a key of it is being changed, as in a sequence lock: it changes before the new state can be
 * seen, and what was read meanwhile has no number to be remembered by.
 */
final class Revisions {
    private static final int SMALLEST = 64;
    private static final int LARGEST = 4096;
    private static final int KEYS_EACH = 4;

    /** Both parts only ever grow, so their sum is the same only while both are. */
    private record Numbers(long base, AtomicLongArray stripes) {
        int stripe(Bytes key) {
            return key.hashCode() & (stripes.length() - 1);
        }
    }

    private volatile Numbers numbers = new Numbers(0, new AtomicLongArray(SMALLEST));

    /** The number of a key; odd while it is being changed. */
    long of(Bytes key) {
        Numbers now = numbers;
        return now.base + now.stripes.getAcquire(now.stripe(key));
    }

    /** A key of a cache with so many is about to change. */
    void changing(Bytes key, int keys) {
        if (keys > numbers.stripes.length() * KEYS_EACH && numbers.stripes.length() < LARGEST) {
            grow();
        }
        add(key);
    }

    /** What can be read of the key is what will stay. */
    void changed(Bytes key) {
        add(key);
    }

    private void add(Bytes key) {
        Numbers now = numbers;
        int stripe = now.stripe(key);
        now.stripes.setRelease(stripe, now.stripes.getPlain(stripe) + 1);
    }

    private void grow() {
        Numbers now = numbers;
        long highest = 0;
        for (int i = 0; i < now.stripes.length(); i++) {
            highest = Math.max(highest, now.stripes.getPlain(i));
        }
        numbers = new Numbers(now.base + highest + 2, new AtomicLongArray(2 * now.stripes.length()));
    }

    /** All keys are about to change, or have done so. */
    void changeAll() {
        numbers = new Numbers(numbers.base + 1, numbers.stripes);
    }
}
