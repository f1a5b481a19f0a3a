package io.concordcache.jcache.operation;

import io.concordcache.raft.core.Bytes;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets the threads of one JVM that read, decide and write the same key do so one after the other, instead of losing
 * rounds to each other. A courtesy, not a lock: who waits too long goes on without, and versions keep him right.
 */
public final class KeyGates {
    private static final int STRIPES = 256;
    /** Also ends the waits of user code that enters caches from within a processor in different orders. */
    private static final long PATIENCE_MILLIS = 250;

    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

    public KeyGates() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantLock(true);
        }
    }

    /** Leaves the gate; nothing if it was not entered. */
    public interface Pass extends AutoCloseable {
        @Override
        void close();
    }

    /** Enters the gate of a key, or gives up after a while; the result is to be closed by the same thread. */
    public Pass enter(long cacheId, Bytes key) {
        int hash = 31 * Long.hashCode(cacheId) + key.hashCode();
        ReentrantLock gate = stripes[(hash ^ (hash >>> 16)) & (STRIPES - 1)];
        try {
            if (gate.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                return gate::unlock;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return () -> {};
    }
}
