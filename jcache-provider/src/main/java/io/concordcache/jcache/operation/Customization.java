package io.concordcache.jcache.operation;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object of the user's that a cache calls: loader, writer, listener, filter or expiry policy. It is closed with the
 * cache, when no call into it runs any more, and no call begins after that.
 */
public final class Customization<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Customization.class);

    private final T object;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile boolean closed;

    public Customization(T object) {
        this.object = object;
    }

    /** The object, to be looked at, not to be called. */
    public T object() {
        return object;
    }

    /**
     * Calls the object.
     *
     * @throws IllegalStateException if it is closed
     */
    public <R> R call(Function<? super T, R> call) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the cache is closed, and with it " + object);
            }
            return call.apply(object);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** As {@link #call}, without a result. */
    public void run(Consumer<? super T> call) {
        var unused = call(called -> {
            call.accept(called);
            return true;
        });
    }

    /**
     * Lets no more calls begin, waits for those that run, at most so long, and closes the object if it can be. Does not
     * wait for a call of its own thread.
     */
    public void close(Duration patience) {
        boolean alone = false;
        try {
            alone = lock.getReadHoldCount() == 0 && lock.writeLock().tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            closed = true;
            if (object instanceof Closeable closeable) {
                closeable.close();
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} did not close cleanly", object, e);
        } finally {
            if (alone) {
                lock.writeLock().unlock();
            }
        }
    }
}
