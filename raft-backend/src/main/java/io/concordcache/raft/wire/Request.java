package io.concordcache.raft.wire;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What members and clients ask a member. Each is answered by a {@link Response}. */
public sealed interface Request {

    /**
     * Who and how far are you? Asked before a group is formed, and for the status.
     *
     * @param from the member that asks, null for a client
     */
    record Probe(@Nullable Starting from) implements Request {}

    /**
     * How far does your log go? What a read quorum asks.
     *
     * @param from id of the member that asks; one that leads tells it at once what is committed
     */
    record Position(String from) implements Request {}

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
    record Append(LogEntry entry, String from) implements Request {}

    /**
     * Entries by key.
     *
     * @param minIndex the answer must not be older than this index of the log
     */
    record Read(long cacheId, List<Bytes> keys, ReadLevel level, long minIndex) implements Request {
        public Read {
            keys = List.copyOf(keys);
        }
    }

    /** Entries that were read at a member, by cache, for the leader to choose victims well. Not all that were read. */
    record Used(Map<Long, List<Bytes>> keys) implements Request {
        public Used {
            Map<Long, List<Bytes>> copy = new TreeMap<>();
            keys.forEach((cacheId, some) -> copy.put(cacheId, List.copyOf(some)));
            keys = Collections.unmodifiableMap(copy);
        }
    }

    /**
     * How far goes the log of what is acknowledged? Answered by {@link Response.Entries} without any, whose index is no less
     * than that of each write that was acknowledged before this was asked.
     */
    record Fence() implements Request {}

    /** The caches that exist, with their sizes. Linearizable. */
    record Caches() implements Request {}

    /** All keys of a cache; answered by a stream of {@link Response.Keys}. */
    record Keys(long cacheId, ReadLevel level, long minIndex) implements Request {}

    /** The changes of a cache from now on; answered by a stream of {@link Response.Changes}. */
    record Subscribe(long cacheId) implements Request {}

    /** How is the whole cluster? */
    record Status() implements Request {}

    record AddMember(Member member) implements Request {}

    record RemoveMember(String id) implements Request {}

    /** Empty for the one that is most up to date. */
    record Transfer(String id) implements Request {}

    /** Empty for all. */
    record Snapshot(String id) implements Request {}

    /**
     * A piece of a snapshot, for a member whose own is damaged; answered by {@link Response.Piece}.
     *
     * @param from the snapshot must go up to there or beyond
     * @param term of the snapshot, -1 with the index for whichever is the newest
     * @param index of the snapshot
     * @param offset of the piece in its bytes
     */
    record Fetch(long from, long term, long index, long offset) implements Request {}
}
