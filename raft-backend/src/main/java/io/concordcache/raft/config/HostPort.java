package io.concordcache.raft.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network address as written in the configuration; the name is not looked up here.
 *
 * @param host a host name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    private static final int LAST_PORT = 65535;
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?");
    private static final Pattern WRITTEN = Pattern.compile("(?:([^\\[\\]:]+)|\\[([^\\[\\]]+)]):(\\d{1,5})");

    /** @throws IllegalArgumentException if one of the two is malformed */
    public HostPort {
        if (!HOST.matcher(host).matches()) {
            throw new IllegalArgumentException("has the malformed host " + Text.quote(host));
        }
        if (port < 1 || port > LAST_PORT) {
            throw new IllegalArgumentException("has the port " + port + ", which is not from 1 to " + LAST_PORT);
        }
    }

    /**
     * Reads {@code host:port} or {@code [IPv6 address]:port}.
     *
     * @throws IllegalArgumentException if the text has neither form
     */
    public static HostPort parse(String text) {
        Matcher matcher = WRITTEN.matcher(text);
        if (!matcher.matches() || (matcher.group(2) != null && matcher.group(2).indexOf(':') < 0)) {
            throw new IllegalArgumentException("is not an address with a port");
        }
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        return new HostPort(host, Integer.parseInt(matcher.group(3)));
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
