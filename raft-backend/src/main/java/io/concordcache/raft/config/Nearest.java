package io.concordcache.raft.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that was probably meant. */
final class Nearest {
    private static final int SHORTEST_PART = 4;
    /** Nothing that is longer was meant to be a known word, and comparing it would take long. */
    private static final int LONGEST_WORD = 500;

    private Nearest() {}

    /**
     * The known word with the least distance, unless it is so far that it would be a guess. A known word that
     * contains the given one is near, {@code timeout} means {@code operation-timeout}, and so are one that it contains
     * and one with the same last part.
     */
    static Optional<String> to(String word, Collection<String> known) {
        if (word.length() > LONGEST_WORD) {
            return Optional.empty();
        }
        Optional<String> nearest = known.stream()
                .min(Comparator.<String>comparingInt(each -> distance(word, each))
                        .thenComparing(each -> each))
                .filter(each -> distance(word, each) <= Math.max(2, word.length() / 3));
        return nearest.or(() -> known.stream()
                        .filter(each -> isPart(word, each) || lastPart(each).equals(lastPart(word)))
                        .findFirst())
                .or(() -> known.stream().filter(each -> isPart(each, word)).max(Comparator.comparing(String::length)));
    }

    private static String lastPart(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    private static boolean isPart(String part, String whole) {
        return part.length() >= SHORTEST_PART && whole.contains(part);
    }

    /**
     * Damerau-Levenshtein distance, in its restricted form: insertions, deletions, substitutions and swaps of
     * neighbours that are not edited again.
     */
    static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substitution, Math.min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
        }
        return row[b.length()];
    }
}
