package io.concordcache.server;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.ratis.RemoteStore;
import io.concordcache.raft.store.ReadLevel;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Commands that carry the entries of one cache out and in, as lines of JSON: see {@link EntryLine}. */
final class TransferCommands {
    private static final int AT_ONCE = 500;

    private TransferCommands() {}

    @picocli.CommandLine.Command(
            name = "export",
            description =
                    "Writes the entries of a cache to a file, one JSON object in a line, in no order and not as of one"
                            + " moment.",
            footerHeading = "%nExamples:%n",
            footer = "  concord export orders orders.jsonl")
    static final class Export implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(index = "0", paramLabel = "CACHE")
        private String cacheName;

        @Parameters(index = "1", paramLabel = "FILE", description = "the file; must not exist")
        private Path file;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect()) {
                long id = Target.cache(store, cacheName).id();
                long count = 0;
                try (BufferedWriter out = Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW);
                        Progress progress = Progress.of("export", store.size(id))) {
                    Iterator<Bytes> keys = store.keys(id, ReadLevel.LINEARIZABLE);
                    while (keys.hasNext()) {
                        count += write(store, id, next(keys), out);
                        progress.at(count);
                    }
                }
                target.output().one(Output.row("cache", cacheName, "exported", count));
                return 0;
            } catch (FileAlreadyExistsException e) {
                throw new IllegalArgumentException(file + " exists already; choose another name or remove it", e);
            } catch (IOException e) {
                throw new IllegalArgumentException(file + " cannot be written: " + e, e);
            }
        }

        private static List<Bytes> next(Iterator<Bytes> keys) {
            List<Bytes> some = new ArrayList<>();
            while (keys.hasNext() && some.size() < AT_ONCE) {
                some.add(keys.next());
            }
            return some;
        }

        private static long write(RemoteStore store, long id, List<Bytes> keys, BufferedWriter out) throws IOException {
            List<@Nullable Entry> entries = store.getAll(id, keys, ReadLevel.LINEARIZABLE);
            long written = 0;
            for (int i = 0; i < keys.size(); i++) {
                Entry entry = entries.get(i);
                if (entry != null) {
                    out.write(EntryLine.write(keys.get(i), entry.value(), millisLeft(store, entry)));
                    out.write('\n');
                    written++;
                }
            }
            return written;
        }

        private static @Nullable Long millisLeft(RemoteStore store, Entry entry) {
            return entry.expiresAtMillis() == Expiry.NEVER
                    ? null
                    : Long.valueOf(Math.max(1, entry.expiresAtMillis() - store.nowMillis()));
        }
    }

    @picocli.CommandLine.Command(
            name = "import",
            description = "Puts the entries of a file that was exported into a cache.",
            footerHeading = "%nExamples:%n",
            footer = "  concord import orders orders.jsonl")
    static final class Import implements Callable<Integer> {
        @Mixin
        private Target target;

        @Parameters(index = "0", paramLabel = "CACHE")
        private String cacheName;

        @Parameters(index = "1", paramLabel = "FILE")
        private Path file;

        private long imported;

        @Override
        public Integer call() {
            try (RemoteStore store = target.connect();
                    BufferedReader lines = Files.newBufferedReader(file)) {
                long id = Target.cache(store, cacheName).id();
                Map<Bytes, Command.Write> batch = new LinkedHashMap<>();
                int number = 0;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    number++;
                    if (line.isBlank()) {
                        continue;
                    }
                    EntryLine entry = read(line, number);
                    Expiry life = entry.millisLeft() == null ? Expiry.ETERNAL : Expiry.after(entry.millisLeft());
                    batch.put(
                            entry.key(),
                            new Command.Write(id, entry.key(), Condition.ANY, new Mutation.Put(entry.value(), life)));
                    if (batch.size() == AT_ONCE) {
                        send(store, id, batch);
                    }
                }
                send(store, id, batch);
                target.output().one(Output.row("cache", cacheName, "imported", imported));
                return 0;
            } catch (NoSuchFileException | FileNotFoundException e) {
                throw new IllegalArgumentException("there is no file " + file, e);
            } catch (IOException e) {
                throw new IllegalArgumentException(file + " cannot be read as UTF-8: " + e, e);
            }
        }

        private EntryLine read(String line, int number) {
            try {
                return EntryLine.read(line);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        file + ", line " + number + ": " + e.getMessage() + " (" + imported + " entries were imported)",
                        e);
            }
        }

        private void send(RemoteStore store, long id, Map<Bytes, Command.Write> batch) {
            if (!batch.isEmpty()) {
                var unused = store.executeAll(new Command.Batch(id, List.copyOf(batch.values())));
                imported += batch.size();
                batch.clear();
            }
        }
    }
}
