package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.history.Op;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    private Path directory;

    /** Notes what it is told, a line each. */
    private static final class Told implements Journal.Reader {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void operation(Op op) {
            lines.add(op.toString());
        }

        @Override
        public void answered(boolean known, long began, long ended) {
            lines.add((known ? "not done " : "unknown ") + began + " " + ended);
        }

        @Override
        public void wrong(String what) {
            lines.add("wrong " + what);
        }
    }

    private static Op put(String key, long began, String value) {
        return Op.begun("s", Op.Kind.PUT, key, began).with("value", value);
    }

    private List<String> told(Journal.Tail tail, Told told) {
        tail.read();
        List<String> lines = List.copyOf(told.lines);
        told.lines.clear();
        return lines;
    }

    @Test
    void tellsWhatCameOfEachOperation() {
        Path file = directory.resolve("a.ops");
        Told told = new Told();
        Journal.Tail tail;
        try (Journal journal = new Journal(file)) {
            tail = new Journal.Tail(file, told);
            Op first = put("k", 1, "a");
            journal.begins(List.of(first));
            assertThat(told(tail, told)).isEmpty();
            journal.done(List.of(first.ended(5, Op.Outcome.OK)));
            assertThat(told(tail, told)).containsExactly("s put k 1 5 ok value=a");
            journal.begins(List.of(put("k", 6, "b"), put("l", 6, "c")));
            journal.unknown(6, 9);
            assertThat(told(tail, told))
                    .containsExactly("s put k 6 - unknown value=b", "s put l 6 - unknown value=c", "unknown 6 9");
            journal.begins(List.of(put("k", 10, "d")));
            journal.notDone(10, 11);
            journal.wrong("two\nlines");
            assertThat(told(tail, told)).containsExactly("not done 10 11", "wrong two lines");
        }
    }

    @Test
    void whatAKilledProcessLeftIsUnknownOnceNobodyWaitsForIt() throws Exception {
        Path file = directory.resolve("a.ops");
        Told told = new Told();
        Journal.Tail tail = new Journal.Tail(file, told);
        try (Journal journal = new Journal(file)) {
            journal.begins(List.of(put("k", 1, "a"), put("l", 1, "b")));
        }
        Files.writeString(file, "s put k 1 5 o", StandardOpenOption.APPEND); // torn
        assertThat(told(tail, told)).isEmpty();
        tail.giveUp(op -> op.key().equals("k"));
        assertThat(told(tail, told)).containsExactly("s put k 1 - unknown value=a");
    }
}
