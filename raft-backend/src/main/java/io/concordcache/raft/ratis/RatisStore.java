package io.concordcache.raft.ratis;

import io.concordcache.raft.access.Access;
import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.lease.ReadLeases;
import io.concordcache.raft.marshal.Compression;
import io.concordcache.raft.marshal.MarshalException;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.CacheUse;
import io.concordcache.raft.store.ChangeListener;
import io.concordcache.raft.store.ClusterAdmin;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.EngineMetric;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.NearBounds;
import io.concordcache.raft.store.Observers;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreMetrics;
import io.concordcache.raft.store.StoreObserver;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.store.Subscriptions;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.store.Tracing;
import io.concordcache.raft.tls.FileWatch;
import io.concordcache.raft.tls.Tls;
import io.concordcache.raft.tls.TlsSettings;
import io.concordcache.raft.wire.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The caches of a member in this JVM, alone or in a cluster.
 *
 * <p>Reads come from its own replica; in a cluster a linearizable one waits for the {@link ReadBarrier} first. Writes go to
 * the leader's log, and return when they are applied there and here.
 */
public final class RatisStore implements CacheStore {
    private static final Logger LOG = LoggerFactory.getLogger(RatisStore.class);

    private static final long START_TIMEOUT_SECONDS = 120;
    private static final long CLOSE_TIMEOUT_MILLIS = 30_000;
    private static final long START_PAUSE_MILLIS = 5;
    /** How often we look whether Ratis gave the member up, and whether it can be started again. */
    private static final long SUPERVISE_MILLIS = 500;

    private static final long HAND_OVER_MILLIS = 400;
    /** Stands for the id of a member that has none. */
    private static final String ALONE = "member";

    private final RatisSettings settings;
    private final @Nullable ClusterSettings cluster;
    private final StoreDirectory directory;
    private final LeaderClock clock = new LeaderClock(System::currentTimeMillis, System::nanoTime);
    private final ScheduledExecutorService scheduler;
    private final ExecutorService snapshotWriter;
    private final Subscriptions subscriptions = new Subscriptions();
    private final Feeds feeds = new Feeds();
    private final Observers observers = new Observers();
    private final Traces traces = Traces.found();
    private final Meters meters = new Meters();
    private final GroupCommit commit;
    private final Writes writes;
    private final Ticker ticker;
    private final Followers followers = new Followers();
    private final LeaseKeeper leases;
    private final LinkCompression linkCompression;
    private final @Nullable Tls tls;
    private final @Nullable Access access;
    private final MemberCheck memberCheck;
    private final Forwarding forwarding;
    private final Evictor evictor;
    private final ReadBarrier barrier;
    private final Reunion reunion = new Reunion(new Links());
    private final @Nullable MemberAdmin admin;
    private final CompletableFuture<Void> led = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean restarting = new AtomicBoolean();

    private volatile RatisStateMachine stateMachine;
    private volatile @Nullable RatisMember member;
    /** Why nothing can be read now, null while all is well. */
    private volatile @Nullable StoreException unreadable;
    /** Why the log of this member cannot be written, null while it can. */
    private volatile @Nullable String problem;

    /** Why the last attempt to start again failed, null if it did not. Of the thread that starts. */
    private volatile @Nullable String saidFailure;

    /** What the log brings to {@link #stateMachine}. Of the thread that starts. */
    private volatile Events events = new Events();

    /** What sessions here may have seen of the log before the member was last started again. */
    private volatile long seenIndex = -1;
    /** What listeners have heard of it. */
    private volatile long heardIndex = -1;

    private volatile boolean leading;

    /**
     * Starts a member and waits until it serves; one that is joining, until it waits to be added.
     *
     * @throws StartException if it cannot; the message says why and what to do
     */
    public static RatisStore start(RatisSettings settings) {
        RatisStore store = open(settings);
        try {
            store.awaitService();
            return store;
        } catch (RuntimeException | Error e) {
            store.close();
            throw e;
        }
    }

    /** With a member that may not know a leader yet, see {@link #awaitService}. */
    static RatisStore open(RatisSettings settings) {
        requireLibrary(settings.linkCompression());
        StoreDirectory directory = settings.durability() == Durability.MEMORY
                ? StoreDirectory.temporary()
                : StoreDirectory.open(Objects.requireNonNull(settings.directory()));
        RatisStore store;
        try {
            store = new RatisStore(settings, directory);
        } catch (RuntimeException | Error e) {
            directory.close();
            throw e;
        }
        try {
            store.inDaemon("concord-start", store::startMember);
            return store;
        } catch (RuntimeException | Error e) {
            store.close();
            throw e;
        }
    }

    /** Fails now, and not at the first large entry. */
    private static void requireLibrary(Compression linkCompression) {
        try {
            linkCompression.requireLibrary();
        } catch (MarshalException e) {
            throw new StartException("what members send each other cannot be compressed here: " + e.getMessage(), e);
        }
    }

    private RatisStore(RatisSettings settings, StoreDirectory directory) {
        this.settings = settings;
        this.cluster = settings.cluster();
        this.directory = directory;
        TlsSettings secured = settings.security().tls();
        Path accessFile = settings.security().accessFile();
        access = accessFile == null || cluster == null ? null : Access.open(accessFile);
        tls = secured == null || cluster == null ? null : Tls.open(secured);
        scheduler = Executors.newSingleThreadScheduledExecutor(daemon("concord-timer"));
        snapshotWriter = Executors.newSingleThreadExecutor(daemon("concord-snapshot"));
        linkCompression = new LinkCompression(settings.linkCompression());
        forwarding = new Forwarding(settings.clusterName(), linkCompression, tls, traces);
        Writes.Limits limits =
                new Writes.Limits(settings.maxKeyBytes(), settings.maxValueBytes(), settings.maxLogEntryBytes());
        commit =
                new GroupCommit(this::append, scheduler, settings.operationTimeout(), limits.maxCommandBytes(), traces);
        writes = new Writes(commit, limits, settings.operationTimeout(), observers);
        ticker = new Ticker(clock, scheduler, commit);
        barrier = new ReadBarrier(new Quorum(), scheduler);
        stateMachine = newStateMachine();
        evictor = new Evictor(commit, forwarding.channels(), scheduler, () -> stateMachine.state(), new Lead());
        leases = new LeaseKeeper(
                cluster == null ? "" : cluster.self().id(),
                cluster == null ? Duration.ZERO : settings.readLease(),
                () -> stateMachine,
                () -> member,
                followers,
                scheduler,
                commit);
        memberCheck = cluster == null ? MemberCheck.none() : memberCheck(cluster);
        admin = cluster == null
                ? null
                : new MemberAdmin(
                        this,
                        settings,
                        cluster,
                        directory.path(),
                        forwarding,
                        leases.nudges(),
                        access == null ? null : new Gate(access, memberCheck, this));
    }

    private RatisStateMachine newStateMachine() {
        events = new Events();
        return new RatisStateMachine(settings, clock, events, snapshotWriter, this::snapshotTaken);
    }

    static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Ratis' threads inherit from the one that starts it that they do not keep the JVM alive. */
    private void inDaemon(String name, Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        daemon(name)
                .newThread(() -> {
                    try {
                        task.run();
                        done.complete(null);
                    } catch (RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                })
                .start();
        await(done);
    }

    private void startMember() {
        if (cluster == null) {
            member = RatisMember.startAlone(settings, directory.path(), stateMachine);
            return;
        }
        MemberAdmin handler = Objects.requireNonNull(admin);
        RatisMember started;
        try {
            started = startInCluster(cluster, handler);
        } catch (StartException e) {
            Path group = directory
                    .path()
                    .resolve(RatisMember.groupId(settings.clusterName())
                            .getUuid()
                            .toString());
            if (!new SnapshotRepair(settings.clusterName(), cluster, group, forwarding.channels(), closed::get)
                    .mend()) {
                throw e;
            }
            stateMachine = newStateMachine();
            started = startInCluster(cluster, handler);
        }
        member = started;
        if (!started.hasGroup()) {
            try {
                new Formation(cluster, handler.identity(), forwarding.channels(), closed::get)
                        .enter(started, Duration.ofSeconds(START_TIMEOUT_SECONDS));
            } catch (IOException e) {
                throw StartChecks.startException(settings, directory.path(), e);
            }
        }
    }

    private RatisMember startInCluster(ClusterSettings in, MemberAdmin handler) {
        return RatisMember.startInCluster(
                settings, in, directory.path(), stateMachine, handler, leases, linkCompression, tls, memberCheck(in));
    }

    private MemberCheck memberCheck(ClusterSettings in) {
        return tls == null
                ? MemberCheck.none()
                : MemberCheck.of(new KnownMembers(in, this::membersInLog, forwarding.channels()));
    }

    private List<Member> membersInLog() {
        RatisMember started = member;
        return started == null ? List.of() : started.members();
    }

    /** Where log and snapshots lie. */
    Path directory() {
        return directory.path();
    }

    void awaitService() {
        if (cluster == null) {
            await(led);
        } else if (!cluster.joining()) {
            awaitMajority();
        }
        commit.start();
        evictor.start();
        repeat(this::shortenIdleLog, settings.snapshotInterval().toMillis());
        if (cluster != null) {
            repeat(this::supervise, SUPERVISE_MILLIS);
            leases.start();
            repeat(this::lookAtAccess, FileWatch.LOOK_MILLIS);
        }
    }

    private void lookAtAccess() {
        if (access != null && access.look()) {
            feeds.checkAll();
        }
    }

    private void repeat(Runnable task, long millis) {
        var unused = scheduler.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** There is a leader, and this replica is up to date. */
    private void awaitMajority() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_TIMEOUT_SECONDS);
        while (leader() == null || !passes(Duration.ofMillis(200))) {
            if (isToStartAgain()) {
                inDaemon("concord-restart", this::restart);
            }
            StoreException why = unreadable;
            if (why != null) {
                throw new StartException(
                        "the store in " + directory.path() + " cannot serve: " + why.getMessage(), why);
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new StartException("the member in " + directory.path() + " did not serve within "
                        + START_TIMEOUT_SECONDS + " s: "
                        + (leader() == null ? "no leader was elected" : "it did not" + " catch up")
                        + "; check that a majority of " + current().members() + " runs");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(START_PAUSE_MILLIS));
        }
    }

    private @Nullable Member leader() {
        RatisMember started = member;
        return started == null ? null : started.leader();
    }

    private boolean passes(Duration patience) {
        CompletableFuture<Void> pass = barrier.await();
        try {
            pass.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            pass.cancel(false);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the store started", e);
        }
    }

    private void await(CompletableFuture<?> phase) {
        try {
            phase.get(START_TIMEOUT_SECONDS + 10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new StartException(
                    "the store in " + directory.path() + " did not serve within " + START_TIMEOUT_SECONDS + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            throw cause instanceof StartException start
                    ? start
                    : new StartException("the store in " + directory.path() + " cannot serve: " + cause, cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the store started", e);
        }
    }

    /** Here if this member leads, else over there, and then until it is applied here. */
    private CompletableFuture<Applied> append(LogEntry entry) {
        RatisMember started = member;
        if (started == null) {
            return CompletableFuture.failedFuture(new GroupCommit.NotAppendedException("the member is starting", null));
        }
        Tracing.Place commit = traces.here();
        if (cluster == null || started.isLeader()) {
            return append(started, entry).thenApply(logged -> logged.applied(commit));
        }
        return forwarding
                .append(started.leader(), cluster.self(), entry)
                .thenCompose(logged ->
                        stateMachine.applied().await(logged.index()).thenApply(index -> logged.applied(commit)));
    }

    /** Into the log of this member, which leads. */
    CompletableFuture<RatisMember.Logged> append(RatisMember leading, LogEntry entry) {
        return observers.appending(entry.commands().size(), () -> leading.append(entry));
    }

    /** A tick makes the state machine look at the clock, and so take the snapshot that is due. */
    private void shortenIdleLog() {
        if (leading && stateMachine.hasGrown()) {
            tick();
        }
    }

    private void tick() {
        var unused = commit.submit(new Command.Tick(), 1);
    }

    /** Takes a snapshot with the next entry, which comes at once. */
    void wantSnapshot() {
        stateMachine.wantSnapshot();
        tick();
    }

    private void snapshotTaken() {
        RatisMember started = member;
        if (started != null) {
            started.snapshotTaken();
        }
    }

    /** What the log brings while one Raft server runs. */
    private final class Events implements RatisStateMachine.Listener {
        private volatile @Nullable String logFailure;
        private volatile @Nullable StoreException applyFailure;

        /** The server serves from now on, unless something failed while it started. */
        void serve() {
            problem = null;
            unreadable = null;
            // Who fails meanwhile has noted it before.
            if (logFailure != null) {
                problem = logFailure;
            }
            if (applyFailure != null) {
                unreadable = applyFailure;
            }
        }

        @Override
        public void applied(Applied applied, CacheState state, long index) {
            if (index > heardIndex) { // else it is applied again
                subscriptions.publish(applied.changes());
                meters.applied(applied.changes());
            }
            feeds.applied(index, clock);
            if (leading) {
                evictor.applied(applied.changes(), state);
                ticker.due(state.nextDeadline());
            }
        }

        @Override
        public void advanced() {
            feeds.applied(stateMachine.applied().get(), clock); // be it by an entry of Raft's own
            if (cluster != null) {
                leases.stabilize();
            }
        }

        @Override
        public void leading() {
            leading = true;
            evictor.leading(stateMachine.state());
            ticker.due(stateMachine.state().nextDeadline());
            led.complete(null);
        }

        @Override
        public void notLeading() {
            leading = false;
            evictor.notLeading();
            followers.clear();
        }

        @Override
        public void leaderChanged() {
            meters.leaderChanged();
            forwarding.leaderChanged();
            leases.renew();
        }

        @Override
        public void replaced(CacheState state) {
            LOG.info("the state was replaced by a snapshot of the leader");
            subscriptions.publishMissed();
        }

        @Override
        public void logFailed(Throwable cause) {
            Throwable root = cause;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            String what = "the log in " + directory.path() + " cannot be written (" + root.getMessage() + ")";
            if (cluster != null) {
                if (logFailure == null) { // each entry that was to be written says so
                    LOG.error("{}; this member steps down and starts again when it can be", what, cause);
                }
                logFailure = what;
                problem = what;
                return;
            }
            LOG.error("{}; this member takes no more writes", what, cause);
            commit.closeBecause(new StoreUnavailableException(
                    "not applied: " + what + "; make space or mend the disk, then start the member again", cause));
        }

        @Override
        public void applyFailed(String what, Throwable cause) {
            StoreUnavailableException failure = new StoreUnavailableException(what, cause);
            applyFailure = failure;
            unreadable = failure;
            led.completeExceptionally(failure);
            commit.closeBecause(failure);
        }
    }

    /** Who is told which entries of bounded caches are read here. */
    private final class Lead implements Evictor.Lead {
        @Override
        public boolean isHere() {
            return leading;
        }

        @Override
        public @Nullable Member member() {
            return leader();
        }
    }

    /** Entries were read at another member. */
    void heard(Request.Used used) {
        evictor.heard(used);
    }

    /** Starts the member again when its log could not be written, or Ratis gave it up, and there is reason to hope. */
    private void supervise() {
        RatisMember started = member;
        ReadBarrier.Voters voters = started == null ? null : started.voters();
        if (voters != null) {
            reunion.look(voters.others());
        }
        if (isToStartAgain() && restarting.compareAndSet(false, true)) {
            daemon("concord-restart").newThread(this::restart).start();
        }
    }

    private boolean isToStartAgain() {
        RatisMember started = member;
        if (started != null && started.votesByOldConfiguration()) {
            problem = "it votes by an old configuration";
        }
        return problem != null || (started != null && !started.isRunning() && unreadable == null);
    }

    private void restart() {
        String why = problem == null ? "the Raft server of this member ended" : problem;
        RatisMember ended = member;
        try {
            if (ended != null) {
                problem = why;
                member = null;
                unreadable = new StoreUnavailableException("this member cannot serve: " + why);
                leading = false;
            }
            stateMachine.fallSilent();
            heardIndex = newestIndex();
            if (ended != null) {
                ended.close();
            }
            stateMachine.end();
            seenIndex = newestIndex();
            evictor.notLeading();
            followers.end();
            if (closed.get() || !StartChecks.hasRoom(directory.path())) {
                return;
            }
            if (saidFailure == null) {
                LOG.info("starting the member in {} again", directory.path());
            }
            stateMachine = newStateMachine();
            startMember();
            events.serve();
            saidFailure = null;
            subscriptions.publishMissed();
        } catch (IOException | RuntimeException e) {
            String failure = String.valueOf(e.getMessage());
            if (!failure.equals(saidFailure)) { // tried again twice a second
                LOG.warn("the member in {} cannot be started yet: {}", directory.path(), failure);
                saidFailure = failure;
            }
        } finally {
            restarting.set(false);
            RatisMember now = member;
            if (closed.get() && now != null) {
                now.close();
            }
        }
    }

    /** What is wrong with this member, null if nothing is known to be. */
    @Nullable
    String problem() {
        return problem;
    }

    /** The member as it runs now. */
    RatisMember current() {
        RatisMember started = member;
        if (started == null) {
            throw new StoreUnavailableException("this member is starting, or cannot serve: " + problem);
        }
        return started;
    }

    /** As {@link #current}, null if it does not run. */
    @Nullable
    RatisMember currentOrNull() {
        return member;
    }

    /** What the barrier asks the others. */
    private final class Quorum implements ReadBarrier.Group {
        @Override
        public String self() {
            return Objects.requireNonNull(cluster).self().id();
        }

        @Override
        public ReadBarrier.@Nullable Voters voters() {
            RatisMember started = member;
            return started == null ? null : started.voters();
        }

        @Override
        public ReadBarrier.Position own() {
            return current().position();
        }

        @Override
        public CompletableFuture<ReadBarrier.Position> ask(Member other) {
            return forwarding.position(other, self());
        }

        @Override
        public CompletableFuture<?> applied(long index) {
            return stateMachine.applied().await(index);
        }
    }

    /** Connections to the others: ours, which are given up soon when nothing answers, and those of Ratis. */
    private final class Links implements Reunion.Links {
        @Override
        public CompletableFuture<?> ask(Member other) {
            return forwarding.position(
                    other, Objects.requireNonNull(cluster).self().id());
        }

        /** On a thread of its own, for it is ended by an interrupt. */
        @Override
        public void reconnect(Member other) {
            RatisMember started = member;
            if (started != null) {
                daemon("concord-reconnect")
                        .newThread(() -> started.reconnect(other))
                        .start();
            }
        }
    }

    /** @throws RequestRejectedException if there are as many caches as there may be, and this would be one more */
    void requireRoomFor(Command.CreateCache create) {
        int limit = settings.security().limits().caches();
        CacheState state = stateMachine.state();
        if (state.count() >= limit && state.cache(create.definition().name()) == null) {
            throw new RequestRejectedException(
                    Reason.TOO_MANY_CACHES,
                    "not created: there are " + state.count() + " caches, and limits.caches is " + limit
                            + "; destroy some, or raise it on each member");
        }
    }

    /** Whether there is a cache of this id, be it not known here yet. */
    boolean comesToExist(long cacheId) {
        try {
            checkExists(cacheId);
            return true;
        } catch (RequestRejectedException e) {
            if (e.reason() == Reason.NO_SUCH_CACHE) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public CompletableFuture<List<Outcome>> submit(Command command) {
        return writes.submit(command);
    }

    @Override
    public Outcome execute(Command command) {
        if (command instanceof Command.CreateCache create) {
            requireRoomFor(create);
        }
        return writes.execute(command);
    }

    @Override
    public List<Outcome> executeAll(Command.Batch batch) {
        return writes.executeAll(batch);
    }

    void checkReadable() {
        StoreException why = unreadable;
        if (why != null) {
            throw Writes.again(why);
        }
    }

    /** Waits until a read of this level may be answered here, whatever it reads. */
    private void ready(ReadLevel level) {
        var unused = readable(level, leases -> false);
    }

    private void passBarrier() {
        traces.waiting("barrier", this::awaitBarrier);
    }

    private void awaitBarrier() {
        CompletableFuture<Void> pass = barrier.await();
        try {
            pass.get(settings.operationTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            pass.cancel(false);
            throw new StoreUnavailableException(
                    "not read: no majority of the members answered within "
                            + settings.operationTimeout().toMillis()
                            + " ms, so this one cannot tell whether it is up to date; reads of level SESSION and EVENTUAL"
                            + " go on",
                    e);
        } catch (ExecutionException | java.util.concurrent.CancellationException e) {
            throw new RequestRejectedException(Reason.STORE_CLOSED, "the store is closed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("not read: interrupted", e);
        }
    }

    @Override
    public @Nullable Entry get(long cacheId, Bytes key, ReadLevel level) {
        return reader(cacheId).get(key, level);
    }

    @Override
    public EntryReader reader(long cacheId, @Nullable NearBounds near) {
        return reader(cacheId); // next to the replica there is nothing nearer
    }

    private MemberReader reader(long cacheId) {
        return new MemberReader(this, cacheId, cluster == null, evictor);
    }

    @Override
    public List<@Nullable Entry> getAll(long cacheId, List<Bytes> keys, ReadLevel level) {
        RatisStateMachine from = readable(level, leases -> leases.mayReadAll(cacheId, keys, System.nanoTime()));
        List<@Nullable Entry> entries = readAll(from, cacheId, keys, level);
        if (level == ReadLevel.LINEARIZABLE && !from.leases().areSettled(cacheId, keys, entries)) {
            entries = settled(
                    from,
                    () -> readAll(from, cacheId, keys, level),
                    found -> from.leases().areSettled(cacheId, keys, found));
        }
        checkExists(cacheId);
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i) != null) {
                evictor.used(cacheId, keys.get(i));
            }
        }
        return entries;
    }

    /** Waits until a read of this level may be answered here; returns what from. */
    private RatisStateMachine readable(ReadLevel level, Predicate<ReadLeases> byLease) {
        RatisStateMachine from = stateMachine;
        checkReadable();
        if (level == ReadLevel.SESSION) {
            return seen(from);
        }
        return level != ReadLevel.LINEARIZABLE || cluster == null || byLease.test(from.leases())
                ? from
                : passBarrier(from);
    }

    /** Passes the barrier with this state machine, or the one that took its place; returns it. */
    RatisStateMachine passBarrier(RatisStateMachine seen) {
        RatisStateMachine from = seen;
        while (true) {
            passBarrier();
            if (from == stateMachine) { // else the member was started again meanwhile
                return from;
            }
            from = stateMachine;
            checkReadable();
        }
    }

    /**
     * This state machine, or the one that took its place, when it has what sessions here may have seen: one that was started
     * again begins with what the disk has, until the leader says what is committed.
     */
    RatisStateMachine seen(RatisStateMachine asked) {
        RatisStateMachine from = asked;
        while (!hasSeen(from)) {
            awaitApplied(seenIndex);
            from = stateMachine;
            checkReadable();
        }
        return from;
    }

    /** No reader here has seen anything that the log says after this, and listeners hear of all that it says. */
    long newestIndex() {
        return Math.max(seenIndex, stateMachine.newestIndex());
    }

    boolean hasSeen(RatisStateMachine from) {
        return from.applied().get() >= seenIndex;
    }

    private List<@Nullable Entry> readAll(RatisStateMachine from, long cacheId, List<Bytes> keys, ReadLevel level) {
        List<@Nullable Entry> entries = from.getAll(cacheId, keys);
        if (entries.stream().noneMatch(entry -> entry != null && mayBeLate(entry.expiresAtMillis()))) {
            return entries;
        }
        if (level == ReadLevel.EVENTUAL) {
            return entries.stream()
                    .<@Nullable Entry>map(entry -> entry == null || isLate(entry.expiresAtMillis()) ? null : entry)
                    .toList();
        }
        passTime();
        return from.getAll(cacheId, keys);
    }

    /** Reads again, each time when what was applied before is stable, until what is found may be told. */
    <T extends @Nullable Object> T settled(RatisStateMachine from, Supplier<T> read, Predicate<T> isSettled) {
        long deadline = System.nanoTime() + settings.operationTimeout().toNanos();
        while (true) {
            traces.waiting("settle", () -> awaitStable(from, deadline));
            T found = read.get();
            if (isSettled.test(found)) {
                return found;
            }
        }
    }

    private void awaitStable(RatisStateMachine from, long deadlineNanos) {
        CompletableFuture<?> reached = from.awaitStable(from.leases().applied());
        try {
            var unused = reached.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new StoreUnavailableException(
                    "not read: the newest change of the key did not reach all members that hold a read lease within "
                            + settings.operationTimeout().toMillis() + " ms",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("not read: interrupted", e);
        }
    }

    /**
     * A cache that this replica does not know may only not have come here yet, whatever its lease says of the key: refused
     * is what surely is not there.
     */
    void checkExists(long cacheId) {
        if (stateMachine.state().exists(cacheId)) {
            return;
        }
        ready(ReadLevel.LINEARIZABLE);
        if (!stateMachine.state().exists(cacheId)) {
            throw RequestRejectedException.noSuchCache(cacheId);
        }
    }

    /** Whether what ends then should have ended, as far as this member can tell. */
    boolean isLate(long expiresAtMillis) {
        return expiresAtMillis != Expiry.NEVER && expiresAtMillis <= nowMillis();
    }

    /**
     * Whether what ends then may have ended, so that {@link #passTime} must tell: after a change of the leader no entry of
     * the log says yet for how long there was none.
     */
    boolean mayBeLate(long expiresAtMillis) {
        return expiresAtMillis != Expiry.NEVER
                && expiresAtMillis <= (cluster == null || leading ? clock.millis() : clock.latest());
    }

    /** Has the log look at the clock, and so end what is to end; blocks until that is applied here. */
    void passTime() {
        var unused = execute(new Command.Tick());
        clock.settled();
    }

    @Override
    public Iterator<Bytes> keys(long cacheId, ReadLevel level) {
        ready(level);
        checkExists(cacheId);
        return stateMachine.state().keys(cacheId).iterator();
    }

    @Override
    public long size(long cacheId) {
        ready(ReadLevel.EVENTUAL);
        return stateMachine.state().size(cacheId);
    }

    @Override
    public @Nullable CacheInfo cache(String name) {
        ready(ReadLevel.LINEARIZABLE);
        return stateMachine.state().cache(name);
    }

    @Override
    public List<CacheInfo> caches() {
        ready(ReadLevel.LINEARIZABLE);
        return stateMachine.state().caches();
    }

    @Override
    public Subscription subscribe(long cacheId, ChangeListener listener) {
        ready(ReadLevel.EVENTUAL);
        return subscriptions.add(cacheId, listener);
    }

    /** Waits until this replica has applied the entry of this index; for clients that have seen it elsewhere. */
    void awaitApplied(long index) {
        try {
            var unused = stateMachine
                    .applied()
                    .await(index)
                    .get(settings.operationTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new StoreUnavailableException("not read: this member lags behind what the caller has seen", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("not read: interrupted", e);
        }
    }

    /** Up to where the log is applied here; no less than the index of each write acknowledged before the call. */
    long acknowledgedIndex() {
        ready(ReadLevel.LINEARIZABLE);
        return stateMachine.applied().get();
    }

    LinkCompression linkCompression() {
        return linkCompression;
    }

    RatisStateMachine stateMachine() {
        return stateMachine;
    }

    Feeds feeds() {
        return feeds;
    }

    Followers followers() {
        return followers;
    }

    @Override
    public void copyTo(OutputStream out) throws IOException {
        Path copy = StateCopy.make(this, directory.path());
        try {
            Files.copy(copy, out);
        } finally {
            StateCopy.delete(copy);
        }
    }

    void copyTo(RpcService.Sink sink) {
        StateCopy.stream(this, directory.path(), sink);
    }

    @Override
    public ClusterAdmin admin() {
        return admin == null ? CacheStore.super.admin() : admin;
    }

    @Override
    public long nowMillis() {
        return cluster == null || leading ? clock.millis() : clock.estimate();
    }

    @Override
    public long lastStamp() {
        return stateMachine.state().lastStamp();
    }

    @Override
    public StoreMetrics metrics() {
        return new StoreMetrics(memberMetrics(), commit.metrics(), meters.caches(stateMachine.state()));
    }

    @Override
    public List<EngineMetric> engineMetrics() {
        RatisMember now = member;
        return now == null || closed.get() ? List.of() : EngineMeters.of(now.memberId());
    }

    private StoreMetrics.MemberMetrics memberMetrics() {
        if (!closed.get()) {
            try {
                return memberMetrics(member);
            } catch (IllegalStateException e) { // of a log that was closed meanwhile
                if (!closed.get()) {
                    throw e;
                }
            }
        }
        return memberMetrics(null);
    }

    private StoreMetrics.MemberMetrics memberMetrics(@Nullable RatisMember now) {
        RatisStateMachine machine = stateMachine;
        ClusterStatus.Role role = role(now);
        boolean leads = role == ClusterStatus.Role.LEADER;
        Member known = cluster == null ? null : leader();
        String alone = cluster == null && leads ? ALONE : null;
        String leader = known == null ? alone : known.id();
        long applied = machine.applied().get();
        long commit = Math.max(applied, now == null ? -1 : now.commitIndex());
        long lag = meters.lagMillis(commit == applied, now == null || leads ? 0 : now.leaderSilentMillis());
        StoreException why = unreadable;
        StoreDirectory.Sizes sizes = directory.sizes();
        return new StoreMetrics.MemberMetrics(
                settings.clusterName(),
                cluster == null ? ALONE : cluster.self().id(),
                role,
                leader,
                problem == null && why != null ? why.getMessage() : problem,
                now == null ? 0 : now.term(),
                meters.elections(),
                leader == null ? 0 : meters.leaderMillis(),
                now == null ? applied : now.position().lastIndex(),
                commit,
                applied,
                leads ? 0 : lag,
                cluster != null && machine.leases().isHeld(System.nanoTime()),
                barrier.rounds(),
                barrier.waiting(),
                sizes.log(),
                sizes.snapshots());
    }

    /** What this member does in the group. */
    ClusterStatus.Role role(@Nullable RatisMember now) {
        if (now == null || problem != null) {
            return ClusterStatus.Role.IMPAIRED;
        }
        if (now.isLeader()) {
            return ClusterStatus.Role.LEADER;
        }
        if (now.voters() == null) {
            return ClusterStatus.Role.JOINING;
        }
        return cluster == null || now.leader() == null ? ClusterStatus.Role.CANDIDATE : ClusterStatus.Role.FOLLOWER;
    }

    @Override
    public Subscription observe(StoreObserver observer) {
        return observers.add(observer);
    }

    @Override
    public Subscription countUse(String cache, Supplier<CacheUse> counts) {
        return meters.uses().add(cache, counts);
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

    Traces traces() {
        return traces;
    }

    Meters meters() {
        return meters;
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
        RatisMember ending = member;
        if (ending != null && cluster != null) {
            leases.giveBack();
            handOver(ending);
        }
        unreadable = new RequestRejectedException(Reason.STORE_CLOSED, "the store is closed");
        commit.close();
        barrier.close();
        scheduler.shutdownNow();
        Thread closer = daemon("concord-close").newThread(() -> {
            if (ending != null) {
                ending.close();
            }
            forwarding.close();
            if (tls != null) {
                tls.close();
            }
            finishSnapshot();
            directory.close();
        });
        closer.start();
        if (settings.durability() == Durability.MEMORY && cluster == null) {
            return; // Ratis takes a second to end, and there is nothing to come back to
        }
        try {
            closer.join(CLOSE_TIMEOUT_MILLIS);
            if (closer.isAlive()) {
                LOG.warn("the store in {} is still closing", directory.path());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A planned end costs no election: the follower that is most up to date leads on. */
    private void handOver(RatisMember ending) {
        String heir = leases.nudges().mostUpToDate();
        if (!ending.isLeader() || heir == null) {
            return;
        }
        try {
            var unused = ending.transferLeadership(heir, HAND_OVER_MILLIS).get(HAND_OVER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.info("the lead was not handed over; the others will elect: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void finishSnapshot() {
        snapshotWriter.shutdown();
        try {
            if (!snapshotWriter.awaitTermination(START_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a snapshot is still being written to {}", directory.path());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
