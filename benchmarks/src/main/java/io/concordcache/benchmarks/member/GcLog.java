package io.concordcache.benchmarks.member;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the JVM wrote to {@code -Xlog:gc:file=}.
 *
 * @param from how many bytes of it are known already
 */
public record GcLog(Path file, int from) {
    /** Its name in the directory of a member. */
    public static final String FILE = "gc.log";

    private static final Pattern PAUSE = Pattern.compile("Pause .* ([0-9.]+)ms$", Pattern.MULTILINE);

    GcLog from(int position) {
        return new GcLog(file, position);
    }

    Pauses read() throws IOException {
        byte[] all = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        int start = Math.min(from, all.length);
        Matcher pauses = PAUSE.matcher(new String(Arrays.copyOfRange(all, start, all.length), StandardCharsets.UTF_8));
        int count = 0;
        double total = 0;
        double longest = 0;
        while (pauses.find()) {
            double millis = Double.parseDouble(pauses.group(1));
            count++;
            total += millis;
            longest = Math.max(longest, millis);
        }
        return new Pauses(count, total, longest, all.length);
    }

    /**
     * Pauses of the collector since they were last asked for.
     *
     * @param end up to where the log was read
     */
    public record Pauses(int count, double totalMillis, double longestMillis, int end) {
        public static final Pauses NONE = new Pauses(0, 0, 0, 0);

        /** Those of two JVMs. */
        public Pauses and(Pauses other) {
            return new Pauses(
                    count + other.count,
                    totalMillis + other.totalMillis,
                    Math.max(longestMillis, other.longestMillis),
                    0);
        }

        String toLine() {
            return count + " " + totalMillis + " " + longestMillis + " " + end;
        }

        public static Pauses of(String line) {
            String[] words = line.split(" ", -1);
            return new Pauses(
                    Integer.parseInt(words[0]),
                    Double.parseDouble(words[1]),
                    Double.parseDouble(words[2]),
                    Integer.parseInt(words[3]));
        }
    }
}
