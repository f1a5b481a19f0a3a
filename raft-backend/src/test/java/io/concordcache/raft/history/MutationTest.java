package io.concordcache.raft.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.local.LocalStore;
import io.concordcache.raft.store.ReadLevel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Histories of a real store, and each with one wrong thing in it. All values differ, so none comes back, and each of these
 * is wrong by construction.
 */
class MutationTest {
    private static final int HISTORIES = 1_000;
    private static final int STEPS = 80;

    /** Operations that each happened at a time of its own, between its begin and its end. */
    private static List<Op> record(Random random) {
        List<Op> ops = new ArrayList<>();
        try (LocalStore store = new LocalStore(() -> 1_000)) {
            long cache = store.execute(new Command.CreateCache(CacheDefinition.named("c")))
                    .afterVersion();
            for (int i = 1; i <= STEPS; i++) {
                String key = "k" + random.nextInt(3);
                long at = 10L * i;
                Op op = Op.begun("s" + i, Op.Kind.GET, key, at - random.nextInt(25))
                        .ended(at + random.nextInt(25), Op.Outcome.OK);
                ops.add(
                        switch (random.nextInt(6)) {
                            case 0 -> write(store, cache, op, Op.Kind.PUT, Condition.ANY, "v" + i);
                            case 1 -> write(store, cache, op, Op.Kind.PUT_IF_ABSENT, Condition.ABSENT, "v" + i);
                            case 2 ->
                                random.nextInt(4) == 0
                                        ? write(store, cache, op, Op.Kind.PUT, Condition.ANY, "v" + i)
                                        : compareAndSet(store, cache, op, "v" + i);
                            default -> read(store, cache, op);
                        });
            }
        }
        return ops;
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Op as(Op op, Op.Kind kind, boolean held) {
        return Op.begun(op.session(), kind, op.key(), op.began())
                .ended(op.ended(), held ? Op.Outcome.OK : Op.Outcome.FAILED);
    }

    private static Op read(LocalStore store, long cache, Op op) {
        Entry entry = store.get(cache, bytes(op.key()), ReadLevel.LINEARIZABLE);
        return entry == null
                ? op.with("found", "")
                : op.with("found", new String(entry.value().unwrap(), StandardCharsets.UTF_8))
                        .with("version", entry.version());
    }

    private static Op write(LocalStore store, long cache, Op op, Op.Kind kind, Condition when, String value) {
        Outcome outcome = store.execute(
                new Command.Write(cache, bytes(op.key()), when, new Mutation.Put(bytes(value), Expiry.ETERNAL)));
        Op done = as(op, kind, outcome.held()).with("value", value);
        return outcome.held()
                ? done.with("version", outcome.afterVersion()).with("index", outcome.afterVersion())
                : done;
    }

    private static Op compareAndSet(LocalStore store, long cache, Op op, String value) {
        Op seen = read(store, cache, op);
        long expected = Math.max(1, seen.version() - (op.began() % 2));
        return write(store, cache, op, Op.Kind.CAS, new Condition.VersionIs(expected), value)
                .with("expected", expected);
    }

    private interface Mutant {
        /** The history with one thing wrong, null if there is no place for it. */
        List<Op> of(List<Op> ops);
    }

    private static Op writerOf(Op read, List<Op> ops) {
        return ops.stream()
                .filter(op -> op.stores() && op.value().equals(read.found()))
                .findFirst()
                .orElse(null);
    }

    private static List<Op> replaced(List<Op> ops, Op what, Op by) {
        List<Op> all = new ArrayList<>(ops);
        all.set(all.indexOf(what), by);
        return all;
    }

    private static List<Op> withoutAWriteThatWasRead(List<Op> ops) {
        for (Op read : ops) {
            Op write = read.isRead() ? writerOf(read, ops) : null;
            if (write != null) {
                return ops.stream().filter(op -> op != write).toList();
            }
        }
        return null;
    }

    /** Two reads, one after the other, found two values that were written one after the other. */
    private static List<Op> withResultsSwapped(List<Op> ops) {
        for (Op one : ops) {
            for (Op other : ops) {
                boolean reads = one.isRead() && other.isRead() && one.key().equals(other.key()) && one.isBefore(other);
                Op first = reads ? writerOf(one, ops) : null;
                Op second = reads ? writerOf(other, ops) : null;
                if (first != null && second != null && first.isBefore(second)) {
                    return replaced(replaced(ops, one, result(one, other)), other, result(other, one));
                }
            }
        }
        return null;
    }

    private static Op result(Op of, Op from) {
        return of.with("found", from.found()).with("version", from.version());
    }

    /** A read was called only when its value had been overwritten. */
    private static List<Op> withAReadTooLate(List<Op> ops) {
        for (Op read : ops) {
            Op write = read.isRead() ? writerOf(read, ops) : null;
            for (Op later : ops) {
                if (write != null && later.stores() && later.key().equals(read.key()) && write.isBefore(later)) {
                    return replaced(ops, read, read.between(later.ended() + 1, later.ended() + 9, Op.Outcome.OK));
                }
            }
        }
        return null;
    }

    private static List<Op> withAReadTooEarly(List<Op> ops) {
        for (Op read : ops) {
            Op write = read.isRead() ? writerOf(read, ops) : null;
            if (write != null) {
                return replaced(ops, read, read.between(write.began() - 9, write.began() - 1, Op.Outcome.OK));
            }
        }
        return null;
    }

    /** The store said that nothing was done, but it was, as without a table of what was done before. */
    private static List<Op> withAWriteThatSaysItFailed(List<Op> ops) {
        for (Op read : ops) {
            Op write = read.isRead() ? writerOf(read, ops) : null;
            if (write != null && write.kind() != Op.Kind.PUT) {
                return replaced(ops, write, write.ended(write.ended(), Op.Outcome.FAILED));
            }
        }
        return null;
    }

    @Test
    void noticesOneWrongThingInARealHistory() {
        Map<String, Mutant> mutants = new TreeMap<>();
        mutants.put("dropped write", MutationTest::withoutAWriteThatWasRead);
        mutants.put("swapped results", MutationTest::withResultsSwapped);
        mutants.put("read too late", MutationTest::withAReadTooLate);
        mutants.put("read too early", MutationTest::withAReadTooEarly);
        mutants.put("write that says it failed", MutationTest::withAWriteThatSaysItFailed);
        List<String> names = List.copyOf(mutants.keySet());
        Map<String, Integer> caught = new TreeMap<>();
        int mutated = 0;
        for (int seed = 1; mutated < HISTORIES; seed++) {
            List<Op> ops = record(new Random(seed));
            assertThat(Checker.check(ops, Rules.STRICT)).as("seed " + seed).isEqualTo(Verdict.OK);
            String name = names.get(seed % names.size());
            List<Op> wrong = mutants.get(name).of(ops);
            if (wrong != null) {
                mutated++;
                String what = "seed " + seed + ", " + name;
                assertThat(Checker.check(wrong, Rules.STRICT).isViolation())
                        .as(what)
                        .isTrue();
                assertThat(keyByKey(wrong)).as(what + ", by the search").isTrue();
                caught.merge(name, 1, Integer::sum);
            }
        }
        System.out.println("histories clean, mutants caught: " + caught);
        assertThat(caught.values()).hasSize(5).allMatch(count -> count > HISTORIES / 10);
    }

    /** Without the help of the order of the log and of sessions. */
    private static boolean keyByKey(List<Op> ops) {
        return List.of("k0", "k1", "k2").stream()
                .anyMatch(key -> Search.check(
                                key,
                                ops.stream().filter(op -> op.key().equals(key)).toList(),
                                Rules.STRICT)
                        .isViolation());
    }
}
