package io.concordcache.raft.store;

import io.concordcache.raft.store.ClusterStatus.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a store sees of itself and has counted, without a message to anybody. Counts begin with the store and never fall;
 * the parts were taken one after the other.
 *
 * @param member the member in this JVM, null for a client
 * @param caches by name
 */
public record StoreMetrics(@Nullable MemberMetrics member, CommitMetrics commit, List<CacheMetrics> caches) {

    /** Of a store that counts nothing. */
    public static final StoreMetrics NONE = new StoreMetrics(null, new CommitMetrics(0, 0, 0), List.of());

    public StoreMetrics {
        caches = List.copyOf(caches);
    }

    /**
     * A member.
     *
     * @param id in the cluster; "member" if it stands alone
     * @param leader whom it knows to lead, null for nobody
     * @param problem what keeps it from serving, null for nothing
     * @param elections how often it heard of a new leader
     * @param leaderMillis since when it knows this leader; 0 for none
     * @param lastIndex of its log
     * @param commitIndex up to where it knows the log to be committed
     * @param lagMillis for how long it may have missed something: since the leader was last heard, or since this replica
     *     was last up to date, whichever is longer; 0 on the leader
     * @param leased whether it may answer reads by itself
     * @param barriers how often it asked the others how far they are, so as to read
     * @param readers how many reads wait for that
     * @param logBytes on disk
     * @param snapshotBytes on disk
     */
    public record MemberMetrics(
            String cluster,
            String id,
            Role role,
            @Nullable String leader,
            @Nullable String problem,
            long term,
            long elections,
            long leaderMillis,
            long lastIndex,
            long commitIndex,
            long appliedIndex,
            long lagMillis,
            boolean leased,
            long barriers,
            long readers,
            long logBytes,
            long snapshotBytes) {

        /** Entries that are committed and not applied here. */
        public long lagEntries() {
            return Math.max(0, commitIndex - appliedIndex);
        }

        /** Whether it serves reads and writes, as far as it can tell without asking. */
        public boolean serves() {
            return problem == null && leader != null && (role == Role.LEADER || role == Role.FOLLOWER);
        }
    }

    /**
     * The writes of this JVM on their way to the log.
     *
     * @param commands that were sent
     * @param entries in so many entries; commands by entries is the size of a group commit
     * @param queued commands that wait for the entry before them
     */
    public record CommitMetrics(long commands, long entries, long queued) {}

    /**
     * A cache.
     *
     * @param stored what this member knows of it; null for a client
     * @param use what its users in this JVM have counted
     */
    public record CacheMetrics(String name, @Nullable Stored stored, CacheUse use) {}

    /**
     * A cache at a member. What the log did is counted since the member started, and is the same at all members that run.
     *
     * @param bytes of keys and values; may be a moment old
     * @param hits reads of clients that found an entry here
     * @param misses reads of clients that found none here
     */
    public record Stored(
            long entries,
            long bytes,
            long hits,
            long misses,
            long puts,
            long removals,
            long evictions,
            long expirations) {}
}
