package io.concordcache.raft.wire;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.Member;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a member answers. */
public sealed interface Response {

    /** Done, nothing to tell. */
    record Done() implements Response {}

    /** Not applied: this member does not lead. The leader's address as far as known, else null. */
    record NotLeader(@Nullable Member leader) implements Response {}

    /**
     * It failed.
     *
     * @param reason name of a {@link io.concordcache.raft.store.RequestRejectedException.Reason} for a refusal
     */
    record Failed(Kind kind, String reason, String message) implements Response {
        /** What the caller may do about it. */
        public enum Kind {
            /** Not applied; try again later. */
            UNAVAILABLE,
            OUTCOME_UNKNOWN,
            REJECTED
        }
    }

    /**
     * How far this member is.
     *
     * @param status of this member
     * @param incarnation its own
     * @param knows the incarnation under which it knows the one that asked, 0 for none
     * @param hasGroup whether it is part of a group, be it one that waits to be joined
     * @param configurationIndex of the newest configuration in its log, committed or not
     * @param members of that configuration
     * @param leader as far as known
     * @param list the members that it was started with
     */
    record Here(
            ClusterStatus.MemberStatus status,
            long incarnation,
            long knows,
            boolean hasGroup,
            long configurationIndex,
            List<Member> members,
            @Nullable String leader,
            List<Member> list)
            implements Response {
        public Here {
            members = List.copyOf(members);
            list = List.copyOf(list);
        }
    }

    /** Last index of this member's log, and that of the newest configuration in it, whether committed or not. */
    record Position(long lastIndex, long configurationIndex) implements Response {}

    /** An entry was applied at this index of the log. Brings no changes. */
    record Appended(Applied applied, long index) implements Response {}

    /**
     * Entries in the order of the keys, null for none.
     *
     * @param index what was applied before the read: nothing up to there is missing
     * @param upTo what was being applied after the read: nothing is from beyond
     * @param nowMillis the replicated clock
     */
    record Entries(List<@Nullable Entry> entries, long index, long upTo, long nowMillis) implements Response {
        public Entries {
            entries = Collections.unmodifiableList(new ArrayList<>(entries));
        }
    }

    /** A cache and its number of entries. */
    record SizedCache(CacheInfo info, long size) {}

    record CacheList(List<SizedCache> caches, long index, long nowMillis) implements Response {
        public CacheList {
            caches = List.copyOf(caches);
        }
    }

    record Keys(List<Bytes> keys) implements Response {
        public Keys {
            keys = List.copyOf(keys);
        }
    }

    /**
     * Changes in log order.
     *
     * @param missed whether there were others before these that cannot be told
     * @param index all changes up to this index of the log have been told
     */
    record Changes(boolean missed, List<Change> changes, long index, long nowMillis) implements Response {
        public Changes {
            changes = List.copyOf(changes);
        }
    }

    record Status(ClusterStatus status) implements Response {}

    /** Bytes of a {@link SnapshotCodec snapshot} in their order. */
    record Chunk(Bytes bytes) implements Response {}

    /**
     * A piece of a snapshot.
     *
     * @param length of the whole snapshot in bytes
     * @param members the newest configuration that was committed, as Raft writes it
     */
    record Piece(long term, long index, long length, Bytes members, Bytes content) implements Response {}
}
