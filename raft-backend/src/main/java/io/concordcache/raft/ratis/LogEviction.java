package io.concordcache.raft.ratis;

import java.lang.reflect.Field;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that frees the cached entries of the log. When a log closes, Ratis 3.3.0 joins this thread under the log's write
 * lock, for which the thread itself may wait: then neither ends. There is no switch for it, so the thread is ended before.
 */
final class LogEviction {
    private static final Logger LOG = LoggerFactory.getLogger(LogEviction.class);

    private LogEviction() {}

    /** Ends the thread; what the log caches then stays until the log closes. */
    static void end(RaftLog log) {
        try {
            Field eviction = log.getClass().getDeclaredField("cacheEviction");
            eviction.setAccessible(true);
            if (eviction.get(log) instanceof AutoCloseable thread) {
                thread.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.debug("this version of Ratis ends the eviction of its log in another way", e);
        }
    }
}
