package io.concordcache.hibernate.stress;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/** The file of what a process did and saw. Each line is written at once: the process may be killed at any moment. */
final class Notes {
    private final FileOutputStream file;

    Notes(Path path) throws IOException {
        file = new FileOutputStream(path.toFile(), true);
    }

    /** What was noted in a file, without the end of a line that its writer was killed in. */
    static Stream<Observation> read(Path path) {
        try {
            return Files.lines(path).map(Observation::of).filter(Objects::nonNull);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of a read that began at this time and has ended. */
    void read(Observation.What what, long row, long from, String... words) {
        write(new Observation(what, row, from, System.nanoTime(), words));
    }

    void write(Observation observation) {
        try {
            file.write(observation.line().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
