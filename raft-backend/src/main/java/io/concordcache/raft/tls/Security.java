package io.concordcache.raft.tls;

import org.jspecify.annotations.Nullable;

/**
 * How a member's port is protected.
 *
 * @param tls null for none
 * @param plaintextAllowed whether the member may listen without TLS on an address that other machines reach
 */
public record Security(@Nullable TlsSettings tls, boolean plaintextAllowed) {
    /** No TLS, so on the loopback address alone. */
    public static final Security LOOPBACK = new Security(null, false);

    /** No TLS, on any address. */
    public static final Security PLAINTEXT = new Security(null, true);

    public static Security of(TlsSettings tls) {
        return new Security(tls, false);
    }
}
