package io.concordcache.faults;

import io.concordcache.faults.Keys.Key;
import io.concordcache.jcache.CacheOutcomeUnknownException;
import io.concordcache.jcache.CacheRejectedException;
import io.concordcache.jcache.CacheUnavailableException;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.history.Op;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.NearBounds;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.cache.Cache;
import org.jspecify.annotations.Nullable;

/** One caller: does what a {@link Mix} says at an even pace, one thing after the other, and keeps a {@link Journal}. */
final class Worker implements Runnable {
    /** Most that a copy may be behind; what the checker is told too. */
    static final Duration COPY_AGE = Duration.ofSeconds(1);

    private static final int COPIES = 1_000;
    /** Only in one of so many generations the caches of several keys are cleared. */
    private static final int CLEARS = 3;

    /** What all workers of a process share. */
    record Place(Caches caches, Keys keys, boolean isClient, Path journals, long pauseNanos) {
        CacheStore store() {
            return caches.store();
        }
    }

    /** What a reader remembers of a key: good while its revision is. */
    private record Remembered(long revision, @Nullable Entry entry) {}

    private final String session;
    private final Place place;
    private final Mix mix;
    private final Map<Long, EntryReader> readers = new HashMap<>();
    private final Map<Bytes, Remembered> remembered = new HashMap<>();
    private Journal journal;
    private long epoch;
    private long generation = -1;
    private long written;
    private long calls;
    private volatile boolean ends;

    Worker(String session, Place place, Mix mix) {
        this.session = session;
        this.place = place;
        this.mix = mix;
        this.epoch = Keys.epoch(place.keys.generation(System.nanoTime()));
        this.journal = journal();
    }

    private Journal journal() {
        return new Journal(place.journals.resolve(session + "-" + epoch + ".ops"));
    }

    void end() {
        ends = true;
    }

    @Override
    public void run() {
        long next = System.nanoTime();
        while (!ends) {
            long now = System.nanoTime();
            if (now - next < 0) {
                LockSupport.parkNanos(next - now);
                continue;
            }
            // What was missed is not made up for: a burst after a fault would only hide how it goes on.
            next = Math.max(next + place.pauseNanos, now - place.pauseNanos);
            turn(now);
            step(mix.next());
        }
        readers.values().forEach(EntryReader::close);
        journal.close();
    }

    private void turn(long now) {
        long is = place.keys.generation(now);
        if (is != generation) {
            generation = is;
            remembered.clear();
        }
        if (Keys.epoch(is) != epoch) {
            epoch = Keys.epoch(is);
            readers.values().forEach(EntryReader::close);
            readers.clear();
            journal.close();
            journal = journal();
        }
    }

    private void step(Mix.Step step) {
        long now = System.nanoTime();
        Key key = place.keys.take(step.action().group(), step.slot(), now);
        try {
            switch (step.action()) {
                case GET, TTL_GET -> read(key, ReadLevel.LINEARIZABLE);
                case GET_SESSION -> read(key, ReadLevel.SESSION);
                case GET_EVENTUAL -> read(key, ReadLevel.EVENTUAL);
                case PUT, NEAR_PUT -> put(key, Condition.ANY, Op.Kind.PUT, Command.Returning.NOTHING, 0);
                case PUT_IF_ABSENT -> put(key, Condition.ABSENT, Op.Kind.PUT_IF_ABSENT, Command.Returning.NOTHING, 0);
                case GET_AND_PUT -> put(key, Condition.ANY, Op.Kind.PUT, Command.Returning.VALUE_BEFORE, 0);
                case REMOVE -> remove(key);
                case INCREMENT -> increment(key);
                case TTL_PUT -> put(key, Condition.ANY, Op.Kind.PUT, Command.Returning.NOTHING, step.ttlMillis());
                case TTL_TOUCH -> touch(key, step.ttlMillis());
                case GET_ALL -> getAll(key);
                case PUT_ALL -> putAll(key);
                case CLEAR -> clear(key);
                case NEAR_GET -> near(key);
                case JCACHE_GET -> jcacheGet(key);
                case JCACHE_PUT -> jcachePut(key);
                case JCACHE_REMOVE -> jcacheRemove(key);
                case JCACHE_REPLACE -> jcacheReplace(key);
                case JCACHE_INVOKE -> jcacheInvoke(key);
            }
        } catch (NotNow e) {
            // it is in the journal
        }
    }

    /** The step did not come to an end that tells anything more. */
    private static final class NotNow extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotNow() {
            super(null, null, false, false);
        }
    }

    /** What a call said; notes it if it did not say anything of use. */
    private <T> T call(long began, Supplier<T> asked, Consumer<Long> ifUnknown) {
        try {
            return asked.get();
        } catch (OutcomeUnknownException | CacheOutcomeUnknownException e) {
            ifUnknown.accept(System.nanoTime());
        } catch (StoreUnavailableException | CacheUnavailableException e) {
            journal.notDone(began, System.nanoTime());
        } catch (RequestRejectedException | CacheRejectedException e) {
            journal.notDone(began, System.nanoTime());
            journal.wrong("rejected: " + e.getMessage());
        } catch (StoreException e) {
            throw new IllegalStateException(e); // there are no others
        } catch (RuntimeException e) {
            ifUnknown.accept(System.nanoTime());
            journal.wrong("an exception that no caller expects: " + e + " at " + e.getStackTrace()[0]);
        }
        throw new NotNow();
    }

    private long cache(Key key) {
        long began = System.nanoTime();
        return call(began, () -> place.caches.id(key.cache()), ended -> journal.notDone(began, ended));
    }

    private EntryReader reader(Key key) {
        long cache = cache(key);
        return readers.computeIfAbsent(
                cache,
                id -> place.store()
                        .reader(
                                id,
                                place.isClient && key.group() == Mix.Group.NEAR
                                        ? new NearBounds(COPIES, COPY_AGE)
                                        : null));
    }

    static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(Bytes value) {
        return new String(value.unwrap(), StandardCharsets.UTF_8);
    }

    private String nextValue() {
        return session + "." + ++written;
    }

    // Reads

    private Op found(Op read, @Nullable Entry entry) {
        Op ended = read.ended(System.nanoTime(), Op.Outcome.OK).with("found", entry == null ? "" : text(entry.value()));
        return entry == null ? ended : ended.with("version", entry.version());
    }

    private @Nullable Entry read(Key key, ReadLevel level) {
        EntryReader reader = reader(key);
        Op read = Op.begun(session, Op.Kind.GET, key.name(), System.nanoTime()).with("level", level.name());
        Entry entry = call(
                        read.began(),
                        () -> List.copyOf(optional(reader.get(bytes(key.name()), level))),
                        this::readFailed)
                .stream()
                .findFirst()
                .orElse(null);
        journal.done(List.of(found(read, entry)));
        return entry;
    }

    private static List<Entry> optional(@Nullable Entry entry) {
        return entry == null ? List.of() : List.of(entry);
    }

    private void readFailed(long ended) {
        journal.notDone(ended, ended);
    }

    /** As a near cache reads: at a member what is remembered while it is good, at a client what its copies say. */
    private void near(Key key) {
        EntryReader reader = reader(key);
        Bytes bytes = bytes(key.name());
        Op read = Op.begun(session, Op.Kind.GET, key.name(), System.nanoTime());
        if (place.isClient) {
            long copies = reader.copyHits();
            List<Entry> found =
                    call(read.began(), () -> optional(reader.get(bytes, ReadLevel.SESSION)), this::readFailed);
            Op seen = found(read, found.isEmpty() ? null : found.get(0)).with("level", "session");
            journal.done(reader.copyHits() > copies ? List.of(seen.with("level", "copy"), seen) : List.of(seen));
        } else {
            Remembered known = remembered.get(bytes);
            List<Entry> found = call(read.began(), () -> remembering(reader, bytes, known), this::readFailed);
            journal.done(List.of(found(read, found.isEmpty() ? null : found.get(0))));
        }
    }

    private List<Entry> remembering(EntryReader reader, Bytes key, @Nullable Remembered known) {
        if (known != null
                && known.entry != null
                && reader.isAt(key, known.revision, known.entry.expiresAtMillis(), ReadLevel.LINEARIZABLE)) {
            return List.of(known.entry);
        }
        long revision = reader.revision(key);
        Entry entry = reader.get(key, ReadLevel.LINEARIZABLE);
        remembered.put(key, new Remembered(revision, entry));
        return optional(entry);
    }

    // Writes

    private <T> T change(List<Op> ops, Supplier<T> asked, Key key) {
        journal.begins(ops);
        long began = ops.get(0).began();
        return call(began, asked, ended -> {
            place.keys.unknown(key);
            journal.unknown(began, ended);
        });
    }

    private Outcome write(List<Op> ops, Supplier<Outcome> asked, Key key) {
        Outcome outcome = change(ops, asked, key);
        long began = ops.get(0).began();
        if (outcome.status() == Outcome.Status.LOCKED || outcome.status() == Outcome.Status.NO_CACHE) {
            journal.notDone(began, System.nanoTime());
            journal.wrong("nobody locks or destroys, but this came to " + outcome.status() + ": " + ops.get(0));
            throw new NotNow();
        }
        return outcome;
    }

    private void put(Key key, Condition when, Op.Kind kind, Command.Returning returning, long ttlMillis) {
        long cache = cache(key);
        String value = nextValue();
        Op put = Op.begun(session, kind, key.name(), System.nanoTime())
                .with("value", value)
                .with("ttl", TimeUnit.MILLISECONDS.toNanos(ttlMillis));
        if (when instanceof Condition.VersionIs is) {
            put = put.with("expected", is.version());
        }
        Expiry expiry = ttlMillis > 0 ? Expiry.after(ttlMillis) : Expiry.ETERNAL;
        Command.Write write =
                new Command.Write(cache, bytes(key.name()), when, new Mutation.Put(bytes(value), expiry), returning, 0);
        Outcome outcome = write(List.of(put), () -> place.store().execute(write), key);
        Op ended = put.ended(System.nanoTime(), outcome.held() ? Op.Outcome.OK : Op.Outcome.FAILED);
        if (outcome.held()) {
            ended = ended.with("version", outcome.afterVersion()).with("index", outcome.afterVersion());
        }
        if (returning == Command.Returning.VALUE_BEFORE) {
            Bytes before = outcome.beforeValue();
            ended = ended.with("found", before == null ? "" : text(before));
        }
        journal.done(List.of(ended));
    }

    private void remove(Key key) {
        long cache = cache(key);
        Op remove = Op.begun(session, Op.Kind.REMOVE, key.name(), System.nanoTime());
        Command.Write write = new Command.Write(cache, bytes(key.name()), Condition.ANY, Mutation.REMOVE);
        Outcome outcome = write(List.of(remove), () -> place.store().execute(write), key);
        journal.done(List.of(remove.ended(System.nanoTime(), outcome.existed() ? Op.Outcome.OK : Op.Outcome.FAILED)));
    }

    private void touch(Key key, long ttlMillis) {
        long cache = cache(key);
        Op touch = Op.begun(session, Op.Kind.TOUCH, key.name(), System.nanoTime())
                .with("ttl", TimeUnit.MILLISECONDS.toNanos(ttlMillis));
        Command.Write write = new Command.Write(
                cache, bytes(key.name()), Condition.PRESENT, new Mutation.Touch(Expiry.after(ttlMillis)));
        Outcome outcome = write(List.of(touch), () -> place.store().execute(write), key);
        journal.done(List.of(touch.ended(System.nanoTime(), outcome.held() ? Op.Outcome.OK : Op.Outcome.FAILED)));
    }

    /** As an entry processor does it: reads, decides here, and writes if nobody else has meanwhile. */
    private void increment(Key key) {
        Entry entry = read(key, ReadLevel.LINEARIZABLE);
        Condition when = entry == null ? Condition.ABSENT : new Condition.VersionIs(entry.version());
        put(key, when, entry == null ? Op.Kind.PUT_IF_ABSENT : Op.Kind.CAS, Command.Returning.NOTHING, 0);
    }

    // Several keys

    private List<Key> all(Key one) {
        List<Key> all = new ArrayList<>();
        String prefix = Keys.groupOf(one.name()) + ".";
        int spare = (Integer.parseInt(one.name().substring(prefix.length()))
                / one.group().slots());
        for (int slot = 0; slot < one.group().slots(); slot++) {
            all.add(new Key(
                    one.group(),
                    one.generation(),
                    prefix + (slot + spare * one.group().slots()),
                    one.place()));
        }
        return all;
    }

    private void putAll(Key key) {
        long cache = cache(key);
        List<Key> keys = new ArrayList<>(all(key));
        Collections.rotate(keys, key.place().slot());
        List<Key> some = keys.subList(0, Math.max(2, keys.size() - 1)); // not always the same
        long call = ++calls;
        long began = System.nanoTime();
        List<Op> puts = new ArrayList<>();
        List<Command.Write> writes = new ArrayList<>();
        for (Key each : some) {
            String value = nextValue();
            puts.add(Op.begun(session, Op.Kind.PUT, each.name(), began)
                    .with("value", value)
                    .with("call", call));
            writes.add(new Command.Write(
                    cache, bytes(each.name()), Condition.ANY, new Mutation.Put(bytes(value), Expiry.ETERNAL)));
        }
        List<Outcome> outcomes = new ArrayList<>();
        Outcome first = write(
                puts,
                () -> {
                    outcomes.addAll(place.store().executeAll(new Command.Batch(cache, writes)));
                    return outcomes.get(0);
                },
                key);
        long ended = System.nanoTime();
        List<Op> done = new ArrayList<>();
        for (Op put : puts) {
            done.add(put.ended(ended, Op.Outcome.OK)
                    .with("version", first.afterVersion())
                    .with("index", first.afterVersion()));
        }
        journal.done(done);
    }

    private void getAll(Key key) {
        long cache = cache(key);
        List<Key> keys = all(key);
        List<Bytes> names = keys.stream().map(each -> bytes(each.name())).toList();
        long call = ++calls;
        long began = System.nanoTime();
        List<Entry> entries =
                call(began, () -> place.store().getAll(cache, names, ReadLevel.LINEARIZABLE), this::readFailed);
        List<Op> found = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            Op read = Op.begun(session, Op.Kind.GET, keys.get(i).name(), began).with("call", call);
            found.add(found(read, entries.get(i)));
        }
        journal.done(found);
    }

    private void clear(Key key) {
        if (key.generation() % CLEARS != 0) {
            return;
        }
        long cache = cache(key);
        Op clear = Op.begun(session, Op.Kind.CLEAR, Op.ALL, System.nanoTime()).with("call", key.generation());
        var unused = write(List.of(clear), () -> place.store().execute(new Command.Clear(cache)), key);
        journal.done(List.of(clear.ended(System.nanoTime(), Op.Outcome.OK)));
    }

    // JCache

    private Cache<String, String> jcache(Key key) {
        long began = System.nanoTime();
        return call(began, () -> place.caches.jcache(key.cache()), ended -> journal.notDone(began, ended));
    }

    private String jcacheGet(Key key) {
        Cache<String, String> cache = jcache(key);
        Op read = Op.begun(session, Op.Kind.GET, key.name(), System.nanoTime());
        String value =
                call(read.began(), () -> Objects.requireNonNullElse(cache.get(key.name()), ""), this::readFailed);
        journal.done(List.of(read.ended(System.nanoTime(), Op.Outcome.OK).with("found", value)));
        return value;
    }

    private void jcachePut(Key key) {
        Cache<String, String> cache = jcache(key);
        String value = nextValue();
        Op put = Op.begun(session, Op.Kind.PUT, key.name(), System.nanoTime()).with("value", value);
        boolean done = change(
                List.of(put),
                () -> {
                    cache.put(key.name(), value);
                    return true;
                },
                key);
        journal.done(List.of(put.ended(System.nanoTime(), done ? Op.Outcome.OK : Op.Outcome.FAILED)));
    }

    private void jcacheRemove(Key key) {
        Cache<String, String> cache = jcache(key);
        Op remove = Op.begun(session, Op.Kind.REMOVE, key.name(), System.nanoTime());
        boolean done = change(List.of(remove), () -> cache.remove(key.name()), key);
        journal.done(List.of(remove.ended(System.nanoTime(), done ? Op.Outcome.OK : Op.Outcome.FAILED)));
    }

    private void jcacheReplace(Key key) {
        String before = jcacheGet(key);
        if (before.isEmpty()) {
            return;
        }
        Cache<String, String> cache = jcache(key);
        String value = nextValue();
        Op replace = Op.begun(session, Op.Kind.REPLACE, key.name(), System.nanoTime())
                .with("value", value)
                .with("expected", before);
        boolean done = change(List.of(replace), () -> cache.replace(key.name(), before, value), key);
        journal.done(List.of(replace.ended(System.nanoTime(), done ? Op.Outcome.OK : Op.Outcome.FAILED)));
    }

    private void jcacheInvoke(Key key) {
        Cache<String, String> cache = jcache(key);
        String value = nextValue();
        Op swap = Op.begun(session, Op.Kind.PUT, key.name(), System.nanoTime()).with("value", value);
        String before = change(
                List.of(swap),
                () -> cache.invoke(key.name(), (entry, arguments) -> {
                    String was = Objects.requireNonNullElse(entry.getValue(), "");
                    entry.setValue(value);
                    return was;
                }),
                key);
        journal.done(List.of(swap.ended(System.nanoTime(), Op.Outcome.OK).with("found", before)));
    }
}
