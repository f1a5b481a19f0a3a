package io.concordcache.raft.ratis;

import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.tls.Tls;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What a member asks the others, each over one connection. */
final class Forwarding implements AutoCloseable {
    /** An entry that is not answered in this time is sent again, to whoever leads then; it is applied once. */
    private static final Duration APPEND_TIMEOUT = Duration.ofSeconds(2);

    private static final Duration POSITION_TIMEOUT = Duration.ofSeconds(1);

    private final Channels channels;
    private volatile @Nullable CompletableFuture<RatisMember.Logged> pending;

    Forwarding(String clusterName, LinkCompression compression, @Nullable Tls tls, Traces traces) {
        channels = new Channels(clusterName, compression, tls, null, traces);
    }

    Channels channels() {
        return channels;
    }

    /** Sends an entry to the leader. One at a time. */
    CompletableFuture<RatisMember.Logged> append(@Nullable Member leader, Member self, LogEntry entry) {
        if (leader == null || leader.equals(self)) {
            return CompletableFuture.failedFuture(
                    new GroupCommit.NotAppendedException("no leader is known; perhaps one is being elected", null));
        }
        CompletableFuture<RatisMember.Logged> result = channels.call(
                        leader, new Request.Append(entry, self.id()), APPEND_TIMEOUT)
                .handle(Forwarding::logged);
        pending = result;
        return result;
    }

    /** What the answer to an {@link Request.Append} means to {@link GroupCommit}; throws what it failed with. */
    static RatisMember.Logged logged(@Nullable Response response, @Nullable Throwable failure) {
        if (failure instanceof Channels.NotSentException) {
            throw new GroupCommit.NotAppendedException(String.valueOf(failure.getMessage()), failure);
        }
        if (failure != null) {
            throw new CompletionException(failure);
        }
        if (response instanceof Response.Appended appended) {
            return new RatisMember.Logged(appended.applied(), appended.index());
        }
        if (response instanceof Response.NotLeader) {
            throw new GroupCommit.NotAppendedException("the member that was asked does not lead", null);
        }
        StoreException told = response == null ? null : failure(response);
        if (told instanceof RequestRejectedException) {
            throw told;
        }
        if (told instanceof StoreUnavailableException) {
            throw new GroupCommit.NotAppendedException(String.valueOf(told.getMessage()), null);
        }
        throw new IllegalStateException("the leader answered " + response);
    }

    /** Another member leads, so the one that was asked may never answer. */
    void leaderChanged() {
        CompletableFuture<RatisMember.Logged> open = pending;
        if (open != null) {
            open.completeExceptionally(new IllegalStateException("the leader changed meanwhile"));
        }
    }

    CompletableFuture<ReadBarrier.Position> position(Member other, String self) {
        return channels.call(other, new Request.Position(self), POSITION_TIMEOUT)
                .thenApply(response -> {
                    if (response instanceof Response.Position position) {
                        return new ReadBarrier.Position(position.lastIndex(), position.configurationIndex());
                    }
                    throw new IllegalStateException("answered " + response);
                });
    }

    /**
     * The failure that an answer stands for, null if it is none. That a member is being closed, as members of 0.1.0 say, is no
     * reason to give up: others may answer.
     */
    static @Nullable StoreException failure(Response response) {
        if (!(response instanceof Response.Failed failed)) {
            return null;
        }
        return switch (failed.kind()) {
            case UNAVAILABLE -> new StoreUnavailableException(failed.message());
            case OUTCOME_UNKNOWN -> new OutcomeUnknownException(failed.message());
            case REJECTED -> {
                RequestRejectedException.Reason reason = reason(failed.reason());
                yield reason == RequestRejectedException.Reason.STORE_CLOSED
                        ? new StoreUnavailableException("the member that was asked is being closed")
                        : new RequestRejectedException(reason, failed.message());
            }
        };
    }

    private static RequestRejectedException.Reason reason(String name) {
        try {
            return RequestRejectedException.Reason.valueOf(name);
        } catch (IllegalArgumentException e) {
            return RequestRejectedException.Reason.NO_CLUSTER; // of a newer server
        }
    }

    /** The answer that stands for a failure; that of a store which is closed, for one that does not serve. */
    static Response response(StoreException failure) {
        if (failure instanceof RequestRejectedException rejected
                && rejected.reason() != RequestRejectedException.Reason.STORE_CLOSED) {
            return new Response.Failed(
                    Response.Failed.Kind.REJECTED, rejected.reason().name(), String.valueOf(failure.getMessage()));
        }
        return new Response.Failed(
                failure instanceof OutcomeUnknownException
                        ? Response.Failed.Kind.OUTCOME_UNKNOWN
                        : Response.Failed.Kind.UNAVAILABLE,
                "",
                String.valueOf(failure.getMessage()));
    }

    @Override
    public void close() {
        channels.close();
    }
}
