package io.concordcache.raft.config;

/**
 * Where an effective value was found.
 *
 * @param source the kind of place
 * @param detail what finds it there: file and line, or the name of the variable; empty where nothing is to add
 */
public record Origin(Source source, String detail) {
    /** The kinds of places. A later one overrides an earlier one. */
    public enum Source {
        /** Not configured. */
        DEFAULT,
        /** The configuration file. */
        FILE,
        /** The query of the cache manager's URI. */
        URI,
        /** An environment variable. */
        ENVIRONMENT,
        /** A system property of this JVM. */
        SYSTEM_PROPERTY,
        /** The {@code Properties} handed over with the URI. */
        PROPERTIES
    }

    static final Origin DEFAULT = new Origin(Source.DEFAULT, "");
    static final Origin QUERY = new Origin(Source.URI, "");

    static Origin file(String file, int line) {
        return new Origin(Source.FILE, file + ":" + line);
    }

    static Origin environment(String variable) {
        return new Origin(Source.ENVIRONMENT, variable);
    }

    static Origin systemProperty(String name) {
        return new Origin(Source.SYSTEM_PROPERTY, name);
    }

    static Origin properties(String name) {
        return new Origin(Source.PROPERTIES, name);
    }

    /** As it stands in messages: {@code conf/concord.yaml:7}, {@code environment CONCORD_DURABILITY}. */
    @Override
    public String toString() {
        return switch (source) {
            case DEFAULT -> "default";
            case FILE -> Text.line(detail);
            case URI -> "URI";
            case ENVIRONMENT -> "environment " + Text.shorten(detail);
            case SYSTEM_PROPERTY -> "system property " + Text.shorten(detail);
            case PROPERTIES -> "properties " + Text.shorten(detail);
        };
    }
}
