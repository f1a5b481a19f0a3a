package io.concordcache.raft.ratis;

import io.concordcache.raft.store.Member;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The cluster that a member belongs to.
 *
 * @param self this member, one of the list
 * @param members all with which the cluster starts, this one included; the same list on each of them. Once a cluster
 *     exists its log knows better, and the list only tells whom to ask
 * @param joining whether this member waits, with an empty directory, to be added to a cluster that exists
 */
public record ClusterSettings(Member self, List<Member> members, boolean joining) {
    public ClusterSettings {
        members = List.copyOf(members);
        if (!members.contains(self)) {
            throw new IllegalArgumentException("the member " + self + " is not in the list of members " + members);
        }
        Set<String> ids = new HashSet<>();
        Set<String> addresses = new HashSet<>();
        for (Member member : members) {
            if (!ids.add(member.id()) || !addresses.add(member.address())) {
                throw new IllegalArgumentException("the list of members names " + member + " twice: " + members);
            }
        }
        if (!joining && members.size() % 2 == 0) {
            throw new IllegalArgumentException("a cluster starts with an odd number of members, 1, 3, 5 or 7, not "
                    + members.size() + ": an even one survives no more failures");
        }
    }

    /** The others. */
    List<Member> others() {
        return members.stream().filter(member -> !member.equals(self)).toList();
    }
}
