package io.concordcache.faults;

import io.concordcache.raft.history.Checker;
import io.concordcache.raft.history.Op;
import io.concordcache.raft.history.Rules;
import io.concordcache.raft.history.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads what all callers noted and gives it to the checker, generation of keys by generation, when all callers have gone on
 * to others. For one thread.
 */
final class Judge {
    /** How far an entry's end may lie from its time to live: messages, ticks and a busy machine. */
    static final long CLOCK_BOUND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long ANY_TIME_NANOS = TimeUnit.HOURS.toNanos(1_000);
    private static final int BUDGET = 500_000;

    /** One thing that must not happen. */
    record Finding(String group, String kind, long atNanos, String what) {}

    /** While the wall clock of a member jumps, the replicated clock may jump with it. */
    record Jump(long fromNanos, long untilNanos) {}

    private final Path journals;
    private final Path evidence;
    private final long baseNanos;
    private final Counts counts;
    private final Map<Path, Journal.Tail> tails = new TreeMap<>();
    private final Map<String, List<Op>> groups = new HashMap<>();
    private final List<Jump> jumps = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private long judgedGeneration = -1;
    private long judgedGroups;

    /**
     * Reads all journals of a directory.
     *
     * @param evidence where operations that contradict each other are written
     */
    Judge(Path journals, Path evidence, long baseNanos, Counts counts) {
        this.journals = journals;
        this.evidence = evidence;
        this.baseNanos = baseNanos;
        this.counts = counts;
    }

    void jump(long fromNanos, long untilNanos) {
        jumps.add(new Jump(fromNanos, untilNanos));
    }

    List<Finding> findings() {
        return findings;
    }

    long judgedGroups() {
        return judgedGroups;
    }

    /** Reads what is new, and judges all generations that ended before this time; none of their callers is to come. */
    void judge(long before) {
        long last = Keys.generation(baseNanos, before) - 1;
        try (Stream<Path> files = Files.list(journals)) {
            files.filter(file -> file.toString().endsWith(".ops"))
                    .forEach(file -> tails.computeIfAbsent(file, this::tail));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tails.values().forEach(Journal.Tail::read);
        tails.values().forEach(tail -> tail.giveUp(op -> generationOf(groupOf(op)) <= last));
        for (Iterator<Map.Entry<String, List<Op>>> all = groups.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, List<Op>> group = all.next();
            if (generationOf(group.getKey()) <= last) {
                judge(group.getKey(), group.getValue());
                all.remove();
            }
        }
        judgedGeneration = Math.max(judgedGeneration, last);
        removeOld();
    }

    private Journal.Tail tail(Path file) {
        String name = file.getFileName().toString();
        String process = name.substring(0, name.indexOf('_'));
        return new Journal.Tail(file, new Journal.Reader() {
            @Override
            public void operation(Op op) {
                String group = groupOf(op);
                if (generationOf(group) > judgedGeneration) {
                    groups.computeIfAbsent(group, unused -> new ArrayList<>()).add(op);
                }
                counts.add(process, op);
            }

            @Override
            public void answered(boolean known, long began, long ended) {
                counts.failed(process, known, began);
            }

            @Override
            public void wrong(String what) {
                findings.add(new Finding("", "told", System.nanoTime(), name + ": " + what));
            }
        });
    }

    /** A clear concerns all keys of the cache of one generation. */
    private static String groupOf(Op op) {
        return op.key().equals(Op.ALL) ? Mix.Group.MANY.letter() + op.call() : Keys.groupOf(op.key());
    }

    private static long generationOf(String group) {
        return Long.parseLong(group.substring(1));
    }

    private Rules rules(String group) {
        long bound = CLOCK_BOUND_NANOS;
        if (group.startsWith(Mix.Group.TTL.letter())) {
            long from = baseNanos + generationOf(group) * Keys.GENERATION_NANOS;
            long until = from + 2 * Keys.GENERATION_NANOS; // the last of its entries has ended
            boolean jumped = jumps.stream().anyMatch(jump -> jump.fromNanos < until && from < jump.untilNanos);
            bound = jumped ? ANY_TIME_NANOS : bound;
        }
        return new Rules(bound, false, Worker.COPY_AGE.toNanos(), BUDGET);
    }

    private void judge(String group, List<Op> ops) {
        judgedGroups++;
        Verdict verdict = Checker.check(ops, rules(group));
        if (!verdict.isOk()) {
            long last = ops.stream().mapToLong(Op::began).max().orElse(baseNanos);
            findings.add(new Finding(group, Text.lower(verdict.result()), last, verdict.why()));
            try {
                Files.createDirectories(evidence);
                Files.writeString(
                        evidence.resolve(group + ".ops"),
                        verdict + "\n\n" + ops.stream().map(Op::toString).collect(Collectors.joining("\n")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Journals of epochs that are judged, and in which all was well. */
    private void removeOld() {
        if (!findings.isEmpty()) {
            return;
        }
        for (Iterator<Path> files = tails.keySet().iterator(); files.hasNext(); ) {
            Path file = files.next();
            String name = file.getFileName().toString();
            int dash = name.indexOf('-');
            if (dash > 0
                    && Long.parseLong(name.substring(dash + 1, name.length() - ".ops".length()))
                            < Keys.epoch(judgedGeneration) - 1) {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                files.remove();
            }
        }
    }
}
