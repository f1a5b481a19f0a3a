package io.concordcache.annotations;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What to do when an asynchronous result is there. Thread-safe. */
final class Completions implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Completions.class.getName());
    private static final long FIRST_LOOK_MILLIS = 1;
    private static final long LAST_LOOK_MILLIS = 50;

    private @Nullable ScheduledThreadPoolExecutor watcher;
    private boolean closed;

    /** Called with the value, or the exception as the method would have thrown it. */
    interface Action extends BiConsumer<@Nullable Object, @Nullable Throwable> {}

    /**
     * Has the action done when the result is there.
     *
     * @return what stands for the result. Of a stage, one that completes after the action, and with its exception if it
     *     throws one. Of a plain future, one whose {@code get} has done the action when it returns; nobody is told when it
     *     is done, so it is looked at every 1 to 50 ms too.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // it is returned
    Object then(Object result, Class<?> declared, Action action) {
        if (result instanceof CompletionStage<?> stage) {
            CompletionStage<?> after = stage.whenComplete((value, failure) -> action.accept(value, unwrapped(failure)));
            return declared.isInstance(after) ? after : after.toCompletableFuture();
        }
        Watched<?> watched = new Watched<>((Future<?>) result, action);
        if (watched.isDone()) {
            return watched;
        }
        watch(watched, FIRST_LOOK_MILLIS);
        return watched;
    }

    static @Nullable Throwable unwrapped(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException || failure instanceof ExecutionException
                ? failure.getCause()
                : null;
        return cause == null ? failure : cause;
    }

    private void watch(Watched<?> watched, long delay) {
        ScheduledThreadPoolExecutor executor = executor();
        if (executor == null) {
            return;
        }
        var unused = executor.schedule(
                () -> {
                    if (!watched.isDone()) {
                        watch(watched, Math.min(LAST_LOOK_MILLIS, delay * 2));
                    }
                },
                delay,
                TimeUnit.MILLISECONDS);
    }

    private synchronized @Nullable ScheduledThreadPoolExecutor executor() {
        if (closed) {
            return null;
        }
        if (watcher == null) {
            watcher = new ScheduledThreadPoolExecutor(1, task -> {
                Thread thread = new Thread(task, "jcache-annotations-futures");
                thread.setDaemon(true);
                return thread;
            });
            watcher.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }
        return watcher;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (watcher != null) {
            watcher.shutdown();
        }
    }

    /** A future that does the action once, as soon as anybody sees that it is done. */
    private static final class Watched<T> implements Future<T> {
        private final Future<T> future;
        private final Action action;
        private final AtomicBoolean started = new AtomicBoolean();
        private final CompletableFuture<@Nullable Void> acted = new CompletableFuture<>();

        Watched(Future<T> future, Action action) {
            this.future = future;
            this.action = action;
        }

        private void act() {
            if (!started.compareAndSet(false, true)) {
                return;
            }
            try {
                action.accept(future.get(), null);
                acted.complete(null);
            } catch (ExecutionException | CancellationException e) {
                acted.complete(null);
                failed(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                started.set(false);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "what was to follow an asynchronous result failed", e);
                acted.completeExceptionally(e);
            }
        }

        private void failed(Exception failure) {
            try {
                action.accept(null, unwrapped(failure));
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "what was to follow a failed asynchronous result failed", e);
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return future.cancel(mayInterruptIfRunning);
        }

        @Override
        public boolean isCancelled() {
            return future.isCancelled();
        }

        @Override
        public boolean isDone() {
            boolean done = future.isDone();
            if (done) {
                act();
            }
            return done;
        }

        @Override
        public T get() throws InterruptedException, ExecutionException {
            try {
                T value = future.get();
                act();
                var unused = acted.get();
                return value;
            } finally {
                act();
            }
        }

        @Override
        public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
            long end = System.nanoTime() + unit.toNanos(timeout);
            T value = future.get(timeout, unit);
            act();
            var unused = acted.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            return value;
        }
    }
}
