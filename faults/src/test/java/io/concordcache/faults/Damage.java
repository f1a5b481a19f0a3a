package io.concordcache.faults;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Damages files of a member that does not run. */
final class Damage {
    private static final int NEAR_THE_END = 4_096;
    private static final int MOST_TORN = 200;

    private Damage() {}

    /** Cuts the last bytes off the newest file of the log; says what it did. */
    static String tear(Path data, double strength) throws IOException {
        Path file = newest(data, "log_inprogress_.*|log_\\d+-\\d+");
        if (file == null) {
            return "there was no log";
        }
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "rw")) {
            long end = writtenEnd(log);
            long left = Math.max(0, end - 1 - (long) (strength * MOST_TORN));
            log.setLength(left);
            return file.getFileName() + " cut from " + end + " to " + left;
        }
    }

    /** Flips a bit near the end of what is written in the newest file of the log. */
    static String flipLog(Path data, double strength) throws IOException {
        return flip(newest(data, "log_inprogress_.*|log_\\d+-\\d+"), strength, NEAR_THE_END);
    }

    /** Flips a bit anywhere in the newest snapshot. */
    static String flipSnapshot(Path data, double strength) throws IOException {
        return flip(newest(data, "snapshot\\.\\d+_\\d+"), strength, Integer.MAX_VALUE);
    }

    private static String flip(Path file, double strength, int within) throws IOException {
        if (file == null) {
            return "there was none";
        }
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long end = writtenEnd(bytes);
            if (end == 0) {
                return file.getFileName() + " was empty";
            }
            long at = end - 1 - (long) (strength * Math.min(end, within));
            bytes.seek(Math.max(0, at));
            int was = bytes.read();
            bytes.seek(Math.max(0, at));
            bytes.write(was ^ 1 << (at & 7));
            return file.getFileName() + " flipped at " + at + " of " + end;
        }
    }

    /** A file of the log is made longer ahead of what is written, with zeros. */
    private static long writtenEnd(RandomAccessFile file) throws IOException {
        byte[] all = new byte[(int) file.length()];
        file.seek(0);
        file.readFully(all);
        int end = all.length;
        while (end > 0 && all[end - 1] == 0) {
            end--;
        }
        return end;
    }

    private static Path newest(Path data, String names) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            List<Path> some = all.filter(file -> file.getFileName().toString().matches(names))
                    .sorted(Comparator.comparing(Damage::number))
                    .toList();
            return some.isEmpty() ? null : some.get(some.size() - 1);
        }
    }

    private static long number(Path file) {
        String[] parts = file.getFileName().toString().split("\\D+");
        return Long.parseLong(parts[parts.length - 1]);
    }
}
