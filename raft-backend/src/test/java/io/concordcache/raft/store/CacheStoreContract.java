package io.concordcache.raft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LockId;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Slot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link CacheStore} does, after its Javadoc. Subclasses say how to open one; it may share its data with
 * stores opened before (cache names are new for each test), and its clock runs.
 */
@Timeout(60)
public abstract class CacheStoreContract {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ReadLevel LINEARIZABLE = ReadLevel.LINEARIZABLE;

    protected CacheStore store;
    protected String name;
    protected long cache;

    /** A store that is ready; the test closes it. */
    protected abstract CacheStore open() throws Exception;

    /** What makes time pass in a store that has no clockwork of its own; nothing for those that have. */
    protected void passTime() {}

    @BeforeEach
    void openStore() throws Exception {
        store = open();
        name = "contract-" + UUID.randomUUID();
        cache = create(name);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private long create(String cacheName) {
        return store.execute(new Command.CreateCache(CacheDefinition.named(cacheName)))
                .afterVersion();
    }

    protected static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Bytes bytes) {
        return new String(bytes.unwrap(), StandardCharsets.UTF_8);
    }

    private Command.Write put(String key, String value, Expiry expiry) {
        return new Command.Write(cache, bytes(key), Condition.ANY, new Mutation.Put(bytes(value), expiry));
    }

    private Command.Write put(String key, String value) {
        return put(key, value, Expiry.BY_RULE);
    }

    private String get(String key, ReadLevel level) {
        Entry entry = store.get(cache, bytes(key), level);
        return entry == null ? null : text(entry.value());
    }

    // Commands

    @Test
    void aWriteIsReadableOnceItReturns() {
        Outcome created = store.execute(put("k", "1"));
        assertThat(created.held()).isTrue();
        assertThat(created.existed()).isFalse();
        Entry entry = store.get(cache, bytes("k"), LINEARIZABLE);
        assertThat(entry).isEqualTo(Entry.of(bytes("1"), created.afterVersion(), Expiry.NEVER));
        assertThat(get("k", ReadLevel.SESSION)).isEqualTo("1");
        await().atMost(PATIENCE).until(() -> "1".equals(get("k", ReadLevel.EVENTUAL)));
    }

    @Test
    void submitCompletesWithAnOutcomeForEachKey() throws Exception {
        assertThat(store.submit(put("k", "1")).get()).hasSize(1).allMatch(Outcome::held);
        Command.Batch batch = new Command.Batch(cache, List.of(put("k", "2"), put("l", "2"), put("m", "2")));
        assertThat(store.submit(batch).get()).extracting(Outcome::existed).containsExactly(true, false, false);
        assertThat(store.submit(new Command.Tick()).get()).hasSize(1);
    }

    @Test
    void submitsOfOneThreadAreAppliedInTheirOrder() throws Exception {
        List<CompletableFuture<List<Outcome>>> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(store.submit(put("k", "v" + i)));
        }
        long last = 0;
        for (CompletableFuture<List<Outcome>> one : all) {
            Outcome outcome = one.get().get(0);
            assertThat(outcome.beforeVersion()).isEqualTo(last);
            last = outcome.afterVersion();
        }
        assertThat(get("k", LINEARIZABLE)).isEqualTo("v199");
    }

    @Test
    void conditionsDecideAndReturnTheValueBefore() {
        Mutation one = new Mutation.Put(bytes("1"), Expiry.BY_RULE);
        Mutation two = new Mutation.Put(bytes("2"), Expiry.BY_RULE);
        assertThat(returning(Condition.PRESENT, one).status()).isEqualTo(Outcome.Status.FAILED);
        Outcome first = returning(Condition.ABSENT, one);
        assertThat(first.held()).isTrue();
        Outcome second = returning(Condition.ABSENT, two);
        assertThat(second.status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(second.beforeValue()).isEqualTo(bytes("1"));
        assertThat(second.beforeVersion()).isEqualTo(first.afterVersion());
        assertThat(returning(new Condition.VersionIs(first.afterVersion() - 1), two)
                        .held())
                .isFalse();
        Outcome third = returning(new Condition.VersionIs(first.afterVersion()), two);
        assertThat(third.held()).isTrue();
        assertThat(third.afterVersion()).isGreaterThan(first.afterVersion());
        Outcome removed = returning(Condition.PRESENT, Mutation.REMOVE);
        assertThat(removed.beforeValue()).isEqualTo(bytes("2"));
        assertThat(get("k", LINEARIZABLE)).isNull();
    }

    private Outcome returning(Condition when, Mutation then) {
        return store.execute(new Command.Write(cache, bytes("k"), when, then, Command.Returning.VALUE_BEFORE, 0));
    }

    @Test
    void executeAllBringsOneOutcomeForEachKey() {
        store.execute(put("a", "0"));
        List<Outcome> outcomes = store.executeAll(new Command.Batch(cache, List.of(put("a", "1"), put("b", "1"))));
        assertThat(outcomes).extracting(Outcome::existed).containsExactly(true, false);
        assertThat(get("b", LINEARIZABLE)).isEqualTo("1");
    }

    @Test
    void emptyAndBinaryKeysAndValuesAreKept() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        for (Bytes odd : List.of(Bytes.EMPTY, Bytes.wrap(all))) {
            store.execute(new Command.Write(cache, odd, Condition.ANY, new Mutation.Put(odd, Expiry.ETERNAL)));
            assertThat(Objects.requireNonNull(store.get(cache, odd, LINEARIZABLE))
                            .value())
                    .isEqualTo(odd);
        }
    }

    // Reads

    @Test
    void getAllAnswersInTheOrderOfTheKeys() {
        store.executeAll(new Command.Batch(cache, List.of(put("a", "1"), put("b", "2"))));
        List<Entry> entries =
                store.getAll(cache, List.of(bytes("b"), bytes("x"), bytes("a"), bytes("b")), LINEARIZABLE);
        assertThat(entries)
                .extracting(entry -> entry == null ? null : text(entry.value()))
                .containsExactly("2", null, "1", "2");
        assertThat(store.getAll(cache, List.of(), LINEARIZABLE)).isEmpty();
    }

    @Test
    void keysMeetsEachKeyOnceAndSizeCounts() {
        Set<Bytes> expected = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            store.execute(put("k" + i, "v"));
            expected.add(bytes("k" + i));
        }
        List<Bytes> keys = new ArrayList<>();
        store.keys(cache, LINEARIZABLE).forEachRemaining(keys::add);
        assertThat(keys).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(expected);
        assertThat(store.size(cache)).isEqualTo(100);
        store.execute(new Command.Clear(cache));
        assertThat(store.keys(cache, LINEARIZABLE).hasNext()).isFalse();
        assertThat(store.size(cache)).isZero();
    }

    // Caches

    @Test
    void aCacheIsFoundByItsNameUntilItIsDestroyed() {
        CacheInfo info = store.cache(name);
        assertThat(info).isEqualTo(new CacheInfo(cache, CacheDefinition.named(name)));
        assertThat(store.cache(name + "-other")).isNull();
        long younger = create(name + "-younger");
        List<Long> ids = store.caches().stream().map(CacheInfo::id).toList();
        assertThat(ids).isSorted().contains(cache, younger);
        assertThat(store.execute(new Command.DestroyCache(cache)).held()).isTrue();
        assertThat(store.cache(name)).isNull();
        assertThat(store.caches()).extracting(CacheInfo::id).doesNotContain(cache);
        assertThat(create(name)).isGreaterThan(younger);
    }

    @Test
    void aNameThatIsTakenBringsTheIdOfItsCache() {
        Outcome taken = store.execute(new Command.CreateCache(CacheDefinition.named(name)));
        assertThat(taken.status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(taken.beforeVersion()).isEqualTo(cache);
    }

    @Test
    void nothingIsDoneWithoutACache() {
        store.execute(put("k", "1"));
        store.execute(new Command.DestroyCache(cache));
        assertThat(store.execute(put("k", "1")).status()).isEqualTo(Outcome.Status.NO_CACHE);
        assertThat(store.executeAll(new Command.Batch(cache, List.of(put("a", "1"), put("b", "1")))))
                .extracting(Outcome::status)
                .containsExactly(Outcome.Status.NO_CACHE, Outcome.Status.NO_CACHE);
        assertThat(store.execute(new Command.Clear(cache)).status()).isEqualTo(Outcome.Status.NO_CACHE);
        for (ReadLevel level : ReadLevel.values()) {
            if (level == ReadLevel.EVENTUAL) {
                await().atMost(PATIENCE).until(() -> store.caches().stream().noneMatch(info -> info.id() == cache));
            }
            assertThatThrownBy(() -> store.get(cache, bytes("k"), level))
                    .isInstanceOfSatisfying(
                            RequestRejectedException.class,
                            e -> assertThat(e.reason()).isEqualTo(RequestRejectedException.Reason.NO_SUCH_CACHE));
            assertThatThrownBy(() -> store.getAll(cache, List.of(bytes("k")), level))
                    .isInstanceOf(RequestRejectedException.class);
        }
    }

    // Subscriptions

    @Test
    void changesArriveInLogOrder() {
        List<Change> seen = new CopyOnWriteArrayList<>();
        try (CacheStore.Subscription subscription = store.subscribe(cache, seen::add)) {
            assertThat(subscription).isNotNull();
            store.execute(put("a", "1"));
            store.execute(put("a", "2"));
            store.executeAll(new Command.Batch(cache, List.of(put("a", "3"), put("b", "3"))));
            store.execute(new Command.Write(cache, bytes("a"), Condition.ANY, Mutation.REMOVE));
            store.execute(new Command.Write(cache, bytes("b"), Condition.ANY, new Mutation.Touch(Expiry.ETERNAL)));
            store.execute(new Command.Clear(cache));
            store.execute(new Command.DestroyCache(cache));
            await().atMost(PATIENCE)
                    .until(() -> !seen.isEmpty() && seen.get(seen.size() - 1).kind() == Change.Kind.DESTROYED);
        }
        assertThat(seen)
                .extracting(Change::kind)
                .containsExactly(
                        Change.Kind.CREATED,
                        Change.Kind.UPDATED,
                        Change.Kind.UPDATED,
                        Change.Kind.CREATED,
                        Change.Kind.REMOVED,
                        Change.Kind.TOUCHED,
                        Change.Kind.CLEARED,
                        Change.Kind.DESTROYED);
        assertThat(seen).allMatch(change -> change.cacheId() == cache);
        assertThat(seen).extracting(Change::stamp).isSorted();
        assertThat(seen.get(1).before()).isEqualTo(seen.get(0).after());
    }

    @Test
    void aSubscriptionHearsItsCacheOnlyAndNothingOnceClosed() {
        long other = create(name + "-other");
        List<Change> seen = new CopyOnWriteArrayList<>();
        List<Change> kept = new CopyOnWriteArrayList<>();
        CacheStore.Subscription first = store.subscribe(cache, seen::add);
        try (CacheStore.Subscription second = store.subscribe(cache, kept::add)) {
            assertThat(second).isNotNull();
            store.execute(
                    new Command.Write(other, bytes("k"), Condition.ANY, new Mutation.Put(bytes("1"), Expiry.ETERNAL)));
            store.execute(put("k", "1"));
            await().atMost(PATIENCE).until(() -> kept.size() == 1 && seen.size() == 1);
            first.close();
            first.close();
            store.execute(put("k", "2"));
            await().atMost(PATIENCE).until(() -> kept.size() == 2);
        }
        assertThat(seen).hasSize(1);
    }

    @Test
    void aListenerSubscribedTwiceIsEndedOnceEach() {
        List<Change> seen = new CopyOnWriteArrayList<>();
        ChangeListener listener = seen::add;
        CacheStore.Subscription first = store.subscribe(cache, listener);
        try (CacheStore.Subscription second = store.subscribe(cache, listener)) {
            assertThat(second).isNotNull();
            first.close();
            first.close();
            store.execute(put("k", "1"));
            await().atMost(PATIENCE).until(() -> seen.size() == 1);
        }
    }

    // Expiry

    @Test
    void anEntryIsNotServedPastItsDeadline() {
        store.execute(put("k", "1", Expiry.after(150)));
        assertThat(store.get(cache, bytes("k"), LINEARIZABLE)).isNotNull();
        await().atMost(PATIENCE).until(() -> store.get(cache, bytes("k"), LINEARIZABLE) == null);
        assertThat(get("k", ReadLevel.SESSION)).isNull();
        assertThat(get("k", ReadLevel.EVENTUAL)).isNull();
    }

    @Test
    void anEntrySeenExpiredStaysGone() {
        for (ReadLevel level : List.of(LINEARIZABLE, ReadLevel.SESSION)) {
            Outcome put = store.execute(put("k", "1", Expiry.after(100)));
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> store.get(cache, bytes("k"), level) == null);
            Outcome touch = store.execute(
                    new Command.Write(cache, bytes("k"), Condition.ANY, new Mutation.Touch(Expiry.ETERNAL)));
            assertThat(touch.existed()).isFalse();
            assertThat(store.execute(new Command.Write(
                                    cache,
                                    bytes("k"),
                                    new Condition.VersionIs(put.afterVersion()),
                                    new Mutation.Put(bytes("2"), Expiry.ETERNAL)))
                            .held())
                    .isFalse();
            assertThat(store.get(cache, bytes("k"), level)).isNull();
        }
    }

    @Test
    void getAllLeavesOutWhatHasExpired() {
        store.execute(put("short", "1", Expiry.after(100)));
        store.execute(put("long", "1", Expiry.ETERNAL));
        await().atMost(PATIENCE).until(() -> {
            List<Entry> both = store.getAll(cache, List.of(bytes("short"), bytes("long")), LINEARIZABLE);
            assertThat(both.get(1)).isNotNull();
            return both.get(0) == null;
        });
    }

    @Test
    void aTouchMovesTheDeadline() {
        Outcome put = store.execute(put("k", "1", Expiry.after(60_000)));
        store.execute(new Command.Write(cache, bytes("k"), Condition.ANY, new Mutation.Touch(Expiry.ETERNAL)));
        assertThat(store.get(cache, bytes("k"), LINEARIZABLE))
                .isEqualTo(Entry.of(bytes("1"), put.afterVersion(), Expiry.NEVER));
        store.execute(new Command.Write(cache, bytes("k"), Condition.ANY, new Mutation.Touch(Expiry.after(0))));
        assertThat(store.get(cache, bytes("k"), LINEARIZABLE)).isNull();
    }

    @Test
    void expiredEntriesLeaveWithoutTraffic() {
        List<Change> seen = new CopyOnWriteArrayList<>();
        try (CacheStore.Subscription subscription = store.subscribe(cache, seen::add)) {
            assertThat(subscription).isNotNull();
            store.execute(put("k", "1", Expiry.after(150)));
            await().atMost(PATIENCE).until(() -> {
                passTime();
                return seen.stream().anyMatch(change -> change.kind() == Change.Kind.EXPIRED);
            });
            assertThat(store.size(cache)).isZero();
        }
    }

    @Test
    void theClockIsNearTheWallClock() {
        store.execute(new Command.Tick());
        assertThat(Math.abs(System.currentTimeMillis() - store.nowMillis())).isLessThan(10_000);
        assertThat(store.operationTimeout()).isPositive();
    }

    // Locks

    @Test
    void aLockKeepsOthersOutUntilItIsGivenBack() {
        store.execute(put("k", "1"));
        Outcome lock = store.execute(new Command.LockKey(cache, bytes("k"), 60_000));
        assertThat(lock.held()).isTrue();
        assertThat(lock.beforeValue()).isEqualTo(bytes("1"));
        assertThat(store.execute(put("k", "2")).status()).isEqualTo(Outcome.Status.LOCKED);
        assertThat(store.execute(new Command.LockKey(cache, bytes("k"), 60_000)).status())
                .isEqualTo(Outcome.Status.LOCKED);
        assertThat(get("k", LINEARIZABLE)).isEqualTo("1");
        assertThat(store.execute(new Command.UnlockKey(cache, bytes("k"), lock.afterVersion()))
                        .held())
                .isTrue();
        assertThat(store.execute(put("k", "2")).held()).isTrue();
    }

    @Test
    void aLockEndsByItself() {
        store.execute(new Command.LockKey(cache, bytes("k"), 100));
        await().atMost(PATIENCE).until(() -> store.execute(put("k", "2")).held());
    }

    // Close

    @Test
    void aLoadGetsInUnlessItsKeyWasWrittenAfterItBegan() {
        Slot slot = new Slot(cache, bytes("k"));
        store.execute(put("other", "1"));
        long began = store.lastStamp() + 1;
        assertThat(store.execute(new Command.PutFromLoad(slot, began, bytes("old")))
                        .held())
                .isTrue();
        assertThat(get("k", LINEARIZABLE)).isEqualTo("old");

        LockId id = new LockId(cache, 1);
        Outcome locked = store.execute(new Command.SoftLock(id, 60_000, List.of(slot), List.of()));
        assertThat(locked.held()).isTrue();
        assertThat(store.lastStamp()).isGreaterThanOrEqualTo(locked.afterVersion());
        assertThat(get("k", LINEARIZABLE)).isNull();
        store.execute(new Command.SoftUnlock(id, List.of(new Command.Fill(slot, bytes("new"))), List.of()));
        assertThat(get("k", LINEARIZABLE)).isEqualTo("new");
        assertThat(store.execute(new Command.PutFromLoad(slot, began, bytes("old")))
                        .held())
                .isFalse();
        assertThat(get("k", LINEARIZABLE)).isEqualTo("new");
    }

    @Test
    void everyCallAfterCloseEndsWithAnException() {
        store.close();
        store.close();
        assertThatThrownBy(() -> store.execute(put("k", "1"))).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.executeAll(new Command.Batch(cache, List.of(put("k", "1")))))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.submit(put("k", "1")).get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(StoreException.class);
        for (ReadLevel level : ReadLevel.values()) {
            assertThatThrownBy(() -> store.get(cache, bytes("k"), level)).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.getAll(cache, List.of(bytes("k")), level))
                    .isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.keys(cache, level)).isInstanceOf(StoreException.class);
        }
        assertThatThrownBy(() -> store.size(cache)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.cache(name)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.caches()).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.subscribe(cache, change -> {})).isInstanceOf(StoreException.class);
    }

    @Test
    void aClosedStoreSaysSoInsteadOfItsHealth() {
        store.close();
        Health health = Health.of(store);
        assertThat(health.healthy()).isFalse();
        assertThat(health.lastError()).isNotNull();
    }

    // Many threads

    @Test
    void theChangesLeadToTheFinalState() throws Exception {
        Map<Bytes, Change> last = new ConcurrentHashMap<>();
        List<String> broken = Collections.synchronizedList(new ArrayList<>());
        try (CacheStore.Subscription subscription = store.subscribe(cache, change -> {
            Change before = last.put(change.key(), change);
            Entry expected = before == null ? null : before.after();
            if (!Objects.equals(expected, change.before())) {
                broken.add(before + " is followed by " + change);
            }
        })) {
            assertThat(subscription).isNotNull();
            inThreads(8, thread -> {
                for (int i = 0; i < 60; i++) {
                    String key = "k" + (i * 7 + thread) % 5;
                    Mutation then =
                            i % 6 == 5 ? Mutation.REMOVE : new Mutation.Put(bytes(thread + "-" + i), Expiry.BY_RULE);
                    store.execute(new Command.Write(cache, bytes(key), Condition.ANY, then));
                }
            });
            store.execute(put("end", "end"));
            await().atMost(PATIENCE).until(() -> last.containsKey(bytes("end")));
        }
        assertThat(broken).isEmpty();
        last.forEach(
                (key, change) -> assertThat(store.get(cache, key, LINEARIZABLE)).isEqualTo(change.after()));
    }

    @Test
    void optimisticIncrementsLoseNothing() throws Exception {
        store.execute(put("n", "0"));
        inThreads(8, thread -> {
            for (int i = 0; i < 10; ) {
                Entry read = Objects.requireNonNull(store.get(cache, bytes("n"), ReadLevel.SESSION));
                String next = String.valueOf(Integer.parseInt(text(read.value())) + 1);
                if (store.execute(new Command.Write(
                                cache,
                                bytes("n"),
                                new Condition.VersionIs(read.version()),
                                new Mutation.Put(bytes(next), Expiry.BY_RULE)))
                        .held()) {
                    i++;
                }
            }
        });
        assertThat(get("n", LINEARIZABLE)).isEqualTo("80");
    }

    @Test
    void aBatchIsSeenWhole() throws Exception {
        List<String> names = List.of("a", "b", "c", "d");
        List<Bytes> keys = names.stream().map(CacheStoreContract::bytes).toList();
        AtomicBoolean done = new AtomicBoolean();
        inThreads(4, thread -> {
            if (thread == 0) {
                try {
                    for (int i = 0; i < 200; i++) {
                        String value = "v" + i;
                        store.executeAll(new Command.Batch(
                                cache,
                                names.stream().map(key -> put(key, value)).toList()));
                    }
                } finally {
                    done.set(true);
                }
                return;
            }
            ReadLevel level = ReadLevel.values()[thread - 1];
            while (!done.get()) {
                List<Entry> seen = store.getAll(cache, keys, level);
                assertThat(new HashSet<>(seen.stream()
                                .map(entry -> entry == null ? null : text(entry.value()))
                                .toList()))
                        .as("one value under all keys at %s", level)
                        .hasSize(1);
            }
        });
    }

    /** The body of one thread. */
    protected interface ThreadBody {
        void run(int thread) throws Exception;
    }

    protected static void inThreads(int count, ThreadBody body) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(count);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int thread = i;
                all.add(pool.submit(() -> {
                    body.run(thread);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(50, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    // Readers

    private Entry stored(String key, String value) {
        var unused = store.execute(put(key, value));
        return Objects.requireNonNull(store.get(cache, bytes(key), LINEARIZABLE));
    }

    @Test
    void aReaderReadsWhatTheStoreHas() {
        for (NearBounds near : new NearBounds[] {null, new NearBounds(10, Duration.ofSeconds(1))}) {
            try (EntryReader reader = store.reader(cache, near)) {
                for (int i = 0; i < 20; i++) {
                    Entry entry = stored("k", "v" + i);
                    for (ReadLevel level : List.of(LINEARIZABLE, ReadLevel.SESSION)) {
                        assertThat(reader.get(bytes("k"), level)).isEqualTo(entry);
                    }
                    if (i % 5 == 0) {
                        var unused = store.execute(new Command.Clear(cache));
                        for (ReadLevel level : List.of(LINEARIZABLE, ReadLevel.SESSION)) {
                            assertThat(reader.get(bytes("k"), level)).isNull();
                        }
                    }
                }
            }
        }
    }

    @Test
    void aReaderKnowsWhenWhatWasReadIsNotSoAnyMore() {
        try (EntryReader reader = store.reader(cache, null)) {
            List<Command> changes = List.of(
                    put("k", "w"),
                    new Command.Write(cache, bytes("k"), Condition.ANY, new Mutation.Touch(Expiry.after(60_000))),
                    new Command.Write(cache, bytes("k"), Condition.ANY, new Mutation.Remove()),
                    new Command.Clear(cache));
            for (Command change : changes) {
                Entry entry = stored("k", "v");
                long revision = reader.revision(bytes("k"));
                assertThat(reader.get(bytes("k"), LINEARIZABLE)).isEqualTo(entry);
                boolean known = reader.isAt(bytes("k"), revision, entry.expiresAtMillis(), LINEARIZABLE);
                assertThat(known).isEqualTo(revision != EntryReader.NO_REVISION);
                var unused = store.execute(change);
                assertThat(reader.isAt(bytes("k"), revision, entry.expiresAtMillis(), LINEARIZABLE))
                        .isFalse();
            }
        }
    }

    @Test
    void aReaderOfACacheThatIsDestroyedIsRefused() {
        try (EntryReader reader = store.reader(cache, new NearBounds(10, Duration.ofSeconds(1)))) {
            Entry entry = stored("k", "v");
            for (ReadLevel level : ReadLevel.values()) {
                await().atMost(PATIENCE).until(() -> entry.equals(reader.get(bytes("k"), level)));
            }
            var unused = store.execute(new Command.DestroyCache(cache));
            for (ReadLevel level : List.of(LINEARIZABLE, ReadLevel.SESSION)) {
                assertThatThrownBy(() -> reader.get(bytes("k"), level))
                        .isInstanceOfSatisfying(
                                RequestRejectedException.class,
                                refused -> assertThat(refused.reason())
                                        .isEqualTo(RequestRejectedException.Reason.NO_SUCH_CACHE));
            }
        }
    }
}
