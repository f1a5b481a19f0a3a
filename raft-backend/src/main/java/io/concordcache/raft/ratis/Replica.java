package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this member has of the log: the state machine and the Raft server that feeds it, and those that take their place when
 * the log could not be written, or Ratis gave the server up.
 *
 * <p>A new pair begins with what the disk has. What readers here have seen before is not taken back ({@link #hasSeen}), and
 * nobody is told twice ({@link Listener#changed}).
 */
final class Replica {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);
    static final long START_TIMEOUT_SECONDS = 120;

    /** How a Raft server is started here; called on one thread at a time, which may be blocked. */
    interface Starter {
        /**
         * Starts a server that feeds this state machine.
         *
         * @throws StartException if it cannot; the message says why and what to do
         */
        RatisMember start(RatisStateMachine machine);

        /** Mends what kept a server from starting; false if there is nothing that can be mended. */
        boolean mend();

        /** The server runs, and gets its group if it has none yet. */
        void enter(RatisMember started);
    }

    /** Hears what the log brings, but for what a server says that has ended; called on threads that must not be blocked. */
    interface Listener {
        /** These were not told before; entries that are applied again after a start bring none. */
        void changed(List<Change> changes);

        /** There were changes that were not told. */
        void missed();

        /** After {@link #changed}; also of entries that are applied again. */
        void applied(Applied applied, CacheState state, long index);

        /** The log went on up to there, be it by an entry of Raft's own. */
        void advanced(long index);

        void leading(CacheState state);

        void notLeading();

        /** Another member leads, or none. */
        void leaderChanged();

        /** The server has ended, and with it what was known of its followers. */
        void ended();

        /** No more can be written here, and nobody mends it. */
        void failed(StoreUnavailableException why);
    }

    private final RatisSettings settings;
    private final Path directory;
    private final LeaderClock clock;
    private final Executor snapshotWriter;
    private final Starter starter;
    private final Listener listener;
    private final CompletableFuture<Void> led = new CompletableFuture<>();
    private final AtomicBoolean restarting = new AtomicBoolean();

    private volatile RatisStateMachine stateMachine;
    private volatile @Nullable RatisMember member;
    private volatile boolean leading;
    private volatile boolean closed;
    /** Why nothing can be read now, null while all is well. */
    private volatile @Nullable StoreException unreadable;
    /** Why the log of this member cannot be written, null while it can. */
    private volatile @Nullable String problem;

    /** What readers here may have seen of the log before the member was last started again. */
    private volatile long seenIndex = -1;
    /** What listeners have heard of it. */
    private volatile long heardIndex = -1;

    /** What the log brings to {@link #stateMachine}. Of the thread that starts. */
    private volatile Events events;

    /** Why the last attempt to start again failed, null if it did not. Of the thread that starts. */
    private volatile @Nullable String saidFailure;

    Replica(
            RatisSettings settings,
            Path directory,
            LeaderClock clock,
            Executor snapshotWriter,
            Starter starter,
            Listener listener) {
        this.settings = settings;
        this.directory = directory;
        this.clock = clock;
        this.snapshotWriter = snapshotWriter;
        this.starter = starter;
        this.listener = listener;
        events = new Events();
        stateMachine = stateMachine(events);
    }

    private RatisStateMachine stateMachine(Events events) {
        return new RatisStateMachine(settings, clock, events, snapshotWriter, this::snapshotTaken);
    }

    private RatisStateMachine newStateMachine() {
        events = new Events();
        return stateMachine(events);
    }

    private void snapshotTaken() {
        RatisMember started = member;
        if (started != null) {
            started.snapshotTaken();
        }
    }

    // What runs now

    RatisStateMachine stateMachine() {
        return stateMachine;
    }

    CacheState state() {
        return stateMachine.state();
    }

    /** @throws StoreUnavailableException if no Raft server runs now */
    RatisMember member() {
        RatisMember started = member;
        if (started == null) {
            throw new StoreUnavailableException("this member is starting, or cannot serve: " + problem);
        }
        return started;
    }

    /** As {@link #member}, null if none runs. */
    @Nullable
    RatisMember memberOrNull() {
        return member;
    }

    /** Whether this member leads, and has applied all that came before. */
    boolean isLeading() {
        return leading;
    }

    /** Why the log of this member cannot be written, null while it can. */
    @Nullable
    String problem() {
        return problem;
    }

    /** Why nothing can be read now, null while all is well. */
    @Nullable
    StoreException unreadable() {
        return unreadable;
    }

    void checkReadable() {
        StoreException why = unreadable;
        if (why != null) {
            throw Writes.again(why);
        }
    }

    /** No reader here has seen anything that the log says after this, and listeners hear of all that it says. */
    long newestIndex() {
        return Math.max(seenIndex, stateMachine.newestIndex());
    }

    /** What readers here may have seen before; a state machine that has not applied it goes back. */
    long seenIndex() {
        return seenIndex;
    }

    boolean hasSeen(RatisStateMachine from) {
        return from.applied().get() >= seenIndex;
    }

    // Start and end

    /**
     * Starts the Raft server; blocks.
     *
     * @throws StartException if it cannot; the message says why and what to do
     */
    void start() {
        inDaemon("concord-start", this::startServer);
    }

    /** Waits until this member leads, which stands alone. */
    void awaitLead() {
        await(led);
    }

    /** Ratis' threads inherit from the one that starts it that they do not keep the JVM alive. */
    private void inDaemon(String name, Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        RatisStore.daemon(name)
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

    private void await(CompletableFuture<?> phase) {
        try {
            phase.get(START_TIMEOUT_SECONDS + 10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new StartException(
                    "the store in " + directory + " did not serve within " + START_TIMEOUT_SECONDS + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            throw cause instanceof StartException start
                    ? start
                    : new StartException("the store in " + directory + " cannot serve: " + cause, cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the store started", e);
        }
    }

    private void startServer() {
        RatisMember started;
        try {
            started = starter.start(stateMachine);
        } catch (StartException e) {
            if (!starter.mend()) {
                throw e;
            }
            stateMachine = newStateMachine();
            started = starter.start(stateMachine);
        }
        member = started;
        starter.enter(started);
    }

    /** Starts the server again when its log could not be written, or Ratis gave it up, and there is reason to hope. */
    void supervise() {
        if (isToStartAgain() && restarting.compareAndSet(false, true)) {
            RatisStore.daemon("concord-restart").newThread(this::restart).start();
        }
    }

    /** As {@link #supervise}, for one that waits until the server serves; blocks while it is started. */
    void superviseStart() {
        if (isToStartAgain()) {
            inDaemon("concord-restart", this::restart);
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
            listener.ended();
            if (closed || !StartChecks.hasRoom(directory)) {
                return;
            }
            if (saidFailure == null) {
                LOG.info("starting the member in {} again", directory);
            }
            stateMachine = newStateMachine();
            startServer();
            events.serve();
            saidFailure = null;
            listener.missed();
        } catch (IOException | RuntimeException e) {
            String failure = String.valueOf(e.getMessage());
            if (!failure.equals(saidFailure)) { // tried again twice a second
                LOG.warn("the member in {} cannot be started yet: {}", directory, failure);
                saidFailure = failure;
            }
        } finally {
            restarting.set(false);
            RatisMember now = member;
            if (closed && now != null) {
                now.close();
            }
        }
    }

    /**
     * Nothing can be read from now on, and nothing is started again.
     *
     * @return the server that is to be closed, null if none runs
     */
    @Nullable
    RatisMember close() {
        closed = true;
        unreadable = closedException();
        return member;
    }

    private static StoreException closedException() {
        return new RequestRejectedException(Reason.STORE_CLOSED, "the store is closed");
    }

    /** What the log brings while one Raft server runs. */
    private final class Events implements RatisStateMachine.Listener {
        private volatile @Nullable String logFailure;
        private volatile @Nullable StoreException applyFailure;

        /** The server serves from now on, unless something failed while it started. */
        void serve() {
            problem = null;
            unreadable = null;
            // Who fails or closes meanwhile has noted it before.
            if (logFailure != null) {
                problem = logFailure;
            }
            if (applyFailure != null) {
                unreadable = applyFailure;
            }
            if (closed) {
                unreadable = closedException();
            }
        }

        @Override
        public void applied(Applied applied, CacheState state, long index) {
            if (index > heardIndex) { // else it is applied again
                listener.changed(applied.changes());
            }
            listener.applied(applied, state, index);
        }

        @Override
        public void advanced() {
            listener.advanced(stateMachine.applied().get());
        }

        @Override
        public void leading() {
            leading = true;
            listener.leading(state());
            led.complete(null);
        }

        @Override
        public void notLeading() {
            leading = false;
            listener.notLeading();
        }

        @Override
        public void leaderChanged() {
            listener.leaderChanged();
        }

        @Override
        public void replaced(CacheState state) {
            LOG.info("the state was replaced by a snapshot of the leader");
            listener.missed();
        }

        @Override
        public void logFailed(Throwable cause) {
            Throwable root = cause;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            String what = "the log in " + directory + " cannot be written (" + root.getMessage() + ")";
            if (settings.cluster() != null) {
                if (logFailure == null) { // each entry that was to be written says so
                    LOG.error("{}; this member steps down and starts again when it can be", what, cause);
                }
                logFailure = what;
                problem = what;
                return;
            }
            LOG.error("{}; this member takes no more writes", what, cause);
            listener.failed(new StoreUnavailableException(
                    "not applied: " + what + "; make space or mend the disk, then start the member again", cause));
        }

        @Override
        public void applyFailed(String what, Throwable cause) {
            StoreUnavailableException failure = new StoreUnavailableException(what, cause);
            applyFailure = failure;
            unreadable = failure;
            led.completeExceptionally(failure);
            listener.failed(failure);
        }
    }
}
