package io.concordcache.raft.evict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Requests by Zipf's law, the same at each run, and how Caffeine itself does with them. */
public final class Workload {
    private static final long SEED = 107;

    private Workload() {}

    /** The k-th most frequent key comes 1/k as often as the first. */
    public static int[] zipf(int keys, int requests) {
        double[] cumulated = new double[keys];
        double sum = 0;
        for (int i = 0; i < keys; i++) {
            sum += 1.0 / (i + 1);
            cumulated[i] = sum;
        }
        SplittableRandom random = new SplittableRandom(SEED);
        int[] drawn = new int[requests];
        for (int i = 0; i < requests; i++) {
            int found = Arrays.binarySearch(cumulated, random.nextDouble() * sum);
            drawn[i] = found < 0 ? -found - 1 : found;
        }
        return drawn;
    }

    /** Hits in a hundred of a plain Caffeine of so many entries that is read through. */
    public static double caffeine(int[] requests, int maxEntries) {
        Cache<Integer, Integer> cache = Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .executor(Runnable::run)
                .build();
        int hits = 0;
        for (int key : requests) {
            if (cache.getIfPresent(key) == null) {
                cache.put(key, key);
            } else {
                hits++;
            }
        }
        return 100.0 * hits / requests.length;
    }
}
