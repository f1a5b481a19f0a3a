package io.concordcache.raft.config;

import io.concordcache.raft.access.Token;
import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.Durability;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RemoteSettings;
import io.concordcache.raft.ratis.StoreSettings;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Secret;
import io.concordcache.raft.tls.Security;
import io.concordcache.raft.tls.TlsSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Builds the records from the value that won for each key; checks what concerns more than one setting. */
final class Assembly {
    private static final List<Setting<?>> MEMBERS_ONLY = List.of(
            SettingTable.DURABILITY,
            SettingTable.DIRECTORY,
            SettingTable.LISTEN,
            SettingTable.PLAINTEXT,
            SettingTable.TLS_CLIENT_CERTIFICATE,
            SettingTable.ACCESS_FILE,
            SettingTable.CONNECTION_LIMIT,
            SettingTable.ADDRESS_LIMIT,
            SettingTable.CACHE_LIMIT,
            SettingTable.MEMBERS,
            SettingTable.MEMBERS_DNS,
            SettingTable.MEMBERS_COUNT,
            SettingTable.MEMBER,
            SettingTable.JOIN,
            SettingTable.LINK_COMPRESSION,
            SettingTable.SNAPSHOT_ENTRIES,
            SettingTable.SNAPSHOT_BYTES,
            SettingTable.SNAPSHOT_INTERVAL);

    private static final List<Setting<?>> ONLY_WITH_TLS = List.of(
            SettingTable.TLS_CERTIFICATE,
            SettingTable.TLS_KEY,
            SettingTable.TLS_KEYSTORE,
            SettingTable.TLS_KEYSTORE_PASSWORD_FILE,
            SettingTable.TLS_KEYSTORE_PASSWORD,
            SettingTable.TLS_TRUST);

    private static final List<Setting<?>> CLIENTS_ONLY = List.of(SettingTable.TOKEN_FILE, SettingTable.TOKEN);

    /** Where a password may stand: URIs and files are logged and copied, arguments of a process seen by all. */
    private static final Set<Origin.Source> PRIVATE = Set.of(Origin.Source.ENVIRONMENT, Origin.Source.PROPERTIES);

    private final Map<String, RawValue> byKey;

    Assembly(Map<String, RawValue> byKey) {
        this.byKey = byKey;
    }

    ConcordSettings settings() {
        List<String> caches = byKey.keySet().stream()
                .filter(key -> key.startsWith(SettingTable.CACHES))
                .map(SettingTable::cacheIn)
                .collect(Collectors.toCollection(() -> new TreeSet<>(CacheLayer.MOST_PARTICULAR_FIRST)))
                .stream()
                .filter(cache -> !cache.equals(SettingTable.DEFAULT_CACHE))
                .toList();
        List<CacheLayer> layers = new ArrayList<>();
        caches.forEach(cache -> layers.add(layer(cache)));
        layers.add(defaultLayer());
        return new ConcordSettings(node(), layers, required(SettingTable.ALLOWED_CLASSES), effective(caches));
    }

    private StoreSettings node() {
        return value(SettingTable.SERVERS) == null ? member() : client();
    }

    /** What a client has no use for must not be set: it would do nothing. */
    private RemoteSettings client() {
        for (Setting<?> setting : MEMBERS_ONLY) {
            RawValue raw = byKey.get(setting.key());
            refuse(
                    raw != null && !Objects.equals(setting.parse(raw), setting.defaultValue())
                            ? setting.key() + " is for members, but servers are named, which makes this JVM a client;"
                                    + " remove one of the two"
                            : null,
                    SettingTable.SERVERS,
                    setting);
        }
        refuseLargeKeys();
        TlsSettings tls = tls();
        return new RemoteSettings(
                required(SettingTable.CLUSTER_NAME),
                required(SettingTable.SERVERS),
                tls,
                token(tls),
                required(SettingTable.OPERATION_TIMEOUT),
                Math.toIntExact(required(SettingTable.KEY_LIMIT)),
                Math.toIntExact(required(SettingTable.VALUE_LIMIT)),
                Math.toIntExact(required(SettingTable.LOG_ENTRY_LIMIT)));
    }

    private @Nullable Secret token(@Nullable TlsSettings tls) {
        refuseVisible(SettingTable.TOKEN, SettingTable.TOKEN_FILE);
        String text = value(SettingTable.TOKEN);
        Path file = value(SettingTable.TOKEN_FILE);
        refuse(
                text != null && file != null ? "the token is given twice; keep one" : null,
                SettingTable.TOKEN,
                SettingTable.TOKEN_FILE);
        refuse(
                tls == null && (text != null || file != null)
                        ? "a token is set, but tls.enabled is false: it could be read on its way; set both"
                        : null,
                text != null ? SettingTable.TOKEN : SettingTable.TOKEN_FILE,
                SettingTable.TLS);
        try {
            if (file != null) {
                return Token.read(file);
            }
            return text == null ? null : Token.check(new Secret(text), SettingTable.TOKEN.key());
        } catch (StartException e) {
            refuse(e.getMessage(), file != null ? SettingTable.TOKEN_FILE : SettingTable.TOKEN);
            throw e;
        }
    }

    private void refuseVisible(Setting<String> secret, Setting<Path> file) {
        RawValue given = byKey.get(secret.key());
        refuse(
                given != null
                                && secret.parse(given) != null
                                && !PRIVATE.contains(given.origin().source())
                        ? secret.key() + " stands where it could be seen; write it into a file and name that by "
                                + file.key() + ", or set the environment variable " + Setting.variable(secret.key())
                        : null,
                secret);
    }

    private @Nullable TlsSettings tls() {
        refuseVisible(SettingTable.TLS_KEYSTORE_PASSWORD, SettingTable.TLS_KEYSTORE_PASSWORD_FILE);
        if (!required(SettingTable.TLS)) {
            for (Setting<?> setting : ONLY_WITH_TLS) {
                refuse(
                        value(setting) == null ? null : setting.key() + " is set, but tls.enabled is false; set both",
                        setting,
                        SettingTable.TLS);
            }
            return null;
        }
        Path trust = value(SettingTable.TLS_TRUST);
        refuse(
                trust == null
                        ? "tls.enabled is true, but tls.trust does not say whose certificates are accepted"
                        : null,
                SettingTable.TLS,
                SettingTable.TLS_TRUST);
        String secret = value(SettingTable.TLS_KEYSTORE_PASSWORD);
        try {
            return new TlsSettings(
                    value(SettingTable.TLS_CERTIFICATE),
                    value(SettingTable.TLS_KEY),
                    value(SettingTable.TLS_KEYSTORE),
                    value(SettingTable.TLS_KEYSTORE_PASSWORD_FILE),
                    secret == null ? null : new Secret(secret),
                    Objects.requireNonNull(trust),
                    required(SettingTable.TLS_CLIENT_CERTIFICATE).equals("required"));
        } catch (IllegalArgumentException e) {
            refuse(
                    e.getMessage(),
                    SettingTable.TLS_CERTIFICATE,
                    SettingTable.TLS_KEY,
                    SettingTable.TLS_KEYSTORE,
                    SettingTable.TLS_KEYSTORE_PASSWORD_FILE);
            throw e;
        }
    }

    private void refuseLargeKeys() {
        refuse(
                limitProblem(required(SettingTable.KEY_LIMIT), required(SettingTable.LOG_ENTRY_LIMIT)),
                SettingTable.KEY_LIMIT,
                SettingTable.LOG_ENTRY_LIMIT);
    }

    private @Nullable ClusterSettings cluster() {
        List<Member> members = value(SettingTable.MEMBERS);
        HostPort dns = value(SettingTable.MEMBERS_DNS);
        refuse(
                members != null && dns != null ? "members and members.dns exclude each other; keep one" : null,
                SettingTable.MEMBERS,
                SettingTable.MEMBERS_DNS);
        if (members == null && dns == null) {
            refuse(
                    value(SettingTable.MEMBER) == null ? null : "member is set, but no members are",
                    SettingTable.MEMBER,
                    SettingTable.MEMBERS);
            return null;
        }
        try {
            List<Member> all = members == null
                    ? Topology.lookUp(Objects.requireNonNull(dns), required(SettingTable.MEMBERS_COUNT))
                    : members;
            return new ClusterSettings(
                    Topology.self(all, value(SettingTable.MEMBER)), all, required(SettingTable.JOIN));
        } catch (IllegalArgumentException e) {
            refuse(e.getMessage(), dns == null ? SettingTable.MEMBERS : SettingTable.MEMBERS_DNS, SettingTable.MEMBER);
            throw e;
        }
    }

    private RatisSettings member() {
        for (Setting<?> setting : CLIENTS_ONLY) {
            refuse(
                    value(setting) == null
                            ? null
                            : setting.key() + " is for clients, but no servers are named; remove it",
                    setting,
                    SettingTable.SERVERS);
        }
        ClusterSettings cluster = cluster();
        refuse(
                cluster != null
                                && cluster.members().size() > 1
                                && required(SettingTable.DURABILITY) == Durability.MEMORY
                        ? "durability is memory, but a member of a cluster must not forget what it has acknowledged;"
                                + " choose durability disk or fsync, with a directory"
                        : null,
                SettingTable.DURABILITY,
                SettingTable.MEMBERS);
        refuse(
                directoryProblem(required(SettingTable.DURABILITY), value(SettingTable.DIRECTORY)),
                SettingTable.DURABILITY,
                SettingTable.DIRECTORY);
        refuseLargeKeys();
        TlsSettings tls = tls();
        refuse(
                tls != null && !tls.hasCertificate()
                        ? "tls.enabled is true, but a member needs a certificate: set tls.certificate and tls.key, or"
                                + " tls.keystore"
                        : null,
                SettingTable.TLS,
                SettingTable.TLS_CERTIFICATE,
                SettingTable.TLS_KEYSTORE);
        Path access = value(SettingTable.ACCESS_FILE);
        refuse(
                access != null && tls == null
                        ? "access.file is set, but tls.enabled is false: nobody could show who it is; set both"
                        : null,
                SettingTable.ACCESS_FILE,
                SettingTable.TLS);
        Security.Limits limits = new Security.Limits(
                Math.toIntExact(required(SettingTable.CONNECTION_LIMIT)),
                Math.toIntExact(required(SettingTable.ADDRESS_LIMIT)),
                Math.toIntExact(required(SettingTable.CACHE_LIMIT)));
        HostPort listen = value(SettingTable.LISTEN);
        return new RatisSettings(
                required(SettingTable.CLUSTER_NAME),
                required(SettingTable.DURABILITY),
                value(SettingTable.DIRECTORY),
                listen == null ? null : InetSocketAddress.createUnresolved(listen.host(), listen.port()),
                cluster,
                required(SettingTable.READ_LEASE),
                required(SettingTable.LINK_COMPRESSION),
                new Security(tls, required(SettingTable.PLAINTEXT).equals("allowed"), access, limits),
                required(SettingTable.OPERATION_TIMEOUT),
                required(SettingTable.SNAPSHOT_ENTRIES),
                required(SettingTable.SNAPSHOT_BYTES),
                required(SettingTable.SNAPSHOT_INTERVAL),
                Math.toIntExact(required(SettingTable.KEY_LIMIT)),
                Math.toIntExact(required(SettingTable.VALUE_LIMIT)),
                Math.toIntExact(required(SettingTable.LOG_ENTRY_LIMIT)));
    }

    private static @Nullable String directoryProblem(Durability durability, @Nullable Path directory) {
        String word = SettingTable.DURABILITY.type().print(durability);
        if (durability == Durability.MEMORY) {
            return directory == null
                    ? null
                    : "durability is " + word + ", which keeps nothing on disk, but directory is "
                            + Text.quote(directory.toString())
                            + "; choose durability disk or fsync to keep the entries there, or remove directory";
        }
        return directory != null
                ? null
                : "durability is " + word + ", but no directory is given to keep the log in; set directory, or choose"
                        + " durability memory to keep nothing";
    }

    private static @Nullable String limitProblem(long maxKeyBytes, long maxEntryBytes) {
        return maxKeyBytes <= maxEntryBytes / 2
                ? null
                : "limits.key is " + SettingTable.KEY_LIMIT.type().print(maxKeyBytes)
                        + ", more than half of limits.log-entry, which is "
                        + SettingTable.LOG_ENTRY_LIMIT.type().print(maxEntryBytes)
                        + ", and a log entry must have room for a key and more; lower limits.key or raise"
                        + " limits.log-entry";
    }

    private CacheLayer layer(String cache) {
        return new CacheLayer(
                cache,
                set(cache, SettingTable.MAX_ENTRIES),
                set(cache, SettingTable.MAX_BYTES),
                set(cache, SettingTable.TIME_TO_LIVE),
                set(cache, SettingTable.STATISTICS),
                set(cache, SettingTable.MANAGEMENT),
                set(cache, SettingTable.READ_LEVEL),
                set(cache, SettingTable.NEAR_CACHE),
                set(cache, SettingTable.NEAR_CACHE_MAX_ENTRIES),
                set(cache, SettingTable.NEAR_CACHE_MAX_STALENESS),
                set(cache, SettingTable.COMPRESSION),
                set(cache, SettingTable.COMPRESSION_THRESHOLD));
    }

    private CacheLayer defaultLayer() {
        CacheLayer set = layer(SettingTable.DEFAULT_CACHE);
        return new CacheLayer(
                SettingTable.DEFAULT_CACHE,
                or(set.maxEntries(), SettingTable.MAX_ENTRIES),
                or(set.maxBytes(), SettingTable.MAX_BYTES),
                or(set.timeToLive(), SettingTable.TIME_TO_LIVE),
                or(set.statistics(), SettingTable.STATISTICS),
                or(set.management(), SettingTable.MANAGEMENT),
                or(set.readLevel(), SettingTable.READ_LEVEL),
                or(set.nearCache(), SettingTable.NEAR_CACHE),
                or(set.nearCacheMaxEntries(), SettingTable.NEAR_CACHE_MAX_ENTRIES),
                or(set.nearCacheMaxStaleness(), SettingTable.NEAR_CACHE_MAX_STALENESS),
                or(set.compression(), SettingTable.COMPRESSION),
                or(set.compressionThreshold(), SettingTable.COMPRESSION_THRESHOLD));
    }

    private List<EffectiveSetting> effective(List<String> caches) {
        List<EffectiveSetting> lines = new ArrayList<>();
        SettingTable.NODE.forEach(setting -> lines.add(line(setting.key(), setting)));
        SettingTable.CACHE.forEach(
                setting -> lines.add(line(SettingTable.cacheKey(SettingTable.DEFAULT_CACHE, setting), setting)));
        for (String cache : caches) {
            SettingTable.CACHE.stream()
                    .filter(setting -> byKey.containsKey(SettingTable.cacheKey(cache, setting)))
                    .forEach(setting -> lines.add(line(SettingTable.cacheKey(cache, setting), setting)));
        }
        return lines;
    }

    private EffectiveSetting line(String key, Setting<?> setting) {
        RawValue raw = byKey.get(key);
        return raw == null
                ? new EffectiveSetting(key, setting.shownDefault(), Origin.DEFAULT)
                : new EffectiveSetting(key, setting.shown(raw), raw.origin());
    }

    private <T> @Nullable T value(Setting<T> setting) {
        RawValue raw = byKey.get(setting.key());
        return raw == null ? setting.defaultValue() : setting.parse(raw);
    }

    private <T> T required(Setting<T> setting) {
        return Objects.requireNonNull(value(setting), setting.key());
    }

    private <T> @Nullable T set(String cache, Setting<T> setting) {
        RawValue raw = byKey.get(SettingTable.cacheKey(cache, setting));
        return raw == null ? null : setting.parse(raw);
    }

    private static <T> @Nullable T or(@Nullable T value, Setting<T> setting) {
        return value == null ? setting.defaultValue() : value;
    }

    private void refuse(@Nullable String problem, Setting<?>... involved) {
        if (problem != null) {
            String origins = Arrays.stream(involved)
                    .map(Setting::key)
                    .map(key -> key + ": "
                            + (byKey.containsKey(key) ? byKey.get(key).origin() : Origin.DEFAULT))
                    .collect(Collectors.joining("; "));
            throw new ConfigurationException(problem + " (" + origins + ")");
        }
    }
}
