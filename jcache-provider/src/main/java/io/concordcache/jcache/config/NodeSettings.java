package io.concordcache.jcache.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one node is started with. Ranges, defaults and the harm of extreme values stand in
 * {@code docs/settings.md}; {@link SettingsLoader} checks the same ranges and names the source of a bad value.
 *
 * @param clusterName {@code cluster.name}
 * @param durability {@code durability}
 * @param directory {@code directory}; null exactly with durability {@code MEMORY}
 * @param listen {@code listen}; null opens no port
 * @param operationTimeout {@code operation-timeout}
 * @param snapshotEntries {@code snapshot.entries}, log entries
 * @param snapshotBytes {@code snapshot.bytes}
 * @param snapshotInterval {@code snapshot.interval}
 * @param maxKeyBytes {@code limits.key}, at most half of {@code maxEntryBytes}
 * @param maxValueBytes {@code limits.value}
 * @param maxEntryBytes {@code limits.log-entry}
 */
public record NodeSettings(
        String clusterName,
        Durability durability,
        @Nullable Path directory,
        @Nullable HostPort listen,
        Duration operationTimeout,
        long snapshotEntries,
        long snapshotBytes,
        Duration snapshotInterval,
        int maxKeyBytes,
        int maxValueBytes,
        int maxEntryBytes) {

    /** @throws IllegalArgumentException if a component is out of its range or does not go with another */
    public NodeSettings {
        SettingTable.CLUSTER_NAME.check(clusterName);
        SettingTable.DURABILITY.check(durability);
        SettingTable.OPERATION_TIMEOUT.check(operationTimeout);
        SettingTable.SNAPSHOT_ENTRIES.check(snapshotEntries);
        SettingTable.SNAPSHOT_BYTES.check(snapshotBytes);
        SettingTable.SNAPSHOT_INTERVAL.check(snapshotInterval);
        SettingTable.KEY_LIMIT.check((long) maxKeyBytes);
        SettingTable.VALUE_LIMIT.check((long) maxValueBytes);
        SettingTable.LOG_ENTRY_LIMIT.check((long) maxEntryBytes);
        refuse(directoryProblem(durability, directory));
        refuse(limitProblem(maxKeyBytes, maxEntryBytes));
    }

    static @Nullable String directoryProblem(Durability durability, @Nullable Path directory) {
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

    static @Nullable String limitProblem(long maxKeyBytes, long maxEntryBytes) {
        return maxKeyBytes <= maxEntryBytes / 2
                ? null
                : "limits.key is " + SettingTable.KEY_LIMIT.type().print(maxKeyBytes)
                        + ", more than half of limits.log-entry, which is "
                        + SettingTable.LOG_ENTRY_LIMIT.type().print(maxEntryBytes)
                        + ", and a log entry must have room for a key and more; lower limits.key or raise"
                        + " limits.log-entry";
    }

    private static void refuse(@Nullable String problem) {
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
    }
}
