package io.concordcache.hibernate.stress;

import io.concordcache.hibernate.stress.FaultyStore.Canary;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The applications of this stress for clusters of others: the commands of its processes, each of which says {@code up} when
 * it is and ends with its input, and the verdict. They ask for less than on a cluster of their own.
 */
public final class Stress {
    private static final int ROWS = Applications.ROWS;
    private static final int THREADS = 2;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private Stress() {}

    /** What the notes of an application tell; times are those of {@link System#nanoTime}. */
    public interface Reader {
        /** A transaction that wrote is known to be committed. */
        void committed(long atNanos);

        void read(long atNanos);

        /** So many hits of the second-level cache and of that of queries it had, told if it ended by itself. */
        void hits(long count);
    }

    /** The server of the database. */
    public static List<String> database(String host) {
        return Database.H2.command(host, Path.of(""));
    }

    /** Makes the tables in the database of a host, and ends. */
    public static List<String> tables(String host) {
        return Applications.java(List.of(), "tables", Database.H2.url(host), String.valueOf(ROWS));
    }

    /** An application that uses a store and the database of a host, and adds to its notes. */
    public static List<String> application(URI store, String host, Path notes, long seed) {
        return Applications.java(
                List.of(),
                "application",
                store.toString(),
                Database.H2.url(host),
                notes.toString(),
                String.valueOf(ROWS),
                Canary.NONE.toString(),
                String.valueOf(seed),
                String.valueOf(THREADS),
                String.valueOf(PAUSE_NANOS));
    }

    /** One line for each read that was not the state of the database, by the notes of all its applications. */
    public static List<String> stale(List<Path> notes) {
        return Verdict.of(() -> notes.stream().flatMap(Notes::read), ROWS);
    }

    /** Goes through the notes of one application. */
    public static void read(Path notes, Reader reader) {
        try (Stream<Observation> all = Notes.read(notes)) {
            all.forEach(each -> {
                switch (each.what()) {
                    case BEGUN -> {}
                    case COMMITTED -> reader.committed(each.to());
                    case ROW, MARKS, NAMED, ALL -> reader.read(each.to());
                    case STATISTICS ->
                        reader.hits(Long.parseLong(each.words().get(0))
                                + Long.parseLong(each.words().get(2)));
                }
            });
        }
    }
}
