package io.concordcache.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends one snapshot to one follower, over a connection of its own, chunk by chunk. */
final class SnapshotSender implements Link.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotSender.class);
    /** The last chunk is answered when the follower has loaded the snapshot. */
    private static final long ANSWER_SECONDS = 300;

    private static final long LOOK_MILLIS = 200;
    /** Chunks are large and few, so the first should be compressed too. */
    private static final long AGREE_MILLIS = 500;

    private final LinkAppender appender;
    private final SnapshotInfo snapshot;
    private volatile CompletableFuture<InstallSnapshotReplyProto> next = new CompletableFuture<>();

    SnapshotSender(LinkAppender appender, SnapshotInfo snapshot) {
        this.appender = appender;
        this.snapshot = snapshot;
    }

    /**
     * Sends it and waits until the follower has it, or has one as good.
     *
     * @throws IOException if it does not answer as it should
     */
    void send() throws IOException {
        FollowerInfo follower = appender.getFollower();
        LOG.info("{} needs the snapshot at {}", follower.getName(), snapshot.getTermIndex());
        try (Link link = appender.connect("concord-snapshot-link", this)) {
            link.awaitCompression(AGREE_MILLIS);
            long id = 0;
            for (InstallSnapshotRequestProto chunk :
                    appender.newInstallSnapshotRequests(UUID.randomUUID().toString(), snapshot)) {
                next = new CompletableFuture<>();
                if (!link.send(Link.Kind.INSTALL_SNAPSHOT, id++, LinkServer.bytes(chunk))) {
                    throw new IOException("the follower closed the connection");
                }
                follower.updateLastRpcSendTime(false);
                InstallSnapshotReplyProto reply = await(link);
                if (reply == null || !goOn(reply)) {
                    return;
                }
            }
        }
        follower.setSnapshotIndex(snapshot.getTermIndex().getIndex());
        LOG.info("{} has the snapshot", follower.getName());
    }

    /** Null if this member does not lead any more. */
    private @Nullable InstallSnapshotReplyProto await(Link link) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
        while (appender.isRunning()) {
            try {
                InstallSnapshotReplyProto reply = next.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                appender.getFollower().updateLastRpcResponseTime();
                return reply;
            } catch (TimeoutException e) {
                if (!link.isOpen() || System.nanoTime() - deadline >= 0) {
                    throw new IOException("the follower did not answer", e);
                }
                // It is busy with the snapshot, and lives as long as the connection does.
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
        return null;
    }

    private boolean goOn(InstallSnapshotReplyProto reply) throws IOException {
        FollowerInfo follower = appender.getFollower();
        switch (reply.getResult()) {
            case SUCCESS -> {
                follower.setAttemptedToInstallSnapshot();
                return true;
            }
            case IN_PROGRESS -> {
                return true;
            }
            case ALREADY_INSTALLED, SNAPSHOT_INSTALLED -> {
                // It has committed as much. To a chunk it does not say how much, which reads as 0.
                long index = Math.max(snapshot.getTermIndex().getIndex(), reply.getSnapshotIndex());
                follower.setSnapshotIndex(index);
                follower.setAttemptedToInstallSnapshot();
                appender.getLeaderState().onFollowerCommitIndex(follower, index);
                follower.updateNextIndex(index + 1);
                return false;
            }
            case NOT_LEADER -> {
                var unused = appender.onFollowerTerm(reply.getTerm());
                return false;
            }
            default -> throw new IOException("the follower did not take the snapshot: " + reply.getResult());
        }
    }

    @Override
    public void received(Link.Kind kind, long id, ByteBuffer body) throws IOException {
        if (kind == Link.Kind.INSTALL_SNAPSHOT_REPLY) {
            next.complete(InstallSnapshotReplyProto.parseFrom(LinkServer.in(body)));
        } else {
            next.completeExceptionally(new IOException(
                    kind == Link.Kind.FAILURE
                            ? "the follower failed: " + StandardCharsets.UTF_8.decode(body)
                            : "an answer of kind " + kind));
        }
    }

    @Override
    public void closed() {
        next.completeExceptionally(new IOException("the follower closed the connection"));
    }
}
