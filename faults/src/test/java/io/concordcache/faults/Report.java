package io.concordcache.faults;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What one run came to, or several together. Times are milliseconds since its begin.
 *
 * @param repeat the command that repeats it, for one run
 * @param judged how many generations of groups of keys were judged
 * @param snapshots how often a member took over one of the leader
 * @param transactions of applications with Hibernate
 * @param events how many changes listeners heard of, and {@code gaps}: how often they were told that they missed some
 */
record Report(
        List<Long> seeds,
        String repeat,
        int members,
        int clients,
        double seconds,
        List<Injected> faults,
        Operations operations,
        long judged,
        long events,
        long gaps,
        Transactions transactions,
        int leaderChanges,
        int snapshots,
        List<Anomaly> anomalies,
        List<Growth> growth) {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    /**
     * A fault that happened.
     *
     * @param target the process, or what was hit
     * @param recoveredMillis when all processes had answered a linearizable read after it was over
     * @param note what is worth knowing, else empty
     */
    record Injected(
            long seed,
            int number,
            String kind,
            String target,
            long beganMillis,
            long healedMillis,
            long recoveredMillis,
            String note) {
        long recoveryMillis() {
            return recoveredMillis - healedMillis;
        }
    }

    Report {
        if (transactions == null) { // an older report that was read
            transactions = Transactions.NONE;
        }
    }

    /**
     * What applications did on one database, with the cluster as Hibernate's second-level cache.
     *
     * @param committed transactions that wrote, as far as is known
     * @param reads of rows, collections and results of queries
     * @param hits of the second-level cache, and of that of queries, where it is known
     * @param stale reads of what was not the state of the database at any moment of them
     */
    record Transactions(long committed, long reads, long hits, long stale) {
        static final Transactions NONE = new Transactions(0, 0, 0, 0);

        Transactions and(Transactions other) {
            return new Transactions(
                    committed + other.committed, reads + other.reads, hits + other.hits, stale + other.stale);
        }
    }

    /**
     * Calls by their outcome.
     *
     * @param conditionFailed done, and the condition did not hold
     * @param notDone known to have had no effect
     */
    record Operations(long ok, long conditionFailed, long notDone, long unknown, Map<String, Long> byKind) {
        long all() {
            return ok + conditionFailed + notDone + unknown;
        }

        /** Those that the checker has seen the result of. */
        long answered() {
            return ok + conditionFailed;
        }

        Operations and(Operations other) {
            Map<String, Long> both = new TreeMap<>(byKind);
            other.byKind.forEach((kind, count) -> both.merge(kind, count, Long::sum));
            return new Operations(
                    ok + other.ok,
                    conditionFailed + other.conditionFailed,
                    notDone + other.notDone,
                    unknown + other.unknown,
                    both);
        }
    }

    /**
     * What must not have happened.
     *
     * @param kind {@code violation}, {@code unknown} if the checker gave up, or what else it is
     */
    record Anomaly(long seed, String kind, String where, long atMillis, String what) {}

    /**
     * How something of a process grows, by straight lines through its samples.
     *
     * @param laterPerHour in the later half of the time
     */
    record Growth(
            String process, String what, int samples, double first, double last, double perHour, double laterPerHour) {}

    boolean isGood() {
        return anomalies.isEmpty();
    }

    /** This and another as one; what repeats one of them says nothing of both. */
    Report and(Report other) {
        return new Report(
                join(seeds, other.seeds),
                repeat + "; " + other.repeat,
                members,
                clients,
                seconds + other.seconds,
                join(faults, other.faults),
                operations.and(other.operations),
                judged + other.judged,
                events + other.events,
                gaps + other.gaps,
                transactions.and(other.transactions),
                leaderChanges + other.leaderChanges,
                snapshots + other.snapshots,
                join(anomalies, other.anomalies),
                join(growth, other.growth));
    }

    private static <T> List<T> join(List<T> some, List<T> others) {
        List<T> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    String json() {
        return GSON.toJson(this);
    }

    static Report parse(String json) {
        return GSON.fromJson(json, Report.class);
    }

    /** Of sorted numbers, the one that this part of them does not exceed. */
    static long percentile(long[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1L, (long) (part * sorted.length))];
    }

    /** One line for people who read no more. */
    String summary() {
        long[] recovery = recoveries(faults);
        return String.format(
                Locale.ROOT,
                "%d faults of %d kinds, %s operations (%.2f %% of unknown outcome), %s groups of keys judged, %s transactions"
                        + " and %s reads by Hibernate, %d of them stale, recovery p50 %,d ms, p99 %,d ms, most %,d ms, %d leader changes, %d snapshots taken over, %d anomalies",
                faults.size(),
                faults.stream().map(Injected::kind).distinct().count(),
                Text.count(operations.all()),
                100.0 * operations.unknown / Math.max(1, operations.all()),
                Text.count(judged),
                Text.count(transactions.committed()),
                Text.count(transactions.reads()),
                transactions.stale(),
                percentile(recovery, 0.5),
                percentile(recovery, 0.99),
                percentile(recovery, 1),
                leaderChanges,
                snapshots,
                anomalies.size());
    }

    private static long[] recoveries(List<Injected> of) {
        return of.stream().mapToLong(Injected::recoveryMillis).sorted().toArray();
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# Faults\n\n");
        text.append(isGood() ? "All is well: " : "**Not well**: ")
                .append(summary())
                .append(".\n\n");
        text.append("| | |\n|---|---|\n");
        row(text, "members, clients", members + ", " + clients);
        row(text, "seconds", String.format(Locale.ROOT, "%,.0f", seconds));
        row(text, "seeds", seeds.stream().map(String::valueOf).collect(Collectors.joining(", ")));
        row(text, "operations", Text.count(operations.all()));
        row(text, "… done", Text.count(operations.ok()));
        row(text, "… done, condition did not hold", Text.count(operations.conditionFailed()));
        row(text, "… known not to be done", Text.count(operations.notDone()));
        row(text, "… of unknown outcome", Text.count(operations.unknown()));
        operations.byKind().forEach((kind, count) -> row(text, "… " + kind, Text.count(count)));
        row(text, "events heard of, gaps told", Text.count(events) + ", " + Text.count(gaps));
        row(text, "transactions by Hibernate that wrote", Text.count(transactions.committed()));
        row(text, "… reads", Text.count(transactions.reads()));
        row(text, "… hits of its caches", Text.count(transactions.hits()));
        row(text, "… stale reads", Text.count(transactions.stale()));
        text.append(
                "\n## Faults by kind\n\nRecovery, in milliseconds: from the end of the fault until every process has"
                        + " answered a linearizable read.\n\n");
        text.append("| fault | what | times | recovery p50 | p99 | most |\n|---|---|--:|--:|--:|--:|\n");
        byKind().forEach((kind, of) -> {
            long[] recovery = recoveries(of);
            text.append("| `").append(kind).append("` | ").append(says(kind)).append(" | ");
            text.append(of.size())
                    .append(" | ")
                    .append(percentile(recovery, 0.5))
                    .append(" | ");
            text.append(percentile(recovery, 0.99))
                    .append(" | ")
                    .append(percentile(recovery, 1))
                    .append(" |\n");
        });
        long[] all = recoveries(faults);
        text.append("| all | | ")
                .append(all.length)
                .append(" | ")
                .append(percentile(all, 0.5))
                .append(" | ");
        text.append(percentile(all, 0.99))
                .append(" | ")
                .append(percentile(all, 1))
                .append(" |\n");
        if (!growth.isEmpty()) {
            text.append("\n## What grows\n\n| process | what | samples | first | last | an hour | in the later half |\n"
                    + "|---|---|--:|--:|--:|--:|--:|\n");
            for (Growth each : growth) {
                text.append(String.format(
                        Locale.ROOT,
                        "| %s | %s | %d | %,.0f | %,.0f | %+,.0f | %+,.0f |%n",
                        each.process,
                        each.what,
                        each.samples,
                        each.first,
                        each.last,
                        each.perHour,
                        each.laterPerHour));
            }
        }
        if (!isGood()) {
            text.append("\n## Anomalies\n");
            for (Anomaly each : anomalies) {
                text.append("\n### ")
                        .append(each.kind)
                        .append(", ")
                        .append(each.where)
                        .append(", at ");
                text.append(Text.count(each.atMillis)).append(" ms of seed ").append(each.seed);
                text.append("\n\n```\n").append(each.what).append("\n```\n");
            }
        }
        return text.toString();
    }

    private Map<String, List<Injected>> byKind() {
        Map<String, List<Injected>> byKind = new LinkedHashMap<>();
        for (Fault.Kind kind : Fault.Kind.values()) {
            List<Injected> of = faults.stream()
                    .filter(fault -> fault.kind.equals(kind.text()))
                    .toList();
            if (!of.isEmpty()) {
                byKind.put(kind.text(), of);
            }
        }
        return byKind;
    }

    private static String says(String kind) {
        return Arrays.stream(Fault.Kind.values())
                .filter(each -> each.text().equals(kind))
                .findFirst()
                .orElseThrow()
                .says();
    }

    private static void row(StringBuilder text, String what, String value) {
        text.append("| ").append(what).append(" | ").append(value).append(" |\n");
    }
}
