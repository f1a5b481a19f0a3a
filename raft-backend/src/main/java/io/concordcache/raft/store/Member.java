package io.concordcache.raft.store;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One member of a cluster, as every other member and every client knows it.
 *
 * @param id names it in the group; unique, and not to be used again for another directory
 * @param host name or address at which the others reach it
 */
public record Member(String id, String host, int port) {
    private static final Pattern TEXT = Pattern.compile(
            "(?:(?<id>[A-Za-z0-9._:-]{1,128})=)?(?:\\[(?<v6>[0-9a-fA-F:.]+)]|(?<host>[^\\s:/=\\[\\]]+)):(?<port>\\d{1,5})");
    private static final int MAX_PORT = 65_535;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");
    private static final int LONGEST_SHOWN = 100;

    public Member {
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("a port is from 1 to " + MAX_PORT + ", not " + port);
        }
    }

    /**
     * Reads {@code host:port}, whose id is the same text, or {@code id=host:port}; an IPv6 address stands in brackets.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static Member parse(String text) {
        Matcher found = TEXT.matcher(text.strip());
        if (!found.matches()) {
            throw new IllegalArgumentException("'" + shown(text)
                    + "' is no member; write host:port or id=host:port, for example cache-1.example:7800");
        }
        String host = found.group("v6") == null ? found.group("host") : found.group("v6");
        int port = Integer.parseInt(found.group("port"));
        String id = found.group("id");
        return new Member(id == null ? address(host, port) : id, host, port);
    }

    private static String shown(String text) {
        String start = text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text;
        return CONTROL.matcher(start).replaceAll("?");
    }

    /** {@code host:port}. */
    public String address() {
        return address(host, port);
    }

    private static String address(String host, int port) {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return id.equals(address()) ? id : id + "=" + address();
    }
}
