package io.concordcache.server;

import io.concordcache.raft.backup.Backup;
import io.concordcache.raft.ratis.RemoteStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands about backups of a whole cluster. */
final class BackupCommands {
    private BackupCommands() {}

    @Command(
            name = "backup",
            description = "Writes all caches, as of one moment, to a file.",
            footerHeading = "%nExamples:%n",
            footer = {"  concord backup monday.concord.gz", "  concord backup monday.concord.gz --servers a:7800,b:7800"
            })
    static final class Take implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "FILE", description = "the file; must not exist")
        private Path file;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect();
                    Progress progress = Progress.ofBytes("backup")) {
                Backup.Contents contents = Backup.take(store, file, progress::at);
                progress.close();
                show(target, contents);
                return 0;
            }
        }
    }

    @Command(
            name = "restore",
            description = "Makes and fills the caches of a backup, in a cluster that has none of them.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  concord restore monday.concord.gz --servers d:7800",
                "  concord restore monday.concord.gz --check"
            })
    static final class Restore implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "FILE", description = "the backup")
        private Path file;

        @Option(names = "--check", description = "only look whether the backup is whole, and show what it holds")
        private boolean check;

        @Override
        public Integer call() {
            Backup.Contents contents = Backup.check(file);
            if (check) {
                show(target, contents);
                return 0;
            }
            try (RemoteStore store = target.connect();
                    Progress progress = Progress.of("restore", contents.totalEntries())) {
                Backup.Restored restored = Backup.restore(store, file, progress::at);
                progress.close();
                target.output()
                        .one(Output.row(
                                "caches", restored.caches(),
                                "entries", restored.entries(),
                                "expired", restored.expired(),
                                "left-out",
                                        restored.leftOut().isEmpty() ? null : String.join(",", restored.leftOut())));
                return 0;
            }
        }
    }

    private static void show(Target target, Backup.Contents contents) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        contents.entries()
                .forEach((cache, entries) -> rows.add(Output.row(
                        "cluster",
                        contents.cluster(),
                        "taken",
                        Instant.ofEpochMilli(contents.takenAtMillis()).toString(),
                        "cache",
                        cache,
                        "entries",
                        entries)));
        target.output().many(rows, "no caches");
    }
}
