package io.concordcache.raft.tls;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a member's port is protected.
 *
 * @param tls null for none
 * @param plaintextAllowed whether the member may listen without TLS on an address that other machines reach
 * @param accessFile what clients may do; null for everything. Only with TLS: else nobody could show who it is
 * @param limits of what others may take up
 */
public record Security(
        @Nullable TlsSettings tls,
        boolean plaintextAllowed,
        @Nullable Path accessFile,
        Limits limits) {
    /** No TLS, so on the loopback address alone. */
    public static final Security LOOPBACK = new Security(null, false, null, Limits.DEFAULT);

    /** No TLS, on any address. */
    public static final Security PLAINTEXT = new Security(null, true, null, Limits.DEFAULT);

    public Security {
        if (accessFile != null && tls == null) {
            throw new IllegalArgumentException("access.file needs tls.enabled: without TLS nobody can show who it is");
        }
    }

    /**
     * What others may take up.
     *
     * @param connections open at the port at a time (default 10,000)
     * @param connectionsPerAddress of one address (default 1,000)
     * @param caches that exist at a time (default 10,000)
     */
    public record Limits(int connections, int connectionsPerAddress, int caches) {
        public static final Limits DEFAULT = new Limits(10_000, 1_000, 10_000);

        public Limits {
            if (connections < 1 || connectionsPerAddress < 1 || caches < 1) {
                throw new IllegalArgumentException("limits must be positive: " + connections + " connections, "
                        + connectionsPerAddress + " of one address, " + caches + " caches");
            }
        }
    }

    public static Security of(TlsSettings tls) {
        return new Security(tls, false, null, Limits.DEFAULT);
    }

    /** The same with what clients may do. */
    public Security withAccess(Path file) {
        return new Security(tls, plaintextAllowed, file, limits);
    }

    /** The same with these limits. */
    public Security with(Limits other) {
        return new Security(tls, plaintextAllowed, accessFile, other);
    }
}
