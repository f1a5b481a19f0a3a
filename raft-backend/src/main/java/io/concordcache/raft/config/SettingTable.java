package io.concordcache.raft.config;

import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.ratis.Durability;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.tls.Security;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All settings there are. To add one, add it here and to the record that carries it. */
final class SettingTable {
    static final String PROPERTY_PREFIX = "concord.";
    static final String ENVIRONMENT_PREFIX = "CONCORD_";
    static final String CACHES = "caches.";
    static final String DEFAULT_CACHE = "default";

    private static final long KB = 1L << 10;
    private static final long MB = 1L << 20;
    private static final long GB = 1L << 30;

    static final Setting<String> CLUSTER_NAME = Setting.of(
            "cluster.name",
            ValueType.name(),
            "concord",
            "The name of the cluster that the node belongs to. Nodes of different names never exchange" + " entries.");

    static final Setting<Durability> DURABILITY = Setting.of(
                    "durability",
                    ValueType.choice("word", List.of(Durability.values())),
                    Durability.MEMORY,
                    "What the entries survive. `memory`: nothing, they end with the last cache manager of the node."
                            + " `disk`: a crash of the process. `fsync`: a loss of power; each write waits for the"
                            + " disk. `disk` and `fsync` demand `directory`, `memory` forbids it.")
            .harm(
                    "`memory` loses every entry at the end of the process; `disk` may lose the last writes at a loss of"
                            + " power.",
                    "`fsync` makes every write wait for the disk, from tenths of a millisecond to tens of"
                            + " milliseconds.");

    static final Setting<Path> DIRECTORY = Setting.of(
            "directory",
            ValueType.directory().orWord("none", null),
            null,
            "Where the log and the snapshots are kept. Created if missing; one node per directory. Only with"
                    + " durability `disk` or `fsync`. A directory that is really called none is written `./none`.");

    static final Setting<HostPort> LISTEN = Setting.of(
            "listen",
            ValueType.address().orWord("none", null),
            null,
            "The address on which the node listens. With `none` a node alone opens no port, and a member listens on its"
                    + " own address. Without"
                    + " TLS whoever reaches the port can read and write the entries, so only a loopback address is"
                    + " accepted then, unless `plaintext` says otherwise.");

    static final Setting<Boolean> TLS = Setting.of(
            "tls.enabled",
            ValueType.bool(),
            false,
            "Whether all connections use TLS (1.3): those of members with each other and those of clients. The same on"
                    + " all members and clients. The files are looked at each second; when they have changed, new"
                    + " connections use what they hold, and when they are broken, what they held before. See"
                    + " `SECURITY.md`.");

    static final Setting<Path> TLS_CERTIFICATE = Setting.of(
            "tls.certificate",
            ValueType.directory().orWord("none", null),
            null,
            "PEM file with the certificate of this node, followed by those between it and its authority. That of a"
                    + " member must name the host by which the others reach it, as a subject alternative name, and must"
                    + " be good for servers and clients.");

    static final Setting<Path> TLS_KEY = Setting.of(
            "tls.key",
            ValueType.directory().orWord("none", null),
            null,
            "PEM file with the private key of `tls.certificate`, as PKCS #8 without a password. Let nobody but the"
                    + " account of the node read it.");

    static final Setting<Path> TLS_KEYSTORE = Setting.of(
            "tls.keystore",
            ValueType.directory().orWord("none", null),
            null,
            "PKCS #12 file with the certificate and the key of this node, in place of `tls.certificate` and"
                    + " `tls.key`.");

    static final Setting<Path> TLS_KEYSTORE_PASSWORD_FILE = Setting.of(
            "tls.keystore-password-file",
            ValueType.directory().orWord("none", null),
            null,
            "File whose first line is the password of `tls.keystore`, and of `tls.trust` if that is a PKCS #12 file.");

    static final Setting<String> TLS_KEYSTORE_PASSWORD = Setting.of(
                    "tls.keystore-password",
                    ValueType.text("password", "a password").orWord("none", null),
                    null,
                    "The password itself, in place of `tls.keystore-password-file`. Only as an environment variable or"
                            + " in the `Properties`: anywhere else it could be seen. It is never shown.")
            .asSecret();

    static final Setting<Path> TLS_TRUST = Setting.of(
            "tls.trust",
            ValueType.directory().orWord("none", null),
            null,
            "PEM or PKCS #12 file with the certificates of the authorities that others must be signed by. Whoever has"
                    + " a certificate from one of them is let in: use an authority for this cluster alone.");

    static final Setting<String> TLS_CLIENT_CERTIFICATE = Setting.of(
            "tls.client-certificate",
            ValueType.choiceOf("word", "required", "optional"),
            "required",
            "Whether members refuse clients that show no certificate. Members must show theirs to each other in any"
                    + " case.");

    static final Setting<Path> ACCESS_FILE = Setting.of(
            "access.file",
            ValueType.directory().orWord("none", null),
            null,
            "File that says which clients may read, write and administer which caches, by the names in their"
                    + " certificates or by tokens; see `SECURITY.md` for its lines. With `none` every client may do"
                    + " everything. Only with `tls.enabled`. The admin port of a server goes by it, too. Read again when"
                    + " it has changed; the same on all members makes sense.");

    static final Setting<Path> TOKEN_FILE = Setting.of(
            "token.file",
            ValueType.directory().orWord("none", null),
            null,
            "File whose first line is the token that this client shows to the members. Only with `tls.enabled`. Read at"
                    + " the start.");

    static final Setting<String> TOKEN = Setting.of(
                    "token.value",
                    ValueType.text("token", "a token").orWord("none", null),
                    null,
                    "The token itself, in place of `token.file`. Only as an environment variable or in the"
                            + " `Properties`: anywhere else it could be seen. It is never shown.")
            .asSecret();

    static final Setting<Long> CONNECTION_LIMIT = Setting.of(
                    "limits.connections",
                    ValueType.count("number of connections", 10, 1_000_000),
                    (long) Security.Limits.DEFAULT.connections(),
                    "How many connections others may have to the port of a member; more are closed at once. A client"
                            + " has two to each member that it uses, members have a few to each other.")
            .harm("Clients, and members too, are turned away.", "Each takes a thread and some hundred KB.");

    static final Setting<Long> ADDRESS_LIMIT = Setting.of(
                    "limits.connections-per-address",
                    ValueType.count("number of connections", 10, 1_000_000),
                    (long) Security.Limits.DEFAULT.connectionsPerAddress(),
                    "How many of them may come from one address.")
            .harm(
                    "Many clients behind one address are turned away.",
                    "One faulty machine can use up the connections of all.");

    static final Setting<Long> CACHE_LIMIT = Setting.of(
                    "limits.caches",
                    ValueType.count("number of caches", 1, 1_000_000),
                    (long) Security.Limits.DEFAULT.caches(),
                    "How many caches there may be; one more is refused. The member that leads decides.")
            .harm("Caches cannot be created.", "A faulty caller can fill the memory with empty caches.");

    static final Setting<String> PLAINTEXT = Setting.of(
            "plaintext",
            ValueType.choiceOf("word", "loopback", "allowed"),
            "loopback",
            "Where a member may listen without TLS: on a loopback address alone, or anywhere.");

    static final Setting<List<Member>> MEMBERS = Setting.of(
            "members",
            ValueType.members().orWord("none", null),
            null,
            "The members with which the cluster starts, this one included: 1, 3, 5 or 7, the same list on each. With"
                    + " `none` the node stands alone. Once the cluster exists its log knows its members, and the list"
                    + " only tells whom to ask. Members of more than one demand durability `disk` or `fsync`. A DNS"
                    + " name that resolves to all members is given by `members.dns`.");

    static final Setting<HostPort> MEMBERS_DNS = Setting.of(
            "members.dns",
            ValueType.address().orWord("none", null),
            null,
            "A DNS name that resolves to the addresses of all members, with the port that all of them use; in place of"
                    + " `members`. Looked up at the start, for a minute at most until it gives `members.count`"
                    + " addresses.");

    static final Setting<Long> MEMBERS_COUNT = Setting.of(
            "members.count",
            ValueType.count("number of members", 1, 99),
            3L,
            "How many members `members.dns` stands for. Addresses come one by one while a cluster is deployed, so the"
                    + " name alone does not tell.");

    static final Setting<String> MEMBER = Setting.of(
            "member",
            ValueType.text("id or address", "a:7800 or one").orWord("none", null),
            null,
            "Which of the members this node is. With `none` it is the only one whose address belongs to this"
                    + " machine.");

    static final Setting<Boolean> JOIN = Setting.of(
            "join",
            ValueType.bool(),
            false,
            "Whether this node waits, with an empty directory, to be added to a cluster that exists; `members` then"
                    + " names this node and members to ask.");

    static final Setting<List<Member>> SERVERS = Setting.of(
            "servers",
            ValueType.members().orWord("none", null),
            null,
            "The servers of a cluster that this JVM uses as a client, without being a member; the same as a URI of the"
                    + " form `concord://host:port,host:port`. Some are enough, the others are learnt from them.");

    static final Setting<Duration> OPERATION_TIMEOUT = Setting.of(
                    "operation-timeout",
                    ValueType.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
                    Duration.ofSeconds(5),
                    "The longest time that one cache operation, the start of the node or its end waits before it"
                            + " fails.")
            .harm(
                    "Operations fail in a pause for garbage collection or a slow disk write, though the node is well;"
                            + " the outcome of such a write is unknown.",
                    "Threads of the application hang that long when the node cannot answer.");

    static final Setting<Duration> READ_LEASE = Setting.of(
                    "read-lease",
                    ValueType.duration(Duration.ofMillis(100), Duration.ofMinutes(10))
                            .orWord("off", Duration.ZERO),
                    Duration.ofSeconds(1),
                    "How long a member of a cluster may answer linearizable reads from its own memory, without a"
                            + " message, after the cluster has allowed it to; it asks three times as often. Writes wait"
                            + " until every member with such a lease has them. Each member decides for itself; in"
                            + " clusters of more than 7 there are none. With `off` its reads ask a majority.")
            .harm(
                    "In a pause for garbage collection the lease lapses, and reads ask a majority until the next one.",
                    "When a member ends without notice, writes wait as long.");

    static final Setting<Compression> LINK_COMPRESSION = Setting.of(
            "link-compression",
            ValueType.choice("word", List.of(Compression.values())),
            Compression.OFF,
            "How a member of a cluster compresses what it sends to the others: the log, snapshots, writes that it hands"
                    + " to the leader; for members that are far apart. `lz4` needs the library"
                    + " `at.yawk.lz4:lz4-java`, `zstd` makes it smaller and takes longer, and needs"
                    + " `com.github.luben:zstd-jni`. A member without the library is sent everything as it is, and the"
                    + " log says so. The same on all members makes sense, since each may lead. Values that are"
                    + " compressed already, by the setting `compression`, gain nothing.");

    static final Setting<Long> SNAPSHOT_ENTRIES = Setting.of(
                    "snapshot.entries",
                    ValueType.count("number of log entries", 1, 1_000_000_000),
                    100_000L,
                    "A snapshot is taken, and the log before it deleted, once so many log entries were applied since"
                            + " the last one. The first of the three snapshot limits that is reached counts.")
            .harm(
                    "The node is busy writing snapshots; each holds all entries.",
                    "The log grows, and a restart replays it.");

    static final Setting<Long> SNAPSHOT_BYTES = Setting.of(
                    "snapshot.bytes",
                    ValueType.size(64 * KB, 64 * GB),
                    64 * MB,
                    "A snapshot is taken once the log has grown by so much since the last one.")
            .harm(
                    "As for `snapshot.entries`.",
                    "The log fills the disk, or the memory where the temporary directory is a tmpfs.");

    static final Setting<Duration> SNAPSHOT_INTERVAL = Setting.of(
                    "snapshot.interval",
                    ValueType.duration(Duration.ofSeconds(1), Duration.ofDays(7)),
                    Duration.ofMinutes(10),
                    "A snapshot is taken after this time if anything was written since the last one.")
            .harm("As for `snapshot.entries`.", "A rarely written node replays a longer log at its restart.");

    static final Setting<Long> KEY_LIMIT = Setting.of(
                    "limits.key",
                    ValueType.size(64, MB),
                    64 * KB,
                    "The largest key, as stored. A larger one is refused before anything is written. At most half of"
                            + " `limits.log-entry`.")
            .harm(
                    "Operations with legitimate keys fail.",
                    "Every key is kept in memory and in each log entry that touches it; a faulty caller can fill"
                            + " both.");

    static final Setting<Long> VALUE_LIMIT = Setting.of(
                    "limits.value",
                    ValueType.size(KB, 128 * MB),
                    16 * MB,
                    "The largest value, as stored. A larger one is refused before anything is written.")
            .harm(
                    "Operations with legitimate values fail.",
                    "One huge value holds up all operations behind it and takes several times its size in memory.");

    static final Setting<Long> LOG_ENTRY_LIMIT = Setting.of(
                    "limits.log-entry",
                    ValueType.size(64 * KB, 4 * MB - KB),
                    3 * MB,
                    "The largest entry of the replicated log. Larger writes are divided. The transport carries less"
                            + " than 4MB.")
            .harm(
                    "Large values and bulk operations take many log entries.",
                    "One log entry delays the small ones behind it for longer.");

    static final Setting<List<String>> ALLOWED_CLASSES = Setting.of(
                    "serialization.allow",
                    ValueType.classPatterns(),
                    List.of(),
                    "Classes that may be read by Java serialization besides the declared key and value types of the"
                            + " caches, what those hold, and harmless classes of the JDK. A later source replaces"
                            + " the whole list.")
            .harm(
                    "Operations with such classes fail; the message names the class.",
                    "A class that runs code while it is read is a way in for whoever can write entries; `**` switches"
                            + " the protection off.");

    static final Setting<Long> MAX_ENTRIES = Setting.of(
                    "max-entries",
                    ValueType.count("number of entries", 1, 1_000_000_000_000L)
                            .orWord(CacheSettings.UNLIMITED_WORD, CacheSettings.UNLIMITED),
                    10_000L,
                    "How many entries the cache holds; beyond it entries are evicted.")
            .harm("Entries are evicted before they are used again.", "The heap fills up; `unlimited` has no bound.");

    static final Setting<Long> MAX_BYTES = Setting.of(
                    "max-bytes",
                    ValueType.size(KB, 16_384 * GB).orWord(CacheSettings.UNLIMITED_WORD, CacheSettings.UNLIMITED),
                    64 * MB,
                    "How many bytes of keys and values, as stored, the cache holds; beyond it entries are evicted.")
            .harm("As for `max-entries`.", "As for `max-entries`.");

    static final Setting<Duration> TIME_TO_LIVE = Setting.of(
                    "time-to-live",
                    ValueType.duration(Duration.ofMillis(1), Duration.ofDays(3650))
                            .orWord("none", CacheLayer.NO_TIME_TO_LIVE),
                    CacheLayer.NO_TIME_TO_LIVE,
                    "How long an entry lives after its creation or last update. Applies only to caches whose JCache"
                            + " configuration names no expiry policy, that is, leaves it at eternal; another is left as it is.")
            .harm("Entries expire before they are used again.", "Readers see old data for longer.");

    static final Setting<Boolean> STATISTICS = Setting.of(
            "statistics",
            ValueType.bool(),
            null,
            "Whether statistics are collected from the creation of the cache on. Not set, its JCache configuration"
                    + " decides.");

    static final Setting<Boolean> MANAGEMENT = Setting.of(
            "management",
            ValueType.bool(),
            null,
            "Whether the configuration MXBean is registered at the creation of the cache. Not set, its JCache"
                    + " configuration decides.");

    static final Setting<ReadLevel> READ_LEVEL = Setting.of(
                    "read-level",
                    ValueType.choice("word", List.of(ReadLevel.values())),
                    ReadLevel.LINEARIZABLE,
                    "What a read promises in a cluster. `linearizable`: the newest acknowledged value, after asking a"
                            + " majority. `session`: this JVM's own writes, and never back in time. `eventual`: what"
                            + " the nearest replica has.")
            .harm(
                    "`session` and `eventual` may show old values, on a member that is cut off for as long as it is.",
                    "`linearizable` costs a message for each read, and fails without a majority.");

    static final Setting<Boolean> NEAR_CACHE = Setting.of(
            "near-cache",
            ValueType.onOff(),
            true,
            "Whether decoded values are kept near the caller, so that a hit need not decode. On a member it makes no"
                    + " difference to what a read promises: the current entry is looked up each time. A client keeps"
                    + " copies of entries too, for reads of level `session` and `eventual`; `linearizable` ones ask a"
                    + " member each time.");

    static final Setting<Long> NEAR_CACHE_MAX_ENTRIES = Setting.of(
                    "near-cache-max-entries",
                    ValueType.count("number of entries", 1, 1_000_000_000L),
                    10_000L,
                    "How many decoded values, and on a client copies, are kept near the caller.")
            .harm("Hits decode their value, and on a client cost a message.", "They take heap beside the entries.");

    static final Setting<Duration> NEAR_CACHE_MAX_STALENESS = Setting.of(
                    "near-cache-max-staleness",
                    ValueType.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
                    Duration.ofSeconds(1),
                    "On a client: no copy is served that was overwritten longer ago, whatever happens to the connection"
                            + " over which it hears of changes; usually it hears within milliseconds.")
            .harm(
                    "A short pause of the connection makes every read ask a member.",
                    "A client that is cut off serves old values for longer.");

    static final Setting<Compression> COMPRESSION = Setting.of(
            "compression",
            ValueType.choice("word", List.of(Compression.values())),
            Compression.OFF,
            "How large values are compressed in this JVM before they are written. `lz4`: fast; needs the library"
                    + " `at.yawk.lz4:lz4-java` on the class path. `zstd`: smaller, slower to write; needs"
                    + " `com.github.luben:zstd-jni`. Values that do not become smaller are written as they are. Nodes may"
                    + " differ: each reads what any has written, if it has the library. Not for values with a marshaller"
                    + " of the application's own.");

    static final Setting<Long> COMPRESSION_THRESHOLD = Setting.of(
                    "compression-threshold",
                    ValueType.size(64, 128 * MB),
                    KB,
                    "Values of so many bytes and more, as stored, are compressed.")
            .harm("Small values cost time and gain little.", "Large values stay as large as they are.");

    /** The settings of the node, in the order in which they are printed. */
    static final List<Setting<?>> NODE = List.of(
            CLUSTER_NAME,
            DURABILITY,
            DIRECTORY,
            LISTEN,
            PLAINTEXT,
            TLS,
            TLS_CERTIFICATE,
            TLS_KEY,
            TLS_KEYSTORE,
            TLS_KEYSTORE_PASSWORD_FILE,
            TLS_KEYSTORE_PASSWORD,
            TLS_TRUST,
            TLS_CLIENT_CERTIFICATE,
            ACCESS_FILE,
            TOKEN_FILE,
            TOKEN,
            MEMBERS,
            MEMBERS_DNS,
            MEMBERS_COUNT,
            MEMBER,
            JOIN,
            SERVERS,
            OPERATION_TIMEOUT,
            READ_LEASE,
            LINK_COMPRESSION,
            SNAPSHOT_ENTRIES,
            SNAPSHOT_BYTES,
            SNAPSHOT_INTERVAL,
            KEY_LIMIT,
            VALUE_LIMIT,
            LOG_ENTRY_LIMIT,
            CONNECTION_LIMIT,
            ADDRESS_LIMIT,
            CACHE_LIMIT,
            ALLOWED_CLASSES);

    /** The settings of each cache. */
    static final List<Setting<?>> CACHE = List.of(
            MAX_ENTRIES,
            MAX_BYTES,
            TIME_TO_LIVE,
            STATISTICS,
            MANAGEMENT,
            READ_LEVEL,
            NEAR_CACHE,
            NEAR_CACHE_MAX_ENTRIES,
            NEAR_CACHE_MAX_STALENESS,
            COMPRESSION,
            COMPRESSION_THRESHOLD);

    private static final Map<String, Setting<?>> NODE_BY_KEY = byKey(NODE);
    private static final Map<String, Setting<?>> CACHE_BY_KEY = byKey(CACHE);

    private SettingTable() {}

    /** The setting of a full key, or null if there is none. */
    static @Nullable Setting<?> find(String key) {
        if (!key.startsWith(CACHES)) {
            return NODE_BY_KEY.get(key);
        }
        int lastDot = key.lastIndexOf('.');
        return lastDot > CACHES.length() ? CACHE_BY_KEY.get(key.substring(lastDot + 1)) : null;
    }

    /** The cache name or pattern in the key of a cache's setting: what stands before the last dot. */
    static String cacheIn(String key) {
        return key.substring(CACHES.length(), Math.max(CACHES.length(), key.lastIndexOf('.')));
    }

    static String cacheKey(String cache, Setting<?> setting) {
        return CACHES + cache + "." + setting.key();
    }

    /** Whether other keys continue this one, as {@code snapshot}. What follows {@code caches} is a name, not one. */
    static boolean isSection(String key) {
        String start = key + ".";
        return start.equals(CACHES)
                || NODE.stream().anyMatch(setting -> setting.key().startsWith(start));
    }

    /** The full keys of all settings, those of a cache under the given name. */
    static List<String> keys(String cache) {
        List<String> keys = new ArrayList<>();
        NODE.forEach(setting -> keys.add(setting.key()));
        CACHE.forEach(setting -> keys.add(cacheKey(cache, setting)));
        return keys;
    }

    private static Map<String, Setting<?>> byKey(List<Setting<?>> settings) {
        return settings.stream().collect(Collectors.toUnmodifiableMap(Setting::key, Function.identity()));
    }
}
