package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.near.NearCopies;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.CacheUse;
import io.concordcache.raft.store.CacheUses;
import io.concordcache.raft.store.ChangeListener;
import io.concordcache.raft.store.ClusterAdmin;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.NearBounds;
import io.concordcache.raft.store.Observers;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreMetrics;
import io.concordcache.raft.store.StoreObserver;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.store.Tracing;
import io.concordcache.raft.tls.Tls;
import io.concordcache.raft.tls.TlsSettings;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The caches of a cluster whose members run elsewhere. Writes go to the leader under a session of its own; reads to one
 * member, another when that fails; changes come as a stream from it.
 */
public final class RemoteStore implements CacheStore {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteStore.class);
    private static final Duration APPEND_TIMEOUT = Duration.ofSeconds(2);
    /** After so long without an answer another member is asked. */
    private static final long ATTEMPT_MILLIS = 2000;

    private static final long PAUSE_MILLIS = 20;
    /** Keys of copies that were read, told to the leader with each fence: one in so many, and so many at most. */
    private static final int USED_SAMPLE = 16;

    private static final int USED_KEYS = 64;
    private static final Duration FENCE_TIMEOUT = Duration.ofSeconds(2);
    /** So many chunks of a copy may be on their way. */
    private static final int AHEAD = 8;
    /** Until the first chunk comes, for which the member writes its whole state; and until the next. */
    private static final long COPY_SECONDS = 600;

    private static final long CHUNK_SECONDS = 60;
    private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(80);

    private final RemoteSettings settings;
    private final @Nullable Tls tls;
    private final Channels channels;
    private final ScheduledExecutorService scheduler;
    private final GroupCommit commit;
    private final Writes writes;
    private final Observers observers = new Observers();
    private final Traces traces = Traces.found();
    private final CacheUses uses = new CacheUses();
    private final ClusterAdmin admin = new Admin();
    private final Set<RemoteFeed> feeds = ConcurrentHashMap.newKeySet();
    private final LeaderClock clock = new LeaderClock(System::currentTimeMillis, System::nanoTime);
    /** The newest index of the log that this client has seen anything of. */
    private final AtomicLong seenIndex = new AtomicLong();
    /** The newest version of an entry that was read. */
    private final AtomicLong lastStampRead = new AtomicLong();

    private final AtomicBoolean closed = new AtomicBoolean();

    private volatile List<Member> servers;
    private volatile @Nullable Member leader;
    private final AtomicInteger current = new AtomicInteger();

    /**
     * Connects to a cluster and waits until it serves.
     *
     * @throws StartException if no server answers in time, or they are of another cluster
     */
    public static RemoteStore connect(RemoteSettings settings) {
        RemoteStore store = new RemoteStore(settings);
        try {
            store.refreshServers();
            var unused = store.caches();
            return store;
        } catch (RequestRejectedException e) {
            store.close();
            throw new StartException("cannot use the servers " + settings.servers() + ": " + e.getMessage(), e);
        } catch (StoreException e) {
            store.close();
            throw new StartException(
                    "no server of " + settings.servers() + " serves the cluster '" + settings.clusterName()
                            + "' within " + settings.operationTimeout().toMillis() + " ms: " + e.getMessage(),
                    e);
        }
    }

    private RemoteStore(RemoteSettings settings) {
        this.settings = settings;
        this.servers = settings.servers();
        current.set(ThreadLocalRandom.current().nextInt(servers.size()));
        TlsSettings secured = settings.tls();
        tls = secured == null ? null : Tls.open(secured);
        channels = new Channels(settings.clusterName(), LinkCompression.OFF, tls, settings.token(), traces);
        scheduler = Executors.newSingleThreadScheduledExecutor(RatisStore.daemon("concord-client-timer"));
        Writes.Limits limits =
                new Writes.Limits(settings.maxKeyBytes(), settings.maxValueBytes(), settings.maxLogEntryBytes());
        commit =
                new GroupCommit(this::append, scheduler, settings.operationTimeout(), limits.maxCommandBytes(), traces);
        writes = new Writes(commit, limits, settings.operationTimeout(), observers);
        commit.start();
    }

    /** Learns of the members that the settings do not name. */
    private void refreshServers() {
        if (ask(new Request.Probe(null), settings.operationTimeout()) instanceof Response.Here here
                && !here.members().isEmpty()) {
            Member used = server();
            servers = here.members();
            current.set(Math.max(0, servers.indexOf(used)));
            String id = here.leader();
            leader = servers.stream()
                    .filter(member -> member.id().equals(id))
                    .findFirst()
                    .orElse(null);
        }
    }

    private Member server() {
        List<Member> known = servers;
        return known.get(Math.floorMod(current.get(), known.size()));
    }

    private void next(Member failed) {
        int now = current.get();
        if (server().equals(failed)) {
            var unused = current.compareAndSet(now, now + 1);
        }
    }

    private CompletableFuture<Applied> append(LogEntry entry) {
        Tracing.Place commit = traces.here();
        Member target = leader;
        Member asked = target == null ? server() : target;
        CompletableFuture<Response> answer = channels.call(asked, new Request.Append(entry, ""), APPEND_TIMEOUT);
        return answer.thenApply(response -> {
                    redirect(asked, response);
                    return response;
                })
                .handle((response, failure) -> {
                    if (failure != null) {
                        leader = null;
                        next(asked);
                    }
                    return Forwarding.logged(
                            response,
                            failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
                                    ? failure.getCause()
                                    : failure);
                })
                .thenCompose(logged -> heardOf(logged.index()).thenApply(heard -> logged.applied(commit)));
    }

    private void redirect(Member asked, Response response) {
        if (response instanceof Response.Appended) {
            leader = asked;
        } else if (response instanceof Response.NotLeader not) {
            Member hint = not.leader();
            leader = asked.equals(hint) ? null : hint;
            if (hint == null) {
                next(asked);
            }
        }
    }

    /** Completes when all feeds of this client have told what happened up to there. */
    private CompletableFuture<?> heardOf(long index) {
        seen(index);
        return feeds.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.allOf(
                        feeds.stream().map(feed -> feed.told.await(index)).toArray(CompletableFuture<?>[]::new));
    }

    private void seen(long index) {
        if (index > seenIndex.get()) {
            seenIndex.accumulateAndGet(index, Math::max);
        }
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new RequestRejectedException(Reason.STORE_CLOSED, "the store is closed");
        }
    }

    /** Asks one member after the other until one answers, or the time is over. */
    private Response ask(Request request, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        StoreException last = null;
        int refused = 0;
        while (true) {
            checkOpen();
            if (last != null && refused >= servers.size()) {
                throw Writes.again(last); // nothing that time would mend
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw last == null
                        ? new StoreUnavailableException(
                                "not done: no member answered within " + timeout.toMillis() + " ms")
                        : Writes.again(last);
            }
            Member asked = server();
            try {
                long patience = Math.min(left, Math.max(ATTEMPT_MILLIS, timeout.toMillis() / 2));
                Response response = channels.call(asked, request, Duration.ofMillis(patience))
                        .get(patience + ATTEMPT_MILLIS, TimeUnit.MILLISECONDS);
                StoreException failure = Forwarding.failure(response);
                if (failure == null) {
                    return response;
                }
                if (!(failure instanceof StoreUnavailableException)) {
                    throw failure;
                }
                last = failure;
            } catch (ExecutionException | TimeoutException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                refused = RefusedLinkException.isCauseOf(cause) ? refused + 1 : 0;
                last = new StoreUnavailableException(
                        "not done: " + asked + " does not answer (" + cause.getMessage() + ")", cause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreUnavailableException("not done: interrupted", e);
            }
            next(asked);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
        }
    }

    @Override
    public CompletableFuture<List<Outcome>> submit(Command command) {
        return writes.submit(command);
    }

    @Override
    public Outcome execute(Command command) {
        return writes.execute(command);
    }

    @Override
    public List<Outcome> executeAll(Command.Batch batch) {
        return writes.executeAll(batch);
    }

    /** A session goes on where it was, whichever member answers. */
    private long minIndex(ReadLevel level) {
        return level == ReadLevel.SESSION ? seenIndex.get() : 0;
    }

    private Response.Entries read(long cacheId, List<Bytes> keys, ReadLevel level) {
        Response response = ask(new Request.Read(cacheId, keys, level, minIndex(level)), settings.operationTimeout());
        if (!(response instanceof Response.Entries entries) || entries.entries().size() != keys.size()) {
            throw new StoreUnavailableException("not read: a member answered " + response);
        }
        seen(entries.upTo());
        clock.observed(entries.nowMillis());
        for (Entry entry : entries.entries()) {
            if (entry != null && entry.version() > lastStampRead.get()) {
                lastStampRead.accumulateAndGet(entry.version(), Math::max);
            }
        }
        return entries;
    }

    @Override
    public @Nullable Entry get(long cacheId, Bytes key, ReadLevel level) {
        return read(cacheId, List.of(key), level).entries().get(0);
    }

    @Override
    public List<@Nullable Entry> getAll(long cacheId, List<Bytes> keys, ReadLevel level) {
        return read(cacheId, keys, level).entries();
    }

    @Override
    public EntryReader reader(long cacheId, @Nullable NearBounds near) {
        return near == null ? CacheStore.super.reader(cacheId, null) : new NearReader(cacheId, near);
    }

    /**
     * Reads of one cache, those below {@link ReadLevel#LINEARIZABLE} from copies as far as there are some. Hears of changes
     * from the first such read on.
     */
    private final class NearReader implements EntryReader {
        private final long cacheId;
        private final NearCopies copies;
        private final LongAdder hits = new LongAdder();
        private final @Nullable Bytes[] used = new Bytes[USED_KEYS];
        private @Nullable RemoteFeed feed;
        private volatile boolean subscribed;
        private volatile boolean ended;

        NearReader(long cacheId, NearBounds bounds) {
            this.cacheId = cacheId;
            this.copies = new NearCopies(bounds);
        }

        @Override
        public @Nullable Entry get(Bytes key, ReadLevel level) {
            if (level == ReadLevel.LINEARIZABLE || ended) {
                return RemoteStore.this.get(cacheId, key, level);
            }
            Entry copy = copied(key, level);
            if (copy != null) {
                return copy;
            }
            NearCopies.Load load = copies.begin(key);
            Response.Entries answer = read(cacheId, List.of(key), level);
            Entry found = answer.entries().get(0);
            if (found != null) {
                copies.loaded(load, found, answer.index());
            }
            return found;
        }

        @Override
        public @Nullable Entry copy(Bytes key, ReadLevel level) {
            return level == ReadLevel.LINEARIZABLE || ended ? null : copied(key, level);
        }

        private @Nullable Entry copied(Bytes key, ReadLevel level) {
            checkOpen();
            if (!subscribed) {
                subscribe();
            }
            long now = System.nanoTime();
            NearCopies.Fence fence = copies.fence(now);
            if (fence != null) {
                send(fence);
            }
            Entry copy = copies.get(key, level == ReadLevel.SESSION ? seenIndex.get() : -1, now);
            if (copy != null && (copy.expiresAtMillis() == Expiry.NEVER || !copy.isExpiredAt(nowMillis()))) {
                hits.increment();
                used(key);
                return copy;
            }
            return null;
        }

        private synchronized void subscribe() {
            if (!subscribed && !ended) {
                feed = new RemoteFeed(cacheId, copies, copies);
                feeds.add(feed);
                feed.open();
                subscribed = true;
            }
        }

        /** A sample, so that members do not evict what only clients read; threads that meet here lose a key. */
        private void used(Bytes key) {
            int at = ThreadLocalRandom.current().nextInt(USED_KEYS * USED_SAMPLE);
            if (at < USED_KEYS) {
                used[at] = key;
            }
        }

        private void tellUsed() {
            Set<Bytes> keys = new HashSet<>();
            for (int i = 0; i < USED_KEYS; i++) {
                Bytes key = used[i];
                if (key != null) {
                    used[i] = null;
                    keys.add(key);
                }
            }
            if (!keys.isEmpty()) {
                Member asked = leader;
                var unused = channels.call(
                        asked == null ? server() : asked,
                        new Request.Used(Map.of(cacheId, List.copyOf(keys))),
                        FENCE_TIMEOUT);
            }
        }

        private void send(NearCopies.Fence fence) {
            tellUsed();
            Member asked = server();
            var unused = channels.call(asked, new Request.Fence(), FENCE_TIMEOUT)
                    .whenComplete((response, failure) -> {
                        if (response instanceof Response.Entries answer) {
                            copies.answered(fence, answer.index());
                        } else if (failure != null) {
                            next(asked);
                        }
                    });
        }

        @Override
        public long copyHits() {
            return hits.sum();
        }

        @Override
        public synchronized void close() {
            ended = true;
            if (feed != null) {
                feed.close();
                feed = null;
            }
            copies.missed();
        }
    }

    /** All keys are fetched at once. */
    @Override
    public Iterator<Bytes> keys(long cacheId, ReadLevel level) {
        checkOpen();
        List<Bytes> all = new ArrayList<>();
        CompletableFuture<@Nullable StoreException> end = new CompletableFuture<>();
        Member asked = server();
        Channels.Stream[] stream = new Channels.Stream[1];
        stream[0] = channels.stream(
                asked,
                new Request.Keys(cacheId, level, minIndex(level)),
                response -> {
                    StoreException failure = Forwarding.failure(response);
                    if (failure != null) {
                        end.complete(failure);
                    } else if (response instanceof Response.Keys some) {
                        all.addAll(some.keys());
                        stream[0].more(1);
                    }
                },
                failure -> end.complete(
                        failure == null
                                ? null
                                : new StoreUnavailableException("not read: " + asked + " does not answer", failure)));
        stream[0].more(2);
        StoreException failure;
        try {
            failure = end.get(settings.operationTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            failure = new StoreUnavailableException("not read: the keys did not come in time from " + asked, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = new StoreUnavailableException("not read: interrupted", e);
        }
        if (failure != null) {
            stream[0].close();
            if (failure instanceof StoreUnavailableException) {
                next(asked);
            }
            throw failure;
        }
        return all.iterator();
    }

    @Override
    public void copyTo(OutputStream out) throws IOException {
        checkOpen();
        Member asked = server();
        // A response, or at the end an Optional of the failure.
        BlockingQueue<Object> answers = new LinkedBlockingQueue<>();
        try (Channels.Stream stream = channels.stream(
                asked, new Request.Backup(), answers::add, failure -> answers.add(Optional.ofNullable(failure)))) {
            stream.more(AHEAD);
            Object answer = next(answers, COPY_SECONDS, asked);
            while (answer instanceof Response response) {
                StoreException refused = Forwarding.failure(response);
                if (refused != null) {
                    throw refused;
                }
                if (response instanceof Response.Chunk chunk) {
                    out.write(chunk.bytes().unwrap());
                }
                stream.more(1);
                answer = next(answers, CHUNK_SECONDS, asked);
            }
            if (answer instanceof Optional<?> failure && failure.isPresent()) {
                throw new StoreUnavailableException(
                        "not copied: " + asked + " does not answer any more", (Throwable) failure.get());
            }
        }
    }

    private static Object next(BlockingQueue<Object> answers, long seconds, Member asked) {
        try {
            Object answer = answers.poll(seconds, TimeUnit.SECONDS);
            if (answer == null) {
                throw new StoreUnavailableException("not copied: nothing came for " + seconds + " s from " + asked);
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("not copied: interrupted", e);
        }
    }

    private List<Response.SizedCache> sizedCaches() {
        if (ask(new Request.Caches(), settings.operationTimeout()) instanceof Response.CacheList list) {
            seen(list.index());
            clock.observed(list.nowMillis());
            return list.caches();
        }
        throw new StoreUnavailableException("not read: a member did not answer as it should");
    }

    @Override
    public long size(long cacheId) {
        return sizedCaches().stream()
                .filter(cache -> cache.info().id() == cacheId)
                .mapToLong(Response.SizedCache::size)
                .findFirst()
                .orElse(0);
    }

    @Override
    public @Nullable CacheInfo cache(String name) {
        return caches().stream()
                .filter(cache -> cache.definition().name().equals(name))
                .findFirst()
                .orElse(null);
    }

    @Override
    public List<CacheInfo> caches() {
        return sizedCaches().stream().map(Response.SizedCache::info).toList();
    }

    @Override
    public Subscription subscribe(long cacheId, ChangeListener listener) {
        checkOpen();
        RemoteFeed feed = new RemoteFeed(cacheId, listener, null);
        feeds.add(feed);
        feed.open();
        try {
            var unused = feed.opened.get(settings.operationTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            feed.close();
            throw e.getCause() instanceof StoreException failure
                    ? Writes.again(failure)
                    : new StoreUnavailableException("not subscribed: no member answers", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            feed.close();
            throw new StoreUnavailableException("not subscribed: interrupted", e);
        }
        return feed;
    }

    /** The changes of one cache, from one member after another; between two of them some are missed, and that is told. */
    private final class RemoteFeed implements Subscription {
        private final long cacheId;
        private final ChangeListener listener;
        private final @Nullable NearCopies near;
        private final AppliedIndex told = new AppliedIndex();
        private final CompletableFuture<Void> opened = new CompletableFuture<>();
        private Channels.@Nullable Stream stream;
        private boolean ended;
        private boolean interruptedBefore;
        private long heardStamp;

        /** @param near the listener, if it is these: they want to know of indexes too */
        RemoteFeed(long cacheId, ChangeListener listener, @Nullable NearCopies near) {
            this.cacheId = cacheId;
            this.listener = listener;
            this.near = near;
        }

        synchronized void open() {
            if (ended) {
                return;
            }
            Member asked = server();
            stream = channels.stream(
                    asked, new Request.Subscribe(cacheId), this::received, failure -> lost(asked, failure));
            stream.more(2);
        }

        private synchronized void received(Response response) {
            Channels.Stream from = stream;
            if (ended || from == null) {
                return;
            }
            StoreException failure = Forwarding.failure(response);
            if (failure instanceof RequestRejectedException) {
                end();
                if (near != null) {
                    near.missed();
                }
                opened.completeExceptionally(failure);
                return;
            }
            if (response instanceof Response.Changes changes) {
                clock.observed(changes.nowMillis());
                if (changes.missed() || interruptedBefore) {
                    interruptedBefore = false;
                    listener.missed();
                }
                if (near != null) {
                    near.hearing(changes.index());
                }
                long heardBefore = heardStamp;
                for (Change change : changes.changes()) {
                    // A member that is behind tells again what the one before has told; copies may come from it too.
                    if (near != null || change.stamp() > heardBefore) {
                        listener.changed(change);
                        heardStamp = Math.max(heardStamp, change.stamp());
                    }
                }
                if (near != null) {
                    near.heard(changes.index());
                }
                seen(changes.index());
                told.reached(changes.index());
                opened.complete(null);
                from.more(1);
            }
        }

        private synchronized void lost(Member asked, @Nullable Throwable failure) {
            if (ended) {
                return;
            }
            LOG.debug("the changes of cache {} do not come any more from {}", cacheId, asked, failure);
            interruptedBefore = opened.isDone();
            next(asked);
            try {
                var unused = scheduler.schedule(this::open, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                ended = true; // the store is closing
            }
        }

        private void end() {
            ended = true;
            feeds.remove(this);
            told.reached(Long.MAX_VALUE);
        }

        @Override
        public synchronized void close() {
            end();
            if (stream != null) {
                stream.close();
            }
        }
    }

    @Override
    public ClusterAdmin admin() {
        return admin;
    }

    /** Hands administration to a member. */
    private final class Admin implements ClusterAdmin {
        @Override
        public ClusterStatus status() {
            if (ask(new Request.Status(), settings.operationTimeout()) instanceof Response.Status status) {
                return status.status();
            }
            throw new StoreUnavailableException("a member did not answer as it should");
        }

        @Override
        public void addMember(Member member) {
            change(new Request.AddMember(member));
            refreshServers();
        }

        @Override
        public void removeMember(String id) {
            change(new Request.RemoveMember(id));
            refreshServers();
        }

        @Override
        public void transferLeadership(@Nullable String id) {
            change(new Request.Transfer(id == null ? "" : id));
        }

        @Override
        public void snapshot(@Nullable String id) {
            change(new Request.Snapshot(id == null ? "" : id));
        }

        /** Asked once: what happened to a change that is not answered must be looked at. */
        private void change(Request request) {
            Member asked = server();
            try {
                Response response = channels.call(asked, request, ADMIN_TIMEOUT)
                        .get(ADMIN_TIMEOUT.toMillis() + ATTEMPT_MILLIS, TimeUnit.MILLISECONDS);
                StoreException failure = Forwarding.failure(response);
                if (failure != null) {
                    throw failure;
                }
            } catch (ExecutionException | TimeoutException e) {
                next(asked);
                throw e.getCause() instanceof Channels.NotSentException
                        ? new StoreUnavailableException("not done: " + asked + " cannot be reached; call again", e)
                        : new OutcomeUnknownException("no answer from " + asked + "; look at the status", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new OutcomeUnknownException("interrupted; look at the status", e);
            }
        }
    }

    @Override
    public long nowMillis() {
        return clock.estimate();
    }

    @Override
    public long lastStamp() {
        return Math.max(commit.lastStamp(), lastStampRead.get());
    }

    @Override
    public StoreMetrics metrics() {
        List<StoreMetrics.CacheMetrics> caches = new ArrayList<>();
        uses.now().forEach((name, use) -> caches.add(new StoreMetrics.CacheMetrics(name, null, use)));
        return new StoreMetrics(null, commit.metrics(), caches);
    }

    @Override
    public Subscription observe(StoreObserver observer) {
        return observers.add(observer);
    }

    @Override
    public Subscription countUse(String cache, Supplier<CacheUse> counts) {
        return uses.add(cache, counts);
    }

    @Override
    public void used(String cache, StoreObserver.Use use, long nanos) {
        observers.used(cache, use, nanos);
    }

    @Override
    public void trace(@Nullable Tracing tracing) {
        traces.set(tracing);
    }

    @Override
    public @Nullable Tracing tracing() {
        return traces.get();
    }

    @Override
    public Duration operationTimeout() {
        return settings.operationTimeout();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        commit.close();
        List.copyOf(feeds).forEach(RemoteFeed::close);
        scheduler.shutdownNow();
        channels.close();
        if (tls != null) {
            tls.close();
        }
    }
}
