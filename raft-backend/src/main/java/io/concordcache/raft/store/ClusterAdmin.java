package io.concordcache.raft.store;

import org.jspecify.annotations.Nullable;

/**
 * The cluster behind a store, to be looked at and changed. Every call ends within the operation timeout of the store, but
 * for {@link #addMember}, which may take a minute until the new one has caught up.
 */
public interface ClusterAdmin {

    /** Asks all members; those that do not answer stand in it as unreachable. */
    ClusterStatus status();

    /**
     * Takes a member in. It must run already, started with {@code join} and an empty directory.
     *
     * @throws RequestRejectedException if there is one of this id or address, or it is no cluster
     * @throws StoreUnavailableException if it did not catch up, or there is no leader
     */
    void addMember(Member member);

    /**
     * Ends the membership of one, which may be dead.
     *
     * @throws RequestRejectedException if there is none of this id
     */
    void removeMember(String id);

    /** Hands the lead to this member, or to the one that is most up to date if null. */
    void transferLeadership(@Nullable String id);

    /** Makes a member, or all if null, take a snapshot now and shorten its log. */
    void snapshot(@Nullable String id);
}
