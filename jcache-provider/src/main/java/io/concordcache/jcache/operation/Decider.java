package io.concordcache.jcache.operation;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads an entry, lets the caller decide, and writes under the condition that nobody has changed it meanwhile; starts
 * again if somebody has. After some lost rounds it takes the lock of the key, so that everybody makes progress.
 */
final class Decider {
    private static final int OPTIMISTIC_ROUNDS = 8;

    /**
     * What the caller makes of an entry.
     *
     * @param mutation null to leave the entry as it is
     */
    record Decision<R>(@Nullable Mutation mutation, R result) {
        static <R> Decision<R> leave(R result) {
            return new Decision<>(null, result);
        }
    }

    /**
     * What came of it.
     *
     * @param outcome null if the decision was to leave the entry
     */
    record Decided<R>(R result, @Nullable Outcome outcome) {
        boolean wrote() {
            return outcome != null && outcome.held();
        }

        /** Whether an entry is there afterwards. */
        boolean stored() {
            return outcome != null && outcome.afterVersion() != 0;
        }
    }

    /** An entry as it was read, with only what a decision may depend on. */
    record Seen(long version, Bytes value) {
        static @Nullable Seen of(@Nullable Entry entry) {
            return entry == null ? null : new Seen(entry.version(), entry.value());
        }

        static @Nullable Seen of(Outcome outcome) {
            Bytes value = outcome.beforeValue();
            return value == null ? null : new Seen(outcome.beforeVersion(), value);
        }
    }

    private final CacheClient client;
    private final KeyGates gates;

    Decider(CacheClient client, KeyGates gates) {
        this.client = client;
        this.gates = gates;
    }

    /** Decides without a lock first. The decision may be asked several times, the last one counts. */
    <R> Decided<R> decide(Bytes key, Function<@Nullable Seen, Decision<R>> decision) {
        try (KeyGates.Pass pass = gates.enter(client.cacheId(), key)) {
            Seen seen = Seen.of(client.getFromReplica(key));
            CacheClient.Patience patience = client.patience();
            for (int round = 0; round < OPTIMISTIC_ROUNDS; round++) {
                Decision<R> made = decision.apply(seen);
                if (made.mutation() == null) {
                    return new Decided<>(made.result(), null);
                }
                Outcome outcome = client.write(key, unchanged(seen), made.mutation());
                if (outcome.held()) {
                    return new Decided<>(made.result(), outcome);
                }
                seen = Seen.of(outcome);
                if (round > 0) {
                    patience.pause("other clients keep changing the key");
                }
            }
            return decideLocked(key, decision);
        }
    }

    /** Decides under the lock of the key, for decisions with an effect outside of the cache. */
    <R> Decided<R> decideExclusively(Bytes key, Function<@Nullable Seen, Decision<R>> decision) {
        try (KeyGates.Pass pass = gates.enter(client.cacheId(), key)) {
            return decideLocked(key, decision);
        }
    }

    private <R> Decided<R> decideLocked(Bytes key, Function<@Nullable Seen, Decision<R>> decision) {
        Outcome lock = client.lock(key);
        long token = lock.afterVersion();
        boolean given = false;
        try {
            Seen seen = Seen.of(lock);
            CacheClient.Patience patience = client.patience();
            while (true) {
                Decision<R> made = decision.apply(seen);
                Mutation mutation = made.mutation();
                if (mutation == null) {
                    return new Decided<>(made.result(), null);
                }
                Outcome outcome = client.write(new Command.Write(
                        client.cacheId(), key, unchanged(seen), mutation, Command.Returning.VALUE_BEFORE, token));
                if (outcome.held()) {
                    given = true;
                    return new Decided<>(made.result(), outcome);
                }
                // Expiry and clear pass a lock, and it ends by itself after a while.
                seen = Seen.of(outcome);
                patience.pause("the key keeps changing under its lock");
            }
        } finally {
            if (!given) {
                client.unlock(key, token);
            }
        }
    }

    static Condition unchanged(@Nullable Seen seen) {
        return seen == null ? Condition.ABSENT : new Condition.VersionIs(seen.version());
    }
}
