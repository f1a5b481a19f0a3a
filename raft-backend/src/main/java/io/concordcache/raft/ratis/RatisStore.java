package io.concordcache.raft.ratis;

import io.concordcache.raft.access.Access;
import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Outcome;
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
import java.util.UUID;
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
    private final Replica replica;
    private final MemberReads reads;
    private final Reunion reunion = new Reunion(new Links());
    private final @Nullable MemberAdmin admin;
    private final AtomicBoolean closed = new AtomicBoolean();

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
            store.replica.start();
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
        replica = new Replica(settings, directory.path(), clock, snapshotWriter, new Starter(), new News());
        evictor = new Evictor(commit, forwarding.channels(), scheduler, replica::state, new Lead());
        reads = new MemberReads(settings, replica, barrier, clock, writes, evictor, traces);
        leases = new LeaseKeeper(
                cluster == null ? "" : cluster.self().id(),
                cluster == null ? Duration.ZERO : settings.readLease(),
                replica::stateMachine,
                replica::memberOrNull,
                followers,
                scheduler,
                commit);
        memberCheck = cluster == null || tls == null
                ? MemberCheck.none()
                : MemberCheck.of(new KnownMembers(cluster, this::membersInLog, forwarding.channels()));
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

    static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** How the Raft server of this member is started. */
    private final class Starter implements Replica.Starter {
        @Override
        public RatisMember start(RatisStateMachine machine) {
            if (cluster == null) {
                return RatisMember.startAlone(settings, directory.path(), machine);
            }
            return RatisMember.startInCluster(
                    settings,
                    cluster,
                    directory.path(),
                    machine,
                    Objects.requireNonNull(admin),
                    leases,
                    linkCompression,
                    tls,
                    memberCheck);
        }

        /** A damaged snapshot is taken from another member. */
        @Override
        public boolean mend() {
            if (cluster == null) {
                return false;
            }
            UUID group = RatisMember.groupId(settings.clusterName()).getUuid();
            Path groupDirectory = directory.path().resolve(group.toString());
            return new SnapshotRepair(
                            settings.clusterName(), cluster, groupDirectory, forwarding.channels(), closed::get)
                    .mend();
        }

        @Override
        public void enter(RatisMember started) {
            if (cluster == null || started.hasGroup()) {
                return;
            }
            Identity identity = Objects.requireNonNull(admin).identity();
            try {
                new Formation(cluster, identity, forwarding.channels(), closed::get)
                        .enter(started, Duration.ofSeconds(Replica.START_TIMEOUT_SECONDS));
            } catch (IOException e) {
                throw StartChecks.startException(settings, directory.path(), e);
            }
        }
    }

    private List<Member> membersInLog() {
        RatisMember started = replica.memberOrNull();
        return started == null ? List.of() : started.members();
    }

    /** Where log and snapshots lie. */
    Path directory() {
        return directory.path();
    }

    void awaitService() {
        if (cluster == null) {
            replica.awaitLead();
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
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Replica.START_TIMEOUT_SECONDS);
        while (leader() == null || !passes(Duration.ofMillis(200))) {
            replica.superviseStart();
            StoreException why = replica.unreadable();
            if (why != null) {
                throw new StartException(
                        "the store in " + directory.path() + " cannot serve: " + why.getMessage(), why);
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new StartException("the member in " + directory.path() + " did not serve within "
                        + Replica.START_TIMEOUT_SECONDS + " s: "
                        + (leader() == null ? "no leader was elected" : "it did not catch up")
                        + "; check that a majority of " + current().members() + " runs");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(START_PAUSE_MILLIS));
        }
    }

    private @Nullable Member leader() {
        RatisMember started = replica.memberOrNull();
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

    /** Here if this member leads, else over there, and then until it is applied here. */
    private CompletableFuture<Applied> append(LogEntry entry) {
        RatisMember started = replica.memberOrNull();
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
                        stateMachine().applied().await(logged.index()).thenApply(index -> logged.applied(commit)));
    }

    /** Into the log of this member, which leads. */
    CompletableFuture<RatisMember.Logged> append(RatisMember leading, LogEntry entry) {
        return observers.appending(entry.commands().size(), () -> leading.append(entry));
    }

    /** A tick makes the state machine look at the clock, and so take the snapshot that is due. */
    private void shortenIdleLog() {
        if (replica.isLeading() && stateMachine().hasGrown()) {
            tick();
        }
    }

    private void tick() {
        var unused = commit.submit(new Command.Tick(), 1);
    }

    /** Takes a snapshot with the next entry, which comes at once. */
    void wantSnapshot() {
        stateMachine().wantSnapshot();
        tick();
    }

    /** What the log brings, told to all here who want to know. */
    private final class News implements Replica.Listener {
        @Override
        public void changed(List<Change> changes) {
            subscriptions.publish(changes);
            meters.applied(changes);
        }

        @Override
        public void missed() {
            subscriptions.publishMissed();
        }

        @Override
        public void applied(Applied applied, CacheState state, long index) {
            feeds.applied(index, clock);
            if (replica.isLeading()) {
                evictor.applied(applied.changes(), state);
                ticker.due(state.nextDeadline());
            }
        }

        @Override
        public void advanced(long index) {
            feeds.applied(index, clock);
            if (cluster != null) {
                leases.stabilize();
            }
        }

        @Override
        public void leading(CacheState state) {
            evictor.leading(state);
            ticker.due(state.nextDeadline());
        }

        @Override
        public void notLeading() {
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
        public void ended() {
            evictor.notLeading();
            followers.end();
        }

        @Override
        public void failed(StoreUnavailableException why) {
            commit.closeBecause(why);
        }
    }

    /** Who is told which entries of bounded caches are read here. */
    private final class Lead implements Evictor.Lead {
        @Override
        public boolean isHere() {
            return replica.isLeading();
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

    private void supervise() {
        RatisMember started = replica.memberOrNull();
        ReadBarrier.Voters voters = started == null ? null : started.voters();
        if (voters != null) {
            reunion.look(voters.others());
        }
        replica.supervise();
    }

    /** What is wrong with this member, null if nothing is known to be. */
    @Nullable
    String problem() {
        return replica.problem();
    }

    /** As {@link Replica#member}. */
    RatisMember current() {
        return replica.member();
    }

    /** As {@link Replica#memberOrNull}. */
    @Nullable
    RatisMember currentOrNull() {
        return replica.memberOrNull();
    }

    /** What the barrier asks the others. */
    private final class Quorum implements ReadBarrier.Group {
        @Override
        public String self() {
            return Objects.requireNonNull(cluster).self().id();
        }

        @Override
        public ReadBarrier.@Nullable Voters voters() {
            RatisMember started = replica.memberOrNull();
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
            return stateMachine().applied().await(index);
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
            RatisMember started = replica.memberOrNull();
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
        CacheState state = replica.state();
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
            reads.checkExists(cacheId);
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

    @Override
    public @Nullable Entry get(long cacheId, Bytes key, ReadLevel level) {
        return reads.reader(cacheId).get(key, level);
    }

    @Override
    public EntryReader reader(long cacheId, @Nullable NearBounds near) {
        return reads.reader(cacheId); // next to the replica there is nothing nearer
    }

    @Override
    public List<@Nullable Entry> getAll(long cacheId, List<Bytes> keys, ReadLevel level) {
        return reads.getAll(cacheId, keys, level);
    }

    /** As {@link Replica#newestIndex}. */
    long newestIndex() {
        return replica.newestIndex();
    }

    @Override
    public Iterator<Bytes> keys(long cacheId, ReadLevel level) {
        reads.ready(level);
        reads.checkExists(cacheId);
        return replica.state().keys(cacheId).iterator();
    }

    @Override
    public long size(long cacheId) {
        reads.ready(ReadLevel.EVENTUAL);
        return replica.state().size(cacheId);
    }

    @Override
    public @Nullable CacheInfo cache(String name) {
        reads.ready(ReadLevel.LINEARIZABLE);
        return replica.state().cache(name);
    }

    @Override
    public List<CacheInfo> caches() {
        reads.ready(ReadLevel.LINEARIZABLE);
        return replica.state().caches();
    }

    @Override
    public Subscription subscribe(long cacheId, ChangeListener listener) {
        reads.ready(ReadLevel.EVENTUAL);
        return subscriptions.add(cacheId, listener);
    }

    MemberReads reads() {
        return reads;
    }

    /** Up to where the log is applied here; no less than the index of each write acknowledged before the call. */
    long acknowledgedIndex() {
        reads.ready(ReadLevel.LINEARIZABLE);
        return stateMachine().applied().get();
    }

    LinkCompression linkCompression() {
        return linkCompression;
    }

    RatisStateMachine stateMachine() {
        return replica.stateMachine();
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
        return reads.nowMillis();
    }

    @Override
    public long lastStamp() {
        return replica.state().lastStamp();
    }

    @Override
    public StoreMetrics metrics() {
        return new StoreMetrics(memberMetrics(), commit.metrics(), meters.caches(replica.state()));
    }

    @Override
    public List<EngineMetric> engineMetrics() {
        RatisMember now = replica.memberOrNull();
        return now == null || closed.get() ? List.of() : EngineMeters.of(now.memberId());
    }

    private StoreMetrics.MemberMetrics memberMetrics() {
        if (!closed.get()) {
            try {
                return memberMetrics(replica.memberOrNull());
            } catch (IllegalStateException e) { // of a log that was closed meanwhile
                if (!closed.get()) {
                    throw e;
                }
            }
        }
        return memberMetrics(null);
    }

    private StoreMetrics.MemberMetrics memberMetrics(@Nullable RatisMember now) {
        RatisStateMachine machine = stateMachine();
        ClusterStatus.Role role = role(now);
        boolean leads = role == ClusterStatus.Role.LEADER;
        Member known = cluster == null ? null : leader();
        String alone = cluster == null && leads ? ALONE : null;
        String leader = known == null ? alone : known.id();
        long applied = machine.applied().get();
        long commit = Math.max(applied, now == null ? -1 : now.commitIndex());
        long lag = meters.lagMillis(commit == applied, now == null || leads ? 0 : now.leaderSilentMillis());
        String problem = replica.problem();
        StoreException why = replica.unreadable();
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
        if (now == null || replica.problem() != null) {
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
        RatisMember running = replica.memberOrNull();
        if (running != null && cluster != null) {
            leases.giveBack();
            handOver(running);
        }
        RatisMember ending = replica.close();
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
            if (!snapshotWriter.awaitTermination(Replica.START_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a snapshot is still being written to {}", directory.path());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
