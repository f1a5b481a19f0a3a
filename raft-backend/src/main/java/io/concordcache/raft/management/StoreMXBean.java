package io.concordcache.raft.management;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a store sees of itself, without a message to anybody: {@link io.concordcache.raft.store.StoreMetrics}, where the words
 * are explained. At a client only the commands and the caches are told of; its numbers of a member are 0.
 */
public interface StoreMXBean {
    String getCluster();

    /** LEADER, FOLLOWER, CANDIDATE, JOINING or IMPAIRED; CLIENT for a client. */
    String getRole();

    /** Null if it knows none, or for a client. */
    @Nullable
    String getLeader();

    boolean isServing();

    /** What keeps it from serving, null for nothing. */
    @Nullable
    String getProblem();

    long getTerm();

    long getElections();

    long getLeaderUptimeMillis();

    long getLastIndex();

    long getCommitIndex();

    long getAppliedIndex();

    long getLagEntries();

    long getLagMillis();

    boolean isReadLeaseHeld();

    long getReadBarriers();

    long getReadsWaiting();

    long getLogBytes();

    long getSnapshotBytes();

    long getCommandsSent();

    long getEntriesSent();

    long getCommandsQueued();

    /** By the name of the cache; empty for a client. */
    Map<String, Long> getEntriesOfCaches();

    /** By the name of the cache; keys and values. Empty for a client. */
    Map<String, Long> getBytesOfCaches();
}
