package io.concordcache.server;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.marshal.ClassFilter;
import io.concordcache.raft.marshal.CompressingMarshaller;
import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.marshal.Marshaller;
import io.concordcache.raft.marshal.RecordText;
import io.concordcache.raft.marshal.StandardMarshaller;
import io.concordcache.raft.ratis.RemoteStore;
import io.concordcache.raft.store.ReadLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands about single entries, for inspection. Keys and values have the bytes that JCache gives them. */
final class EntryCommands {
    /** The largest that the settings allow. */
    private static final int MAX_VALUE_BYTES = 128 << 20;

    /** Reads what has a short form, and classes of the JDK that do nothing: no class of an application is loaded. */
    static final Marshaller MARSHALLER = new CompressingMarshaller(
            new StandardMarshaller(ClassFilter.forTypes(), EntryCommands.class.getClassLoader()),
            Compression.OFF,
            0,
            MAX_VALUE_BYTES);

    private static final int SHOWN_BYTES = 32;

    private EntryCommands() {}

    /** What a key is written as. */
    enum KeyType {
        STRING,
        LONG,
        INT,
        UUID,
        HEX
    }

    /** What all of them need: cluster, cache, key. */
    abstract static class OneKey implements Callable<Integer> {
        @Mixin
        protected Target target;

        @Option(
                names = "--key-type",
                defaultValue = "string",
                description = "string, long, int, uuid, or hex for raw bytes (${DEFAULT-VALUE})")
        private KeyType keyType;

        @Parameters(index = "0", paramLabel = "CACHE")
        private String cacheName;

        @Parameters(index = "1", paramLabel = "KEY")
        protected String key;

        protected Bytes key() {
            return Bytes.wrap(
                    switch (keyType) {
                        case STRING -> MARSHALLER.marshal(key);
                        case LONG -> MARSHALLER.marshal(Long.valueOf(key));
                        case INT -> MARSHALLER.marshal(Integer.valueOf(key));
                        case UUID -> MARSHALLER.marshal(java.util.UUID.fromString(key));
                        case HEX -> HexFormat.of().parseHex(key);
                    });
        }

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                run(store, Target.cache(store, cacheName).id());
                return 0;
            }
        }

        abstract void run(RemoteStore store, long cacheId);

        Main.NotFoundException notFound() {
            return new Main.NotFoundException("there is no entry of key '" + key + "' in cache '" + cacheName + "'");
        }
    }

    private static String shown(Bytes bytes) {
        try {
            return MARSHALLER.unmarshal(bytes.unwrap()).toString();
        } catch (RuntimeException e) {
            String text = RecordText.of(bytes.unwrap());
            if (text != null) {
                return text;
            }
            String hex = HexFormat.of().formatHex(bytes.unwrap(), 0, Math.min(SHOWN_BYTES, bytes.length()));
            return bytes.length() + " bytes " + hex + (bytes.length() > SHOWN_BYTES ? "..." : "");
        }
    }

    private static @Nullable Object millisLeft(RemoteStore store, Entry entry) {
        return entry.expiresAtMillis() == Expiry.NEVER
                ? null
                : Math.max(0, entry.expiresAtMillis() - store.nowMillis());
    }

    private static Map<String, @Nullable Object> row(RemoteStore store, Bytes key, Entry entry) {
        return Output.row(
                "key", shown(key),
                "value", shown(entry.value()),
                "version", entry.version(),
                "ttl-ms", millisLeft(store, entry));
    }

    @picocli.CommandLine.Command(
            name = "get",
            description = "Shows an entry.",
            footerHeading = "%nExamples:%n",
            footer = {"  concord get orders order-17", "  concord get --key-type long visits 42 --output json"})
    static final class Get extends OneKey {
        @Override
        void run(RemoteStore store, long cacheId) {
            Entry entry = store.get(cacheId, key(), ReadLevel.LINEARIZABLE);
            if (entry == null) {
                throw notFound();
            }
            target.output().one(row(store, key(), entry));
        }
    }

    @picocli.CommandLine.Command(
            name = "put",
            description = "Stores a text.",
            footerHeading = "%nExamples:%n",
            footer = {"  concord put orders order-17 shipped", "  concord put orders order-17 shipped --ttl 10m"})
    static final class Put extends OneKey {
        @Parameters(index = "2", paramLabel = "VALUE")
        private String value;

        @Option(names = "--ttl", description = "life of the entry, as 10m; as the cache says if not given")
        private @Nullable Duration timeToLive;

        @Override
        void run(RemoteStore store, long cacheId) {
            Expiry life = timeToLive == null ? Expiry.BY_RULE : Expiry.after(timeToLive.toMillis());
            Outcome outcome = store.execute(new Command.Write(
                    cacheId, key(), Condition.ANY, new Mutation.Put(Bytes.wrap(MARSHALLER.marshal(value)), life)));
            target.output().one(Output.row("key", key, "version", outcome.afterVersion()));
        }
    }

    @picocli.CommandLine.Command(
            name = "remove",
            description = "Removes an entry.",
            footerHeading = "%nExamples:%n",
            footer = "  concord remove orders order-17")
    static final class Remove extends OneKey {
        @Override
        void run(RemoteStore store, long cacheId) {
            Outcome outcome = store.execute(new Command.Write(cacheId, key(), Condition.PRESENT, Mutation.REMOVE));
            if (!outcome.held()) {
                throw notFound();
            }
            target.output().one(Output.row("removed", key));
        }
    }

    @picocli.CommandLine.Command(
            name = "ttl",
            description = "Shows how long an entry still lives, or lets it live for a time from now.",
            footerHeading = "%nExamples:%n",
            footer = {"  concord ttl orders order-17", "  concord ttl orders order-17 --set 10m"})
    static final class Ttl extends OneKey {
        @Option(names = "--set", description = "the new life, as 10m")
        private @Nullable Duration timeToLive;

        @Override
        void run(RemoteStore store, long cacheId) {
            if (timeToLive != null) {
                Mutation touch = new Mutation.Touch(Expiry.after(timeToLive.toMillis()));
                if (!store.execute(new Command.Write(cacheId, key(), Condition.PRESENT, touch))
                        .held()) {
                    throw notFound();
                }
            }
            Entry entry = store.get(cacheId, key(), ReadLevel.LINEARIZABLE);
            if (entry == null) {
                throw notFound();
            }
            target.output().one(Output.row("key", key, "ttl-ms", millisLeft(store, entry)));
        }
    }

    @picocli.CommandLine.Command(
            name = "scan",
            description = "Shows entries of a cache, in no order.",
            footerHeading = "%nExamples:%n",
            footer = "  concord scan orders --limit 10")
    static final class Scan implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(paramLabel = "CACHE")
        private String cacheName;

        @Option(names = "--limit", defaultValue = "100", description = "so many at most (${DEFAULT-VALUE})")
        private int limit;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                long id = Target.cache(store, cacheName).id();
                List<Bytes> keys = new ArrayList<>();
                for (Iterator<Bytes> all = store.keys(id, ReadLevel.LINEARIZABLE);
                        all.hasNext() && keys.size() < limit; ) {
                    keys.add(all.next());
                }
                List<@Nullable Entry> entries = store.getAll(id, keys, ReadLevel.LINEARIZABLE);
                List<Map<String, @Nullable Object>> rows = new ArrayList<>();
                for (int i = 0; i < keys.size(); i++) {
                    Entry entry = entries.get(i);
                    if (entry != null) {
                        rows.add(row(store, keys.get(i), entry));
                    }
                }
                target.output().many(rows, "no entries");
                return 0;
            }
        }
    }
}
