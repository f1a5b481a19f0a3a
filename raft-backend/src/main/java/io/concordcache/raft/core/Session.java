package io.concordcache.raft.core;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The outcomes that one registered client may still ask for again: exactly-once across retries (Raft dissertation, 6.3). */
final class Session {
    private final NavigableMap<Long, List<List<Outcome>>> outcomes = new TreeMap<>();
    private long acknowledged;
    private long usedAtMillis;

    Session(long acknowledged, long usedAtMillis) {
        this.acknowledged = acknowledged;
        this.usedAtMillis = usedAtMillis;
    }

    long acknowledged() {
        return acknowledged;
    }

    long usedAtMillis() {
        return usedAtMillis;
    }

    NavigableMap<Long, List<List<Outcome>>> outcomes() {
        return outcomes;
    }

    @Nullable
    List<List<Outcome>> recall(long sequence) {
        return outcomes.get(sequence);
    }

    void used(long acknowledgedNow, long millis) {
        if (acknowledgedNow > acknowledged) {
            acknowledged = acknowledgedNow;
            outcomes.headMap(acknowledgedNow, true).clear();
        }
        usedAtMillis = millis;
    }

    void remember(long sequence, List<List<Outcome>> of) {
        outcomes.put(sequence, of);
    }

    Session copy() {
        Session copy = new Session(acknowledged, usedAtMillis);
        copy.outcomes.putAll(outcomes);
        return copy;
    }
}
