package io.concordcache.raft.store;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Entry;
import org.jspecify.annotations.Nullable;

/** The reads of one cache of a {@link CacheStore}, for a caller that reads it again and again. Thread-safe. */
public interface EntryReader extends AutoCloseable {

    /** As {@link CacheStore#get}. */
    @Nullable
    Entry get(Bytes key, ReadLevel level);

    /** How many reads were answered by a copy that lay nearer than the replica; 0 where there are none. */
    default long copyHits() {
        return 0;
    }

    /** Gives up what was kept for these reads; a read after that is answered as by the store. */
    @Override
    default void close() {}
}
