package io.concordcache.raft.ratis;

import io.concordcache.raft.tls.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.Timestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the log of a leader to one follower over a {@link Link}. New entries leave on the thread that appended them; a thread
 * of its own connects, sends heartbeats, snapshots and what has to wait.
 */
final class LinkAppender extends LogAppenderBase {
    private static final Logger LOG = LoggerFactory.getLogger(LinkAppender.class);
    /** Requests with entries under way at most. */
    private static final int MAX_OUTSTANDING = 8;
    /** So many bytes fit into the buffers of the socket, so that who appends need not wait for the follower to read. */
    private static final long INLINE_BYTES = 64 << 10;
    /** A connection that leaves a request without an answer for so long is given up. */
    private static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    private static final long LONGEST_WAIT_MILLIS = 100;
    private static final long FIRST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 200;

    /** A request under way. */
    private record Sent(long firstIndex, long bytes, Timestamp at, long nanos) {
        boolean hasEntries() {
            return firstIndex != RaftLog.INVALID_LOG_INDEX;
        }
    }

    private final ScheduledExecutorService timer;
    private final LinkCompression compression;
    private final @Nullable Tls tls;
    /** Guards what follows, and the follower's next index. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<Long, Sent> outstanding = new HashMap<>();
    private int outstandingWithEntries;
    private long outstandingBytes;
    private long lastCallId;
    private int failures;
    private volatile @Nullable Link link;

    /**
     * An appender that starts when told to.
     *
     * @param timer watches links
     */
    LinkAppender(
            RaftServer.Division division,
            LeaderState state,
            FollowerInfo follower,
            ScheduledExecutorService timer,
            LinkCompression compression,
            @Nullable Tls tls) {
        super(division, state, follower);
        this.timer = timer;
        this.compression = compression;
        this.tls = tls;
    }

    /** Connects to the follower. */
    Link connect(String threadName, Link.Receiver receiver) throws IOException {
        io.concordcache.raft.store.Member address =
                io.concordcache.raft.store.Member.parse(getFollower().getPeer().getAddress());
        return Link.connect(
                InetSocketAddress.createUnresolved(address.host(), address.port()),
                threadName,
                timer,
                compression,
                tls,
                receiver);
    }

    @Override
    public long getCallId() {
        lock.lock();
        try {
            return lastCallId;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Comparator<Long> getCallIdComparator() {
        return (left, right) -> Long.signum(left - right);
    }

    /** There is something to send. May be called under locks of Ratis, so it waits for nothing. */
    @Override
    public void notifyLogAppender() {
        if (!sendInline()) {
            getEventAwaitForSignal().signal();
        }
    }

    private boolean sendInline() {
        Link to = link;
        if (to == null || !isRunning() || !lock.tryLock()) {
            return false;
        }
        try {
            return sendAll(to, INLINE_BYTES);
        } catch (IOException | RuntimeException e) {
            LOG.debug("{} could not send", this, e);
            to.close();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Sends what is due, as long as so few bytes are under way; false if not all was sent. */
    private boolean sendAll(Link to, long maxBytes) throws IOException {
        while (shouldSendAppendEntries()) {
            boolean heartbeat = getHeartbeatWaitTimeMs() <= 0;
            if (!heartbeat && (outstandingWithEntries >= MAX_OUTSTANDING || outstandingBytes >= maxBytes)) {
                return false;
            }
            if (to != link || needsSnapshot()) {
                return false;
            }
            AppendEntriesRequestProto request = newAppendEntriesRequest(++lastCallId, heartbeat);
            if (request == null) {
                return false;
            }
            send(to, request);
        }
        return true;
    }

    /** Whether the log no longer has what the follower needs, or perhaps; a cheap look. */
    private boolean needsSnapshot() {
        return getLeaderState().isFollowerBootstrapping(getFollower())
                ? !getFollower().hasAttemptedToInstallSnapshot()
                : hasAppendEntries() && shouldInstallSnapshot(true);
    }

    private void send(Link to, AppendEntriesRequestProto request) throws IOException {
        int count = request.getEntriesCount();
        ByteBuffer bytes = LinkServer.bytes(request);
        Sent sent = new Sent(
                count == 0 ? RaftLog.INVALID_LOG_INDEX : request.getEntries(0).getIndex(),
                bytes.remaining(),
                Timestamp.currentTime(),
                System.nanoTime());
        outstanding.put(lastCallId, sent);
        outstandingBytes += sent.bytes;
        if (count > 0) {
            outstandingWithEntries++;
            getFollower().increaseNextIndex(request.getEntries(count - 1).getIndex() + 1);
        }
        resetHeartbeatTrigger();
        getFollower().updateLastRpcSendTime(count == 0);
        if (!to.send(Link.Kind.APPEND_ENTRIES, lastCallId, bytes)) {
            throw new IOException("the connection is closed");
        }
    }

    @Override
    public void run() throws InterruptedException {
        try {
            while (isRunning()) {
                long pause = attempt();
                getLeaderState().checkHealth(getFollower());
                if (pause > 0) {
                    Thread.sleep(pause);
                } else {
                    long wait = Math.max(1, Math.min(LONGEST_WAIT_MILLIS, getHeartbeatWaitTimeMs()));
                    var unused = getEventAwaitForSignal().await(wait, TimeUnit.MILLISECONDS);
                }
            }
        } finally {
            Link last = link;
            if (last != null) {
                last.close();
            }
        }
    }

    /** Connects if need be and sends what is due; returns for how long to do nothing, in milliseconds. */
    private long attempt() {
        Link to = link;
        try {
            if (to == null) {
                to = connect();
            }
            giveUpIfSilent(to);
            SnapshotInfo snapshot = shouldInstallSnapshot();
            if (snapshot != null) {
                new SnapshotSender(this, snapshot).send();
            }
            lock.lock();
            try {
                var unused = sendAll(to, Long.MAX_VALUE);
            } finally {
                lock.unlock();
            }
            return 0;
        } catch (IOException | RuntimeException e) {
            LOG.debug("{} could not send", this, e);
            if (to != null) {
                to.close();
            }
            lock.lock();
            try {
                return pause(++failures);
            } finally {
                lock.unlock();
            }
        }
    }

    private static long pause(int failures) {
        return Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, 10));
    }

    private Link connect() throws IOException {
        Answers answers = new Answers();
        Link connected = connect("concord-append", answers);
        lock.lock();
        try {
            answers.of = connected;
            link = connected;
            if (!connected.isOpen()) {
                forget(connected);
                throw new IOException("the follower closed the connection");
            }
        } finally {
            lock.unlock();
        }
        return connected;
    }

    private void giveUpIfSilent(Link to) {
        long now = System.nanoTime();
        lock.lock();
        try {
            if (outstanding.values().stream().anyMatch(sent -> now - sent.nanos > ANSWER_NANOS)) {
                to.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The connection ended: what was under way is sent again. */
    private void forget(@Nullable Link ended) {
        lock.lock();
        try {
            if (ended != null && link == ended) {
                link = null;
                sendAgain();
            }
        } finally {
            lock.unlock();
        }
    }

    private void sendAgain() {
        outstanding.clear();
        outstandingWithEntries = 0;
        outstandingBytes = 0;
        getFollower().computeNextIndex(getNextIndexForError(getFollower().getMatchIndex() + 1));
    }

    private @Nullable Sent answered(long callId) {
        lock.lock();
        try {
            Sent sent = outstanding.remove(callId);
            if (sent != null) {
                outstandingBytes -= sent.bytes;
                if (sent.hasEntries()) {
                    outstandingWithEntries--;
                }
            }
            return sent;
        } finally {
            lock.unlock();
        }
    }

    /** What comes back over one connection. */
    private final class Answers implements Link.Receiver {
        private volatile @Nullable Link of;

        @Override
        public void received(Link.Kind kind, long id, ByteBuffer body) throws IOException {
            Sent sent = answered(id);
            if (kind == Link.Kind.FAILURE) {
                throw new IOException("the follower failed: " + StandardCharsets.UTF_8.decode(body));
            }
            if (kind != Link.Kind.APPEND_ENTRIES_REPLY) {
                throw new IOException("an answer of kind " + kind);
            }
            replied(AppendEntriesReplyProto.parseFrom(LinkServer.in(body)), sent);
        }

        @Override
        public void closed() {
            forget(of);
            getEventAwaitForSignal().signal();
        }
    }

    private void replied(AppendEntriesReplyProto reply, @Nullable Sent sent) {
        if (sent != null) {
            getFollower().updateLastRespondedAppendEntriesSendTime(sent.at);
        }
        getFollower().updateLastRpcResponseTime();
        switch (reply.getResult()) {
            case SUCCESS -> {
                succeeded();
                getLeaderState().onFollowerCommitIndex(getFollower(), reply.getFollowerCommit());
                if (getFollower().updateMatchIndex(reply.getMatchIndex())) {
                    getFollower().updateNextIndex(reply.getMatchIndex() + 1);
                    getLeaderState().onFollowerSuccessAppendEntries(getFollower());
                }
            }
            case NOT_LEADER -> {
                if (onFollowerTerm(reply.getTerm())) {
                    return;
                }
            }
            case INCONSISTENCY -> inconsistent(reply, sent);
            case UNRECOGNIZED -> LOG.warn("{}: an unknown reply {}", this, reply.getResultValue());
        }
        getLeaderState().onAppendEntriesReply(this, reply);
        if (shouldSendAppendEntries()) {
            notifyLogAppender();
        }
    }

    private void succeeded() {
        lock.lock();
        try {
            failures = 0;
        } finally {
            lock.unlock();
        }
    }

    /** The log of the follower differs, so requests behind this one are of no use either. */
    private void inconsistent(AppendEntriesReplyProto reply, @Nullable Sent sent) {
        lock.lock();
        try {
            if (sent == null) {
                return; // it was behind one that was
            }
            outstanding.clear();
            outstandingWithEntries = 0;
            outstandingBytes = 0;
            getFollower().setNextIndex(getNextIndexForInconsistency(sent.firstIndex, reply.getNextIndex()));
        } finally {
            lock.unlock();
        }
    }
}
