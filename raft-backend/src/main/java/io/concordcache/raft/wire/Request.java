package io.concordcache.raft.wire;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Needs;
import io.concordcache.raft.core.Role;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What members and clients ask a member. Each is answered by a {@link Response}. */
public sealed interface Request {

    /** Tells what whoever asks must be allowed to do. */
    void needs(Needs needs);

    /** What is asked, in a word or two, such as {@code append} or {@code addMember}. */
    default String name() {
        String type = getClass().getSimpleName();
        return Character.toLowerCase(type.charAt(0)) + type.substring(1);
    }

    /**
     * Who and how far are you? Asked before a group is formed, and for the status.
     *
     * @param from the member that asks, null for a client
     */
    record Probe(@Nullable Starting from) implements Request {
        @Override
        public void needs(Needs needs) {
            // nothing: it is how a member finds out whom it meets
        }
    }

    /**
     * How far does your log go? What a read quorum asks.
     *
     * @param from id of the member that asks; one that leads tells it at once what is committed
     */
    record Position(String from) implements Request {
        @Override
        public void needs(Needs needs) {
            needs.membership();
        }
    }

    /**
     * A member as it introduces itself.
     *
     * @param incarnation drawn when its directory was made: one that lost its directory has another
     * @param members the list that it was started with
     */
    record Starting(Member self, long incarnation, List<Member> members) {
        public Starting {
            members = List.copyOf(members);
        }
    }

    /**
     * Put an entry into the log; only the leader does.
     *
     * @param from id of the member that sends it and waits to apply it, empty for a client
     */
    record Append(LogEntry entry, String from) implements Request {
        @Override
        public void needs(Needs needs) {
            entry.commands().forEach(command -> command.needs(needs));
        }
    }

    /**
     * Entries by key.
     *
     * @param minIndex the answer must not be older than this index of the log
     */
    record Read(long cacheId, List<Bytes> keys, ReadLevel level, long minIndex) implements Request {
        public Read {
            keys = List.copyOf(keys);
        }

        @Override
        public void needs(Needs needs) {
            needs.role(Role.READ, cacheId);
        }
    }

    /** Entries that were read at a member, by cache, for the leader to choose victims well. Not all that were read. */
    record Used(Map<Long, List<Bytes>> keys) implements Request {
        public Used {
            Map<Long, List<Bytes>> copy = new TreeMap<>();
            keys.forEach((cacheId, some) -> copy.put(cacheId, List.copyOf(some)));
            keys = Collections.unmodifiableMap(copy);
        }

        @Override
        public void needs(Needs needs) {
            needs.anyRole();
            keys.keySet().forEach(cacheId -> needs.role(Role.READ, cacheId));
        }
    }

    /**
     * How far goes the log of what is acknowledged? Answered by {@link Response.Entries} without any, whose index is no less
     * than that of each write that was acknowledged before this was asked.
     */
    record Fence() implements Request {
        @Override
        public void needs(Needs needs) {
            needs.anyRole();
        }
    }

    /** The caches that exist, with their sizes. Linearizable. */
    record Caches() implements Request {
        @Override
        public void needs(Needs needs) {
            needs.anyRole();
        }
    }

    /** All keys of a cache; answered by a stream of {@link Response.Keys}. */
    record Keys(long cacheId, ReadLevel level, long minIndex) implements Request {
        @Override
        public void needs(Needs needs) {
            needs.role(Role.READ, cacheId);
        }
    }

    /** The changes of a cache from now on; answered by a stream of {@link Response.Changes}. */
    record Subscribe(long cacheId) implements Request {
        @Override
        public void needs(Needs needs) {
            needs.role(Role.READ, cacheId);
        }
    }

    /** How is the whole cluster? */
    record Status() implements Request {
        @Override
        public void needs(Needs needs) {
            needs.anyRole();
        }
    }

    record AddMember(Member member) implements Request {
        @Override
        public void needs(Needs needs) {
            needs.cluster();
        }
    }

    record RemoveMember(String id) implements Request {
        @Override
        public void needs(Needs needs) {
            needs.cluster();
        }
    }

    /** Empty for the one that is most up to date. */
    record Transfer(String id) implements Request {
        @Override
        public void needs(Needs needs) {
            needs.cluster();
        }
    }

    /** Empty for all. */
    record Snapshot(String id) implements Request {
        @Override
        public void needs(Needs needs) {
            needs.cluster();
        }
    }

    /** The state of all caches as of one moment; answered by a stream of {@link Response.Chunk}. Linearizable. */
    record Backup() implements Request {
        @Override
        public void needs(Needs needs) {
            needs.cluster();
        }
    }

    /**
     * Shows who asks, for all that follows on the same connection. A request like others, so that a member of an older
     * release, which has no roles, answers that it does not understand it, and goes on.
     *
     * @param text of the token
     */
    record Token(String text) implements Request {
        @Override
        public void needs(Needs needs) {
            // nothing: it is how a caller says who it is
        }

        @Override
        public String toString() {
            return "Token[********]";
        }
    }

    /**
     * A piece of a snapshot, for a member whose own is damaged; answered by {@link Response.Piece}.
     *
     * @param from the snapshot must go up to there or beyond
     * @param term of the snapshot, -1 with the index for whichever is the newest
     * @param index of the snapshot
     * @param offset of the piece in its bytes
     */
    record Fetch(long from, long term, long index, long offset) implements Request {
        @Override
        public void needs(Needs needs) {
            needs.membership();
        }
    }
}
