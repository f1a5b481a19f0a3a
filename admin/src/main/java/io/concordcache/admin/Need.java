package io.concordcache.admin;

import io.concordcache.raft.core.Needs;
import io.concordcache.raft.core.Role;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a caller must be allowed to do; the description of the API has the names in lower case. */
enum Need {
    /** For anybody. */
    NONE,
    /** Some role for some cache. */
    ANY,
    /** See the entries of the cache. */
    READ,
    /** Change them. */
    WRITE,
    /** Create and destroy the cache. */
    ADMIN,
    /** Administer the cluster. */
    CLUSTER;

    /** @param cache that the path names; null if it stands in the body, of which the handler judges */
    void tell(Needs needs, @Nullable String cache) {
        switch (this) {
            case NONE -> {}
            case ANY -> needs.anyRole();
            case READ -> role(needs, Role.READ, cache);
            case WRITE -> role(needs, Role.WRITE, cache);
            case ADMIN -> role(needs, Role.ADMIN, cache);
            case CLUSTER -> needs.cluster();
        }
    }

    private static void role(Needs needs, Role role, @Nullable String cache) {
        if (cache == null) {
            needs.anyRole();
        } else {
            needs.role(role, cache);
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
