package io.concordcache.hibernate.stress;

import java.util.List;

/**
 * What one process did or saw, as a line of its notes. Times are of the monotonic clock that all processes of the machine
 * share, in nanoseconds.
 *
 * @param row 0 if it is of no row
 * @param from when a read began; for what is written a moment between the change of the row and the commit
 * @param to when a read had ended; for {@link What#COMMITTED} a moment between the commit and the end of the soft locks
 */
record Observation(What what, long row, long from, long to, List<String> words) {
    /** For what is not there. */
    static final String NONE = "-";

    /** In {@link What#BEGUN}: as it was before. */
    static final String SAME = "=";

    enum What {
        /** Is about to be committed: name of the transaction, number of the state of the row, content, name, marks. */
        BEGUN,
        /** The transaction of this name. */
        COMMITTED,
        /** Content and name were read. */
        ROW,
        /** The collection was read. */
        MARKS,
        /** Whether there was a row of this name. */
        NAMED,
        /** The content of all rows, at one moment. */
        ALL,
        /** So many hits and misses of the second-level cache, and hits of the query cache, a process had. */
        STATISTICS
    }

    Observation {
        words = List.copyOf(words);
    }

    Observation(What what, long row, long from, long to, String... words) {
        this(what, row, from, to, List.of(words));
    }

    String line() {
        return what + " " + row + " " + from + " " + to + " " + String.join(" ", words) + " .\n";
    }

    /** Null if the end of the line is missing, because its writer was killed. */
    static Observation of(String line) {
        if (!line.endsWith(" .")) {
            return null;
        }
        String[] words = line.split(" ");
        return new Observation(
                What.valueOf(words[0]),
                Long.parseLong(words[1]),
                Long.parseLong(words[2]),
                Long.parseLong(words[3]),
                List.of(words).subList(4, words.length - 1));
    }
}
