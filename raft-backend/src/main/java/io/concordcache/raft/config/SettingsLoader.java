package io.concordcache.raft.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration of a cache manager from all its sources. A later source overrides an earlier one:
 * defaults, the file, the URI's query, {@code CONCORD_…} environment variables, {@code concord.…} system
 * properties, the {@code Properties} handed over with the URI. Every value is checked, also one that is
 * overridden. A file is read only if the URI names it.
 *
 * <p>Immutable, for any thread.
 */
public final class SettingsLoader {
    /** A node alone, with nothing configured in the URI. */
    public static final URI DEFAULT_URI = URI.create("concord:local");

    /**
     * What Kubernetes puts into each container for a service whose name begins with "concord"; the second kind
     * also by its value. Refusing these would keep a pod from starting because of a name elsewhere.
     */
    private static final Pattern SERVICE_VARIABLE =
            Pattern.compile("CONCORD_(.*_)?(SERVICE_(HOST|PORT(_.+)?)|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    /** Properties of the standards, which every provider is handed. */
    private static final Pattern FOREIGN = Pattern.compile("(javax|jakarta)\\..*");

    private static final Pattern SERVICE_PORT_VARIABLE = Pattern.compile("CONCORD_(.*_)?PORT");
    private static final Pattern SERVICE_PORT_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

    private final Map<String, String> environment;
    private final Map<String, String> systemProperties;

    /**
     * Reads the two given maps in place of the process's own.
     *
     * @param environment names that do not begin with {@code CONCORD_} are ignored
     * @param systemProperties names that do not begin with {@code concord.} are ignored
     */
    public SettingsLoader(Map<String, String> environment, Map<String, String> systemProperties) {
        this.environment = Map.copyOf(environment);
        this.systemProperties = Map.copyOf(systemProperties);
    }

    /** Takes the environment and the system properties of this process as they are now. */
    public static SettingsLoader ofThisProcess() {
        Properties properties = System.getProperties();
        Map<String, String> copy = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            // Another thread may remove one meanwhile.
            Optional.ofNullable(properties.getProperty(name)).ifPresent(value -> copy.put(name, value));
        }
        return new SettingsLoader(System.getenv(), copy);
    }

    /**
     * Reads, checks and combines all sources. Blocks while it reads the file.
     *
     * @param uri {@code concord:local}, {@code concord:file:PATH} or {@code concord:classpath:NAME}, or
     *     {@code concord://HOST:PORT,HOST:PORT} for a client, each with an optional query of settings; null means {@link #DEFAULT_URI}
     * @param loader finds the resource of a {@code classpath} URI
     * @param properties settings with or without the prefix {@code concord.}; null means none; those that begin with
     *     {@code javax.} or {@code jakarta.} are none of ours and left alone
     * @throws ConfigurationException if anything in any source is unknown, malformed, out of range or
     *     contradictory, or the file cannot be read
     */
    public ConcordSettings load(@Nullable URI uri, ClassLoader loader, @Nullable Properties properties) {
        ConcordUri target = ConcordUri.parse(uri == null ? DEFAULT_URI : uri);
        List<RawValue> all = new ArrayList<>();
        switch (target.kind()) {
            case LOCAL -> {}
            case FILE -> all.addAll(ConfigFile.read(target.location()));
            case JAR -> all.addAll(ConfigFile.readJar(target.location()));
            case CLASSPATH -> all.addAll(ConfigFile.read(target.location(), loader));
            case SERVERS -> all.add(new RawValue(SettingTable.SERVERS.key(), target.location(), Origin.QUERY));
        }
        all.addAll(target.query());
        all.addAll(fromEnvironment());
        all.addAll(fromSystemProperties());
        all.addAll(fromProperties(properties == null ? new Properties() : properties));

        Map<String, RawValue> byKey = new LinkedHashMap<>();
        for (RawValue value : all) {
            check(value);
            byKey.put(value.key(), value);
        }
        return new Assembly(byKey).settings();
    }

    /** The error for a key that is in no source's vocabulary. */
    static ConfigurationException unknown(String key, Origin origin) {
        return unknown(key, origin, candidates(key));
    }

    private static ConfigurationException unknown(String written, Origin origin, Collection<String> known) {
        String help = Nearest.to(written, known)
                .map(nearest -> "did you mean " + Text.quote(nearest) + "?")
                .orElseGet(
                        () -> "known are " + known.stream().map(Text::shorten).collect(Collectors.joining(", ")));
        return new ConfigurationException("unknown setting " + Text.quote(written) + " (" + origin + "); " + help);
    }

    /** The keys that this one may stand for: those of the cache that it names, or any. */
    private static List<String> candidates(String key) {
        String cache = key.startsWith(SettingTable.CACHES) ? SettingTable.cacheIn(key) : "";
        return cache.isEmpty() || cache.length() > CacheNames.MAX_BYTES
                ? SettingTable.keys(SettingTable.DEFAULT_CACHE)
                : SettingTable.CACHE.stream()
                        .map(setting -> SettingTable.cacheKey(cache, setting))
                        .toList();
    }

    private static void check(RawValue value) {
        Setting<?> setting = SettingTable.find(value.key());
        if (setting == null) {
            throw unknown(value.key(), value.origin());
        }
        if (value.key().startsWith(SettingTable.CACHES)) {
            try {
                CacheNames.check(SettingTable.cacheIn(value.key()));
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(
                        Text.quote(value.key()) + " (" + value.origin() + "): " + e.getMessage(), e);
            }
        }
        setting.parse(value);
    }

    private List<RawValue> fromEnvironment() {
        Map<String, String> keys = SettingTable.keys(SettingTable.DEFAULT_CACHE).stream()
                .collect(Collectors.toMap(Setting::variable, key -> key));
        List<RawValue> values = new ArrayList<>();
        new TreeMap<>(environment).forEach((name, text) -> {
            if (!name.startsWith(SettingTable.ENVIRONMENT_PREFIX) || isOfKubernetes(name, text)) {
                return;
            }
            Origin origin = Origin.environment(name);
            String key = keys.get(name);
            if (key == null) {
                throw unknownVariable(name, origin, new TreeSet<>(keys.keySet()));
            }
            values.add(new RawValue(key, text, origin));
        });
        return values;
    }

    private static ConfigurationException unknownVariable(String name, Origin origin, Collection<String> known) {
        if (name.startsWith(Setting.variable(SettingTable.CACHES))
                && !name.startsWith(Setting.variable(SettingTable.CACHES + SettingTable.DEFAULT_CACHE))) {
            return new ConfigurationException("unknown setting " + Text.quote(name) + " (" + origin
                    + "); a variable cannot name a cache, only CONCORD_CACHES_DEFAULT_… exist: set single caches in"
                    + " the file, the URI, system properties or properties");
        }
        return unknown(name, origin, known);
    }

    private static boolean isOfKubernetes(String name, String text) {
        return SERVICE_VARIABLE.matcher(name).matches()
                || (SERVICE_PORT_VARIABLE.matcher(name).matches()
                        && SERVICE_PORT_VALUE.matcher(text).matches());
    }

    private List<RawValue> fromSystemProperties() {
        List<RawValue> values = new ArrayList<>();
        new TreeMap<>(systemProperties).forEach((name, text) -> {
            if (name.startsWith(SettingTable.PROPERTY_PREFIX)) {
                values.add(fromProperty(name, text, Origin.systemProperty(name)));
            }
        });
        return values;
    }

    private static List<RawValue> fromProperties(Properties properties) {
        properties.forEach((name, value) -> {
            if (!(name instanceof String && value instanceof String)) {
                throw new ConfigurationException("the properties hold " + Text.quote(String.valueOf(name))
                        + ", whose name or value is not a String; hand it over as text");
            }
        });
        Map<String, RawValue> values = new LinkedHashMap<>();
        for (String name : new TreeSet<>(properties.stringPropertyNames())) {
            if (FOREIGN.matcher(name).matches()) {
                continue;
            }
            String text = Objects.requireNonNull(properties.getProperty(name));
            RawValue value = fromProperty(name, text, Origin.properties(name));
            RawValue first = values.putIfAbsent(value.key(), value);
            if (first != null) {
                throw new ConfigurationException(
                        value.key() + " is given as " + first.origin() + " and as " + value.origin() + "; keep one");
            }
        }
        return new ArrayList<>(values.values());
    }

    private static RawValue fromProperty(String name, String text, Origin origin) {
        String prefix = SettingTable.PROPERTY_PREFIX;
        if (!name.startsWith(prefix)) {
            return new RawValue(name, text, origin);
        }
        String key = name.substring(prefix.length());
        if (SettingTable.find(key) == null) {
            throw unknown(
                    name, origin, candidates(key).stream().map(prefix::concat).toList());
        }
        return new RawValue(key, text, origin);
    }
}
