package io.concordcache.server;

import io.concordcache.admin.CacheText;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.ExpiryRule;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Stamp;
import io.concordcache.raft.ratis.RemoteStore;
import java.time.Duration;
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

/** Commands about caches. */
final class CacheCommands {
    private CacheCommands() {}

    @Command(
            name = "cache",
            description = "Lists, describes, creates, clears and destroys caches.",
            footerHeading = "%nExamples:%n",
            footer = {"  concord cache list", "  concord cache describe orders"})
    static final class Caches extends ClusterCommands.Group {}

    private static @Nullable Object bound(long limit) {
        return limit == CacheDefinition.UNBOUNDED ? "unlimited" : limit;
    }

    @Command(
            name = "list",
            description = "Lists the caches.",
            footerHeading = "%nExamples:%n",
            footer = "  concord cache list --output json")
    static final class CacheList implements Callable<Integer> {
        @Mixin
        private Target target;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                List<Map<String, @Nullable Object>> rows = new ArrayList<>();
                for (CacheInfo info : store.caches()) {
                    rows.add(Output.row(
                            "cache", info.definition().name(),
                            "entries", store.size(info.id()),
                            "max-entries", bound(info.definition().maxEntries()),
                            "max-bytes", bound(info.definition().maxBytes())));
                }
                target.output().many(rows, "no caches");
                return 0;
            }
        }
    }

    @Command(
            name = "describe",
            description = "Shows how a cache is defined.",
            footerHeading = "%nExamples:%n",
            footer = "  concord cache describe orders")
    static final class CacheDescribe implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "CACHE")
        private String name;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                CacheInfo info = Target.cache(store, name);
                ExpiryRule expiry = info.definition().expiry();
                Map<String, @Nullable Object> row = Output.row(
                        "cache", name,
                        "created", Instant.ofEpochMilli(Stamp.millis(info.id())).toString(),
                        "max-entries", bound(info.definition().maxEntries()),
                        "max-bytes", bound(info.definition().maxBytes()),
                        "expiry-after-creation", CacheText.shown(expiry.onCreation()),
                        "expiry-after-access", CacheText.shown(expiry.onAccess()),
                        "expiry-after-update", CacheText.shown(expiry.onUpdate()));
                row.putAll(info.definition().attributes());
                target.output().one(row);
                return 0;
            }
        }
    }

    @Command(
            name = "stats",
            description = "Shows how much a cache holds. Hits and misses are counted by each application for itself.",
            footerHeading = "%nExamples:%n",
            footer = "  concord cache stats orders")
    static final class CacheStats implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "CACHE")
        private String name;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                CacheInfo info = Target.cache(store, name);
                target.output().one(Output.row("cache", name, "entries", store.size(info.id())));
                return 0;
            }
        }
    }

    @Command(
            name = "create",
            description = "Creates a cache for keys and values of any type.",
            footerHeading = "%nExamples:%n",
            footer = "  concord cache create orders --max-entries 100000 --ttl 30m")
    static final class CacheCreate implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "CACHE")
        private String name;

        @Option(names = "--max-entries", description = "bound on entries; none if not given")
        private @Nullable Long maxEntries;

        @Option(names = "--max-bytes", description = "bound on bytes of keys and values; none if not given")
        private @Nullable Long maxBytes;

        @Option(names = "--ttl", description = "life after creation and update, as 30m; for ever if not given")
        private @Nullable Duration timeToLive;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                Outcome created = store.execute(new io.concordcache.raft.core.Command.CreateCache(
                        CacheText.definition(name, maxEntries, maxBytes, timeToLive)));
                if (!created.held()) {
                    throw new IllegalArgumentException("there is a cache '" + name + "' already");
                }
                target.output().one(Output.row("created", name));
                return 0;
            }
        }
    }

    @Command(
            name = "destroy",
            description = "Ends a cache, with all entries, for everybody.",
            footerHeading = "%nExamples:%n",
            footer = "  concord cache destroy orders --yes")
    static final class CacheDestroy implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "CACHE")
        private String name;

        @Option(names = "--yes", description = "do not ask")
        private boolean yes;

        @Override
        public Integer call() {
            target.confirm(yes, "end the cache '" + name + "' and all its entries");
            try (RemoteStore store = target.connect()) {
                long id = Target.cache(store, name).id();
                var unused = store.execute(new io.concordcache.raft.core.Command.DestroyCache(id));
                target.output().one(Output.row("destroyed", name));
                return 0;
            }
        }
    }

    @Command(
            name = "clear",
            description = "Removes all entries of a cache.",
            footerHeading = "%nExamples:%n",
            footer = "  concord cache clear orders --yes")
    static final class CacheClear implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "CACHE")
        private String name;

        @Option(names = "--yes", description = "do not ask")
        private boolean yes;

        @Override
        public Integer call() {
            target.confirm(yes, "remove all entries of the cache '" + name + "'");
            try (RemoteStore store = target.connect()) {
                long id = Target.cache(store, name).id();
                var unused = store.execute(new io.concordcache.raft.core.Command.Clear(id));
                target.output().one(Output.row("cleared", name));
                return 0;
            }
        }
    }
}
