package io.concordcache.admin;

import io.concordcache.raft.tls.TlsSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an admin port.
 *
 * @param address where to listen; port 0 for any that is free
 * @param tls certificates, null for plain HTTP. Callers may show one in place of a token; whether they must, it says, too
 * @param accessFile what callers may do, null if whoever reaches the port may do all
 * @param maxBody largest body of a request in bytes (default 16 MiB); each of 32 requests at a time may take as much memory
 */
public record AdminSettings(
        InetSocketAddress address,
        @Nullable TlsSettings tls,
        @Nullable Path accessFile,
        int maxBody) {
    static final int MAX_BODY = 16 << 20;

    public AdminSettings {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("the admin port cannot listen at '" + address.getHostString()
                    + "': there is no such host; name an address of this machine");
        }
        if (tls != null && !tls.hasCertificate()) {
            throw new IllegalArgumentException(
                    "the admin port needs a certificate to use TLS: give --tls-certificate and"
                            + " --tls-key, or --tls-keystore");
        }
        if (!address.getAddress().isLoopbackAddress() && (tls == null || accessFile == null)) {
            throw new IllegalArgumentException("an admin port that other machines reach (" + address.getHostString()
                    + ":" + address.getPort()
                    + ") needs TLS (--tls) and a file of roles (--access-file); without them"
                    + " it listens on a loopback address alone");
        }
        if (maxBody < 1) {
            throw new IllegalArgumentException("maxBody must be positive, not " + maxBody);
        }
    }

    /** With the default limit. */
    public static AdminSettings of(InetSocketAddress address, @Nullable TlsSettings tls, @Nullable Path accessFile) {
        return new AdminSettings(address, tls, accessFile, MAX_BODY);
    }
}
