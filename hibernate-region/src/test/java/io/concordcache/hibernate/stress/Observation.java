package io.concordcache.hibernate.stress;

/**
 * What one process did or saw, as a line of its log. Times are of the monotonic clock that all processes of the machine
 * share, in nanoseconds.
 *
 * @param what written: the row got this version by a commit between the times; begun: a commit that may bring it began;
 *     read: the row had this version, and the read lay between the times; marked: the collection tells of this version or
 *     later; sum: that of the versions of all rows
 */
record Observation(What what, long row, long version, long from, long to) {
    enum What {
        BEGUN,
        WRITTEN,
        READ,
        MARKED,
        SUM
    }

    String line() {
        return what + " " + row + " " + version + " " + from + " " + to + "\n";
    }

    static Observation of(String line) {
        String[] words = line.split(" ");
        return new Observation(
                What.valueOf(words[0]),
                Long.parseLong(words[1]),
                Long.parseLong(words[2]),
                Long.parseLong(words[3]),
                Long.parseLong(words[4]));
    }
}
