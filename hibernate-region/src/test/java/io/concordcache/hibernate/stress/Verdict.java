package io.concordcache.hibernate.stress;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether all that was read was, at some moment between the begin and the end of the read, the state of the database. A
 * version counts from the end of the commit that brought it, or of one that brought a later one, and may be seen from the
 * begin of its commit on.
 */
final class Verdict {
    private final int rows;
    /** For each row and version when its commit had ended at the latest, and begun at the earliest. */
    private final Map<Long, TreeMap<Long, Long>> ended = new HashMap<>();

    private final Map<Long, TreeMap<Long, Long>> begun = new HashMap<>();

    private Verdict(int rows) {
        this.rows = rows;
    }

    /** One line for each that was not. */
    static List<String> of(List<Observation> all, int rows) {
        Verdict verdict = new Verdict(rows);
        for (Observation each : all) {
            switch (each.what()) {
                case WRITTEN -> {
                    verdict.ended
                            .computeIfAbsent(each.row(), row -> new TreeMap<>())
                            .merge(each.version(), each.to(), Math::min);
                    verdict.begun(each);
                }
                case BEGUN -> verdict.begun(each);
                case READ, MARKED, SUM -> {}
            }
        }
        List<String> wrong = new ArrayList<>();
        for (Observation each : all) {
            switch (each.what()) {
                case READ, MARKED -> {
                    if (each.version() < verdict.least(each.row(), each.from())) {
                        wrong.add("old: " + each + ", but " + verdict.least(each.row(), each.from())
                                + " was there before");
                    }
                    if (each.version() > verdict.most(each.row(), each.to())) {
                        wrong.add("not committed: " + each);
                    }
                }
                case SUM -> verdict.checkSum(each, wrong);
                case BEGUN, WRITTEN -> {}
            }
        }
        return wrong;
    }

    private void begun(Observation each) {
        begun.computeIfAbsent(each.row(), row -> new TreeMap<>()).merge(each.version(), each.from(), Math::min);
    }

    private void checkSum(Observation sum, List<String> wrong) {
        long least = 0;
        long most = 0;
        for (long row = 0; row < rows; row++) {
            least += least(row, sum.from());
            most += most(row, sum.to());
        }
        if (sum.version() < least || sum.version() > most) {
            wrong.add("sum: " + sum + " is not from " + least + " to " + most);
        }
    }

    /** The version that was surely there at the time, or an earlier one. */
    private long least(long row, long time) {
        long least = 0;
        for (Map.Entry<Long, Long> of : ended.getOrDefault(row, new TreeMap<>()).entrySet()) {
            if (of.getValue() < time) {
                least = Math.max(least, of.getKey());
            }
        }
        return least;
    }

    /** The newest version that may have been there at the time. */
    private long most(long row, long time) {
        long most = 0;
        for (Map.Entry<Long, Long> of : begun.getOrDefault(row, new TreeMap<>()).entrySet()) {
            if (of.getValue() <= time) {
                most = Math.max(most, of.getKey());
            }
        }
        return most;
    }
}
