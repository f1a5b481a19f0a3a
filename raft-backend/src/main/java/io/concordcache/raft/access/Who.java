package io.concordcache.raft.access;

import io.concordcache.raft.tls.Peer;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param peer by its certificate
 * @param token that it showed, null for none
 */
public record Who(Peer peer, @Nullable Token token) {
    /** Whether it has shown nothing at all. */
    boolean isUnknown() {
        return token == null && peer.equals(Peer.NOBODY);
    }
}
