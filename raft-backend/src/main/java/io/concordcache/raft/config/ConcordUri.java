package io.concordcache.raft.config;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The URI of a cache manager, taken apart.
 *
 * @param kind which of the forms it has
 * @param location the file's path or the resource's name, decoded; empty for {@link Kind#LOCAL}
 * @param query the settings in its query
 */
record ConcordUri(Kind kind, String location, List<RawValue> query) {
    static final String SCHEME = "concord";
    static final String FORMS =
            "concord:local, concord:file:PATH (or file:PATH, or jar:…!/NAME), concord:classpath:NAME"
                    + " or concord://HOST:PORT,HOST:PORT, each with ?key=value&… if settings are to be given in the URI";

    private static final String LOCAL = "local";
    private static final String FILE = "file:";
    private static final String JAR = "jar:";
    private static final String CLASSPATH = "classpath:";
    private static final String SERVERS = "//";
    private static final int HEX = 16;

    enum Kind {
        LOCAL,
        FILE,
        /** The location is a URL into an archive, as frameworks make one of a resource. */
        JAR,
        CLASSPATH,
        /** The location lists them. */
        SERVERS
    }

    /** @throws ConfigurationException if the URI has none of the forms */
    static ConcordUri parse(URI uri) {
        boolean isOwn = SCHEME.equalsIgnoreCase(uri.getScheme());
        if (!isOwn && !uri.toString().startsWith(FILE) && !uri.toString().startsWith(JAR)) {
            throw new ConfigurationException(
                    "the cache manager's URI " + show(uri) + " is not one of Concord; write " + FORMS);
        }
        if (uri.getRawFragment() != null) {
            throw new ConfigurationException("the cache manager's URI " + show(uri)
                    + " has a part after #, which means nothing here; write %23 for a # in a path or value");
        }
        String rest = isOwn ? uri.getRawSchemeSpecificPart() : uri.toString();
        int mark = rest.indexOf('?');
        String target = mark < 0 ? rest : rest.substring(0, mark);
        List<RawValue> query = mark < 0 ? List.of() : query(uri, rest.substring(mark + 1));
        if (target.equals(LOCAL)) {
            return new ConcordUri(Kind.LOCAL, "", query);
        }
        if (target.startsWith(FILE)) {
            return new ConcordUri(Kind.FILE, file(uri, target.substring(FILE.length())), query);
        }
        if (target.startsWith(JAR) && !isOwn) {
            return new ConcordUri(Kind.JAR, target, query);
        }
        if (target.startsWith(CLASSPATH)) {
            return new ConcordUri(Kind.CLASSPATH, resource(uri, target.substring(CLASSPATH.length())), query);
        }
        if (target.startsWith(SERVERS)) {
            return new ConcordUri(Kind.SERVERS, servers(uri, target.substring(SERVERS.length())), query);
        }
        throw new ConfigurationException(
                "the cache manager's URI " + show(uri) + " has an unknown form; write " + FORMS);
    }

    private static String file(URI uri, String encoded) {
        String path = encoded;
        if (encoded.startsWith("//")) {
            // An empty authority, as in file:///etc/concord.yaml.
            path = encoded.substring(2);
            if (!path.startsWith("/")) {
                throw new ConfigurationException("the cache manager's URI " + show(uri)
                        + " names a file on another host; write concord:file:PATH with the path of a local file");
            }
        }
        if (path.isEmpty()) {
            throw new ConfigurationException("the cache manager's URI " + show(uri)
                    + " names no file; write concord:file:PATH, for example concord:file:conf/concord.yaml");
        }
        return decode(uri, path);
    }

    private static String servers(URI uri, String list) {
        String trimmed = list.endsWith("/") ? list.substring(0, list.length() - 1) : list;
        if (trimmed.isEmpty() || trimmed.indexOf('/') >= 0) {
            throw new ConfigurationException("the cache manager's URI " + show(uri)
                    + " names no servers; write concord://HOST:PORT,HOST:PORT, and nothing after them but ?key=value");
        }
        return decode(uri, trimmed);
    }

    private static String resource(URI uri, String encoded) {
        String name = encoded.startsWith("/") ? encoded.substring(1) : encoded;
        if (name.isEmpty()) {
            throw new ConfigurationException("the cache manager's URI " + show(uri)
                    + " names no resource; write concord:classpath:NAME, for example"
                    + " concord:classpath:concord.yaml");
        }
        return decode(uri, name);
    }

    private static List<RawValue> query(URI uri, String query) {
        Map<String, RawValue> values = new LinkedHashMap<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new ConfigurationException("the query of the cache manager's URI " + show(uri) + " holds "
                        + Text.quote(pair) + "; write key=value, with & between two of them and %26 for a & within");
            }
            String key = decode(uri, pair.substring(0, equals));
            String text = decode(uri, pair.substring(equals + 1));
            if (values.put(key, new RawValue(key, text, Origin.QUERY)) != null) {
                throw new ConfigurationException(
                        "the query of the cache manager's URI gives " + Text.quote(key) + " more than once; keep one");
            }
        }
        return new ArrayList<>(values.values());
    }

    /** RFC 3986: only %XX is special, a plus is a plus. Stricter than {@link URI}, which lets bad UTF-8 pass. */
    private static String decode(URI uri, String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        byte[] from = encoded.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream to = new ByteArrayOutputStream(from.length);
        for (int i = 0; i < from.length; i++) {
            if (from[i] != '%') {
                to.write(from[i]);
                continue;
            }
            // java.net.URI has made sure of the two digits.
            to.write(Character.digit(from[++i], HEX) * HEX + Character.digit(from[++i], HEX));
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(to.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(
                    "the cache manager's URI " + show(uri) + " is not UTF-8 once its %XX are decoded", e);
        }
    }

    /** Without the query, which may hold a secret. */
    private static String show(@Nullable URI uri) {
        String text = String.valueOf(uri);
        int mark = text.indexOf('?');
        return Text.quote(mark < 0 ? text : text.substring(0, mark) + "?…");
    }
}
