package io.concordcache.benchmarks.member;

/**
 * What one member is told to do.
 *
 * @param valueBytes of a value
 * @param keys that are there, and among which to choose
 */
public record Task(Work work, ValueType type, int valueBytes, int keys, int threads, long millis) {

    /** One word for each part. */
    public String toLine() {
        return "%s %s %d %d %d %d".formatted(work, type, valueBytes, keys, threads, millis);
    }

    static Task of(String line) {
        String[] words = line.split(" ", -1);
        return new Task(
                Work.valueOf(words[0]),
                ValueType.valueOf(words[1]),
                Integer.parseInt(words[2]),
                Integer.parseInt(words[3]),
                Integer.parseInt(words[4]),
                Long.parseLong(words[5]));
    }
}
