package io.concordcache.raft.store;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Entry;
import org.jspecify.annotations.Nullable;

/** The reads of one cache of a {@link CacheStore}, for a caller that reads it again and again. Thread-safe. */
public interface EntryReader extends AutoCloseable {

    /** As {@link CacheStore#get}. */
    @Nullable
    Entry get(Bytes key, ReadLevel level);

    /** In place of a {@link #revision} where there is none. */
    long NO_REVISION = -1;

    /** What {@link #isAt} is told of an entry, to be taken before it is read; {@link #NO_REVISION} if there is none. */
    default long revision(Bytes key) {
        return NO_REVISION;
    }

    /**
     * Whether {@link #get} with this level would find the same entry as it did after {@code revision} was taken; false also
     * if that is not known, or not at once. If true, the entry counts as used.
     *
     * @param expiresAtMillis of that entry
     */
    default boolean isAt(Bytes key, long revision, long expiresAtMillis, ReadLevel level) {
        return false;
    }

    /** What {@link #get} would answer from a copy, as a read of its own; null if it would not, or there is none. */
    default @Nullable Entry copy(Bytes key, ReadLevel level) {
        return null;
    }

    /** How many reads were answered by a copy that lay nearer than the replica; 0 where there are none. */
    default long copyHits() {
        return 0;
    }

    /** Gives up what was kept for these reads; a read after that is answered as by the store. */
    @Override
    default void close() {}
}
