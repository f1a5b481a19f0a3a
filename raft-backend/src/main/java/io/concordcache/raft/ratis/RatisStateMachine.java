package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.CacheReader;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Stamp;
import io.concordcache.raft.lease.ReadLeases;
import io.concordcache.raft.wire.CommandCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.StampedLock;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries the log to a {@link CacheMachine} and guards those who read it meanwhile. */
final class RatisStateMachine extends BaseStateMachine {

    /** Hears what the log brings; called on the apply thread or another of Ratis', must not block. */
    interface Listener {
        default void applied(Applied applied, CacheState state, long index) {}

        /** The log went on, be it by an entry of Raft's own. */
        default void advanced() {}

        /** This member is the leader and has applied all that came before. */
        default void leading() {}

        default void notLeading() {}

        /** Another member leads, or none. */
        default void leaderChanged() {}

        /** The state was replaced by a snapshot of the leader: changes were missed. */
        default void replaced(CacheState state) {}

        /** The log takes nothing more in; what is applied stays true. */
        default void logFailed(Throwable cause) {}

        /** An entry cannot be applied, so this replica is of no use any more. */
        default void applyFailed(String what, Throwable cause) {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(RatisStateMachine.class);

    private volatile Listener listener;
    private final LeaderClock clock;
    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
    private final Snapshots snapshots;
    /** Written while a command over several keys is applied; single keys need no guard. */
    private final StampedLock guard = new StampedLock();

    private final AppliedIndex applied = new AppliedIndex();
    /** Of the entry that is being applied, or was last: readers may see what it does. */
    private volatile long newest = -1;
    /** Up to where the log is stable, see {@link ReadLeases}. */
    private final AppliedIndex stable = new AppliedIndex();

    private final ReadLeases leases;
    private final boolean alone;
    private final boolean onDisk;
    /** Null where nothing is kept on disk. */
    private volatile @Nullable MembersFile members;

    /** Entries as they were decoded when they came in, by index, until they are applied. */
    private final Map<Long, Decoded> decoded = new ConcurrentHashMap<>();

    private record Decoded(long term, LogEntry entry) {}

    private volatile @Nullable Configuration configuration;
    private volatile CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);

    RatisStateMachine(
            RatisSettings settings, LeaderClock clock, Listener listener, Executor writer, Runnable snapshotTaken) {
        this.clock = clock;
        this.listener = listener;
        ClusterSettings cluster = settings.cluster();
        this.alone = cluster == null;
        this.onDisk = settings.durability() != Durability.MEMORY;
        this.leases = new ReadLeases(cluster == null ? "" : cluster.self().id());
        this.snapshots = new Snapshots(settings, storage, writer, snapshotTaken);
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage raftStorage) throws IOException {
        getLifeCycle()
                .startAndTransition(
                        () -> {
                            super.initialize(server, group, raftStorage);
                            storage.init(raftStorage);
                            VoteFile.guard(raftStorage); // before this member may vote
                            load();
                            if (onDisk) {
                                MembersFile kept = new MembersFile(raftStorage
                                        .getStorageDir()
                                        .getCurrentDir()
                                        .toPath());
                                kept.started(snapshots.lastIndex());
                                members = kept;
                            }
                            clock.startFrom(Stamp.millis(machine.state().lastStamp()));
                        },
                        IOException.class);
    }

    private void load() throws IOException {
        CacheMachine restored = snapshots.load();
        if (restored != null) {
            TermIndex upTo = storage.getLatestSnapshot().getTermIndex();
            decoded.clear();
            if (!alone) {
                leases.restored(upTo.getIndex(), restored.state().leases(), System.nanoTime());
            }
            machine = restored;
            setLastAppliedTermIndex(upTo);
            newest = upTo.getIndex();
            applied.reached(upTo.getIndex());
        }
        clock.restored(Stamp.millis(machine.state().lastStamp()));
    }

    /** A snapshot of the leader is about to take the place of ours. */
    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        getLifeCycle()
                .startAndTransition(
                        () -> {
                            storage.loadLatestSnapshot();
                            load();
                            MembersFile kept = members;
                            if (kept != null) {
                                kept.replaced();
                            }
                        },
                        IOException.class);
        listener.replaced(machine.state());
    }

    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        super.notifyTermIndexUpdated(term, index);
        leases.applied(index, List.of(), System.nanoTime());
        applied.reached(index);
        listener.advanced();
    }

    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto committed) {
        configuration = Configuration.of(index, committed);
        MembersFile kept = members;
        if (kept != null) {
            kept.changed(LogEntryProto.newBuilder()
                    .setTerm(term)
                    .setIndex(index)
                    .setConfigurationEntry(committed)
                    .build());
        }
    }

    /** The newest configuration that was committed since the start, null for none. */
    @Nullable
    Configuration configuration() {
        return configuration;
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId newLeader) {
        clock.restored(Stamp.millis(machine.state().lastStamp()));
        listener.leaderChanged();
    }

    /** Nobody hears anything from now on, whatever a server that ends goes on to do. */
    void fallSilent() {
        listener = new Listener() {};
    }

    /** Its server has ended: who waits for more of the log is told so. */
    void end() {
        IllegalStateException why = new IllegalStateException("the Raft server of this member ended");
        applied.end(why);
        stable.end(why);
    }

    /** No reader has seen anything that the log says after this. */
    long newestIndex() {
        return Math.max(newest, applied.get());
    }

    /** Up to where the log is applied. */
    AppliedIndex applied() {
        return applied;
    }

    ReadLeases leases() {
        return leases;
    }

    /** Completes when the log is stable up to there, and so may be acknowledged. */
    CompletableFuture<?> awaitStable(long index) {
        return alone ? CompletableFuture.completedFuture(null) : stable.await(index);
    }

    /** The stable index has changed. */
    void stableReached() {
        synchronized (stable) {
            stable.reached(leases.stable());
        }
    }

    /** On a follower: what the leader sent is about to be taken into the log. */
    void appending(AppendEntriesRequestProto request) {
        leases.follows(request.getLeaderTerm());
        for (LogEntryProto proto : request.getEntriesList()) {
            if (proto.hasStateMachineLogEntry()) {
                LogEntry entry = decode(proto);
                decoded.put(proto.getIndex(), new Decoded(proto.getTerm(), entry));
                clock.observed(entry.leaderMillis());
                leases.appending(proto.getIndex(), entry.commands());
            }
        }
    }

    private static LogEntry decode(LogEntryProto proto) {
        return CommandCodec.decode(proto.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer());
    }

    /** On a follower: the leader has said that all up to this index is committed and stable. */
    void told(long index) {
        if (index > leases.stable()) {
            leases.told(index);
            stableReached();
        }
    }

    void revokeLease() {
        leases.revoke();
    }

    /** The next entry brings a snapshot. */
    void wantSnapshot() {
        snapshots.want();
    }

    /** The state as of one of the next entries is written there. */
    CompletableFuture<Void> copy(Path file) {
        return snapshots.copy(file);
    }

    /** The latest snapshot that is complete, null for none. */
    @Nullable
    TermIndex latestSnapshot() {
        SnapshotInfo latest = storage.getLatestSnapshot();
        return latest == null ? null : latest.getTermIndex();
    }

    Path snapshotFile(long term, long index) {
        return storage.getSnapshotFile(term, index).toPath();
    }

    /** Up to where the latest snapshot goes, -1 for none. */
    long snapshotIndex() {
        return snapshots.lastIndex();
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    /** On the leader: puts its time in front of the entry. Must not throw. */
    @Override
    public TransactionContext startTransaction(RaftClientRequest request) {
        long now = clock.millis();
        Message message = request.getMessage();
        ByteString time = UnsafeByteOperations.unsafeWrap(
                ByteBuffer.allocate(Long.BYTES).putLong(now).flip());
        TransactionContext.Builder transaction = TransactionContext.newBuilder()
                .setStateMachine(this)
                .setClientRequest(request)
                .setLogData(time.concat(message.getContent()));
        if (message instanceof EntryMessage local) {
            transaction.setStateMachineContext(local.entry().at(now));
        }
        return transaction.build();
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto proto = transaction.getLogEntry();
        try {
            TermIndex upTo = TermIndex.valueOf(proto);
            LogEntry entry = entry(transaction, upTo);
            newest = upTo.getIndex();
            Applied done = apply(entry, upTo.getIndex());
            updateLastAppliedTermIndex(upTo);
            clock.observed(entry.leaderMillis());
            listener.applied(done, machine.state(), upTo.getIndex());
            applied.reached(upTo.getIndex());
            listener.advanced();
            snapshots.applied(
                    machine, upTo, proto.getStateMachineLogEntry().getLogData().size());
            return CompletableFuture.completedFuture(new EntryMessage.Reply(done, upTo.getIndex()));
        } catch (RuntimeException | Error e) {
            String what = "the log entry " + proto.getIndex() + " cannot be applied; this replica stops";
            LOG.error(what, e);
            listener.applyFailed(what, e);
            throw e; // closes the division: better no answer than a wrong one
        }
    }

    private LogEntry entry(TransactionContext transaction, TermIndex at) {
        Decoded known = decoded.remove(at.getIndex());
        if (transaction.getStateMachineContext() instanceof LogEntry local) {
            return local;
        }
        return known != null && known.term == at.getTerm()
                ? known.entry
                : decode(Objects.requireNonNull(transaction.getLogEntry()));
    }

    private Applied apply(LogEntry entry, long index) {
        if (alone) {
            return apply(entry);
        }
        CacheState state = machine.state();
        long now = Math.max(entry.leaderMillis(), Stamp.millis(state.lastStamp()));
        leases.applying(index, entry.commands(), state.nextDeadline() <= now);
        Applied done = apply(entry);
        leases.applied(
                index, done.result() == Applied.Result.APPLIED ? entry.commands() : List.of(), System.nanoTime());
        return done;
    }

    private Applied apply(LogEntry entry) {
        if (entry.commands().stream().noneMatch(Command::isAtomicOverKeys)) {
            return machine.apply(entry);
        }
        long locked = guard.writeLock();
        try {
            return machine.apply(entry);
        } finally {
            guard.unlockWrite(locked);
        }
    }

    CacheState state() {
        return machine.state();
    }

    /** The entry of a key; a command over several keys is seen whole or not at all. */
    @Nullable
    Entry get(CacheReader reader, Bytes key) {
        long seen = guard.tryOptimisticRead();
        Entry entry = reader.get(key);
        if (guard.validate(seen)) {
            return entry;
        }
        long locked = guard.readLock();
        try {
            return reader.get(key);
        } finally {
            guard.unlockRead(locked);
        }
    }

    /** As {@link CacheReader#isAt}; false also while a command over several keys is applied. */
    boolean isAt(CacheReader reader, Bytes key, long revision, long expiresAtMillis) {
        long seen = guard.tryOptimisticRead();
        return reader.isAt(key, revision, expiresAtMillis) && guard.validate(seen);
    }

    List<@Nullable Entry> getAll(long cacheId, List<Bytes> keys) {
        long locked = guard.readLock();
        try {
            List<@Nullable Entry> entries = new ArrayList<>(keys.size());
            for (Bytes key : keys) {
                entries.add(machine.state().get(cacheId, key));
            }
            return entries;
        } finally {
            guard.unlockRead(locked);
        }
    }

    /** Whether the log has grown since the last snapshot. */
    boolean hasGrown() {
        return getLastAppliedTermIndex().getIndex() > snapshots.lastIndex();
    }

    /** The snapshot was taken before, see {@link Snapshots}; Ratis asks for its index to drop the log. */
    @Override
    public long takeSnapshot() {
        snapshots.announce();
        MembersFile kept = members;
        return kept == null ? snapshots.lastIndex() : kept.forgettable(snapshots.lastIndex());
    }

    @Override
    public void notifyLeaderReady() {
        clock.startFrom(Stamp.millis(machine.state().lastStamp()));
        listener.leading();
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pendingEntries) {
        listener.notLeading();
    }

    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto failedEntry) {
        listener.logFailed(cause);
    }

    @Override
    public void close() {
        getLifeCycle().checkStateAndClose();
    }
}
