package io.concordcache.admin;

import io.concordcache.raft.access.Grants;
import io.concordcache.raft.access.Grants.Grant;
import io.concordcache.raft.access.Who;
import io.concordcache.raft.core.Needs;
import io.concordcache.raft.core.Role;
import io.concordcache.raft.store.RequestRejectedException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, and what the caller may do at this moment.
 *
 * @param grants null if whoever reaches the port may do all
 */
record Caller(Who who, @Nullable Grants grants) {
    private static final Set<Role> ALL = EnumSet.allOf(Role.class);

    /** How the audit log calls them. */
    String name() {
        return grants == null ? "anybody" : grants.name(who);
    }

    /** @throws RequestRejectedException if the caller may not; the message says which role is missing */
    void require(Consumer<Needs> asked) {
        if (grants != null) {
            grants.require(who, asked);
        }
    }

    Set<Role> roles(String cacheName) {
        return grants == null ? ALL : grants.roles(who, cacheName);
    }

    List<Grant> granted() {
        return grants == null ? List.of(new Grant(ALL, "*")) : grants.of(who);
    }
}
