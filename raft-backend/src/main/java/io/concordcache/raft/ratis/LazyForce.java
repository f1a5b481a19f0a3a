package io.concordcache.raft.ratis;

import java.lang.reflect.Field;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces the log to the disk ten times a second, where nobody waits for it. Ratis with {@code unsafe-flush} forces it after
 * each entry, on a thread of its own: nobody waits for that either, but on two cores and one disk it took two thirds of the
 * writes of 64 threads. Ratis 3.3.0 has no switch for it, so its executor is replaced; where that cannot be done, all works
 * as before.
 */
final class LazyForce extends ScheduledThreadPoolExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(LazyForce.class);
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private LazyForce() {
        super(1, RatisStore.daemon("concord-force"));
    }

    /** Those of one period run together. */
    @Override
    public void execute(Runnable force) {
        long wait = PERIOD_NANOS - Math.floorMod(System.nanoTime(), PERIOD_NANOS);
        var unused = schedule(force, wait, TimeUnit.NANOSECONDS);
    }

    /** Makes this log be forced so; false if it is not a log as Ratis 3.3.0 makes it. */
    static boolean install(RaftLog log) {
        LazyForce lazy = new LazyForce();
        try {
            Field worker = log.getClass().getDeclaredField("fileLogWorker");
            worker.setAccessible(true);
            Field executor = worker.getType().getDeclaredField("flushExecutor");
            executor.setAccessible(true);
            Object of = worker.get(log);
            ExecutorService replaced = (ExecutorService) executor.get(of);
            if (replaced != null) {
                executor.set(of, lazy);
                replaced.shutdown();
                return true;
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn("this version of Ratis forces the log after each entry: writes are slower than they could be", e);
        }
        lazy.shutdown();
        return false;
    }
}
