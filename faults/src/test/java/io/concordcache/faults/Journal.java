package io.concordcache.faults;

import io.concordcache.raft.history.Op;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What one caller asked and was told, in a file that outlives it. Before a write is sent it stands there with {@code >};
 * what came of it follows, as {@link Op}s or as {@code x BEGAN ENDED} if it was not done. So what stands at the end without
 * an answer, or is followed by {@code ?}, may have been done or not. {@code !} begins what must not happen. One line is
 * written at once, so only the last can be torn. For one thread.
 */
final class Journal implements AutoCloseable {
    private final OutputStream out;

    Journal(Path file) {
        try {
            out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** About to be sent. */
    void begins(List<Op> ops) {
        write(ops.stream().map(op -> ">" + op + "\n").collect(Collectors.joining()));
    }

    void done(List<Op> ops) {
        write(ops.stream().map(op -> op + "\n").collect(Collectors.joining()));
    }

    void notDone(long began, long ended) {
        write("x " + began + " " + ended + "\n");
    }

    void unknown(long began, long ended) {
        write("? " + began + " " + ended + "\n");
    }

    void wrong(String what) {
        write("! " + what.replace('\n', ' ') + "\n");
    }

    private void write(String lines) {
        try {
            out.write(lines.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a reader of journals is told. */
    interface Reader {
        /** This may have been done, now or at any time; whoever asked has gone on, or ended. */
        void operation(Op op);

        /**
         * A call came to nothing that counts.
         *
         * @param known whether it is sure that nothing was done
         */
        void answered(boolean known, long began, long ended);

        void wrong(String what);
    }

    /** Reads one journal bit by bit, while it is written. */
    static final class Tail {
        private final Path file;
        private final Reader reader;
        private final List<Op> open = new ArrayList<>();
        private long position;

        Tail(Path file, Reader reader) {
            this.file = file;
            this.reader = reader;
        }

        /** Tells the reader of all whole lines that are new. */
        void read() {
            byte[] news;
            try (InputStream in = Files.newInputStream(file)) {
                in.skipNBytes(position);
                news = in.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            int from = 0;
            for (int i = 0; i < news.length; i++) {
                if (news[i] == '\n') {
                    line(new String(news, from, i - from, StandardCharsets.UTF_8));
                    from = i + 1;
                }
            }
            position += from;
        }

        private void line(String line) {
            char first = line.charAt(0);
            if (first == '>') {
                open.add(Op.parse(line.substring(1)));
            } else if (first == '!') {
                reader.wrong(line.substring(2));
            } else if (first == '?' || first == 'x') {
                String[] words = line.split(" ");
                if (first == '?') {
                    open.forEach(reader::operation);
                }
                open.clear();
                reader.answered(first == 'x', Long.parseLong(words[1]), Long.parseLong(words[2]));
            } else {
                open.clear();
                reader.operation(Op.parse(line));
            }
        }

        /** Answers of these are not waited for any longer: they stay without. */
        void giveUp(Predicate<Op> which) {
            List<Op> some = open.stream().filter(which).toList();
            some.forEach(reader::operation);
            open.removeAll(some);
        }
    }
}
