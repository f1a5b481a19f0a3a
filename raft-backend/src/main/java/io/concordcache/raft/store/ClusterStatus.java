package io.concordcache.raft.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as one member or client sees it; what others said may be a moment old.
 *
 * @param cluster its name
 * @param leader id of the member that leads, null if none is known
 * @param term the newest Raft term heard of
 * @param members all that vote, and those that are being added, by id
 */
public record ClusterStatus(String cluster, @Nullable String leader, long term, List<MemberStatus> members) {

    public ClusterStatus {
        members = List.copyOf(members);
    }

    /** What a member does in the group. */
    public enum Role {
        LEADER,
        FOLLOWER,
        CANDIDATE,
        /** It runs, and waits to be added to the group. */
        JOINING,
        /** It runs, but its log cannot be written, or it is starting again. */
        IMPAIRED,
        /** It did not answer. */
        UNREACHABLE
    }

    /**
     * One member.
     *
     * @param lastIndex of its log; -1 if not known
     * @param appliedIndex what it has applied; -1 if not known
     * @param snapshotIndex up to where its latest snapshot goes; -1 for none
     * @param caches that exist there
     * @param entries in all caches
     * @param problem what is wrong with it, null if nothing is known to be
     */
    public record MemberStatus(
            Member member,
            Role role,
            long term,
            long lastIndex,
            long appliedIndex,
            long snapshotIndex,
            int caches,
            long entries,
            @Nullable String problem) {

        /** A member that did not answer. */
        public static MemberStatus unreachable(Member member, String why) {
            return new MemberStatus(member, Role.UNREACHABLE, 0, -1, -1, -1, 0, 0, why);
        }
    }
}
