package io.concordcache.raft.config;

/** The reference of all settings, written from the table that the parser uses. */
public final class SettingsReference {
    private static final String INTRODUCTION = """
            # Settings

            This page is generated from the table of settings in the code. Do not edit it; a test compares the two.

            ## Where settings come from

            A later source overrides an earlier one:

            1. the defaults below;
            2. the file that the cache manager's URI names;
            3. the query of that URI;
            4. environment variables `CONCORD_…`: the key in capitals, with `_` for `.` and `-`. They cannot name a \
            cache or a pattern, only `CONCORD_CACHES_DEFAULT_…`;
            5. system properties `concord.…`: the key with this prefix;
            6. the `Properties` handed to `getCacheManager(uri, classLoader, properties)`: the key with or without \
            the prefix `concord.`.

            Every value is checked, also one that is overridden. An unknown key, a key given twice in one source and \
            a value out of range are errors, in every source; the message names the place and what is allowed. \
            Variables that Kubernetes adds for services, such as `CONCORD_SERVICE_HOST`, are ignored.

            `ConcordSettings.describe()` prints the values in force, each with its origin.

            ## The cache manager's URI

            | URI | meaning |
            |---|---|
            | `concord:local` | a node alone, the default |
            | `concord:file:/etc/concord.yaml` | settings from a file; a relative path starts at the working \
            directory of the JVM |
            | `file:/etc/concord.yaml`, `jar:file:/app.jar!/concord.yaml` | the same, as frameworks write it |
            | `concord:classpath:concord.yaml` | settings from a resource, found by the cache manager's class loader |

            Each takes a query: `concord:local?durability=disk&directory=/var/lib/concord`. Write `%26` for `&`, \
            `%23` for `#`, `%25` for `%`, `%20` for a blank. No file is read unless the URI names it: a \
            `concord.yaml` that happens to be on the class path changes nothing.

            ## The file

            YAML in UTF-8: one document, a mapping. Nested sections and dotted keys mean the same. Anchors, aliases \
            and tags are not allowed. An empty file means the defaults.

            ```yaml
            durability: disk
            directory: /var/lib/concord
            snapshot:
              entries: 50000
            caches:
              default:
                max-entries: 20000
              carts:
                max-bytes: 256MB
                time-to-live: 30m
              "orders.*":
                max-entries: unlimited
            ```

            ## How values are written

            - Durations: `250ms`, `30s`, `5m`, `2h`, `1d`, or ISO-8601 such as `PT1M30S`; a unit is demanded.
            - Sizes: `64MB`, `64MiB`, `512KB`, `1GB`; a plain number is bytes. KB and KiB both are 1024 bytes, and so \
            on.
            - Switches: `true`, `false`.
            - `none` takes back a value that an earlier source has set, where the setting allows it.
            """;

    private static final String CACHES = """

            ## Settings of caches

            `caches.NAME.…` counts for the cache of that name, `caches.PATTERN.…`, with `*` for any characters, for \
            every cache whose name matches, `caches.default.…` for all. Each setting is looked up by itself: the \
            name beats a pattern, a pattern with more characters besides `*` beats one with fewer, a pattern beats \
            the default. What is more particular wins wherever it was set; sources compete only for the same key.
            """;

    private SettingsReference() {}

    /** The text of {@code docs/settings.md}. */
    public static String markdown() {
        StringBuilder out = new StringBuilder(INTRODUCTION);
        out.append("\n## Settings of the node\n");
        SettingTable.NODE.forEach(
                setting -> describe(out, setting.key(), setting, Setting.variable(setting.key()), ""));
        out.append(CACHES);
        for (Setting<?> setting : SettingTable.CACHE) {
            String variable = Setting.variable(SettingTable.cacheKey(SettingTable.DEFAULT_CACHE, setting));
            describe(out, SettingTable.cacheKey("NAME", setting), setting, variable, " for `caches.default`");
        }
        return out.toString();
    }

    private static void describe(StringBuilder out, String key, Setting<?> setting, String variable, String forWhom) {
        out.append("\n### `").append(key).append("`\n\n");
        out.append(setting.about()).append("\n\n");
        String written = setting.shownDefault();
        line(out, "Value", setting.type().unit());
        line(out, "Allowed", setting.type().allowed().replace("*", "\\*"));
        line(out, "Default", written.isEmpty() ? "empty" : written);
        line(out, "Environment", "`" + variable + "`" + forWhom);
        line(out, "Harm of too little", setting.tooSmall());
        line(out, "Harm of too much", setting.tooLarge());
        line(out, "Secret", setting.secret() ? "never shown" : "");
    }

    private static void line(StringBuilder out, String label, String text) {
        if (!text.isEmpty()) {
            out.append("- ").append(label).append(": ").append(text).append('\n');
        }
    }
}
