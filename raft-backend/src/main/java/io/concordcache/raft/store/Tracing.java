package io.concordcache.raft.store;

import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Tells of calls, and of what they wait for, as spans of a trace: a port that the module {@code tracing} implements. A store
 * has none unless a {@link Provider} is found or {@link CacheStore#trace} gives it one. Any thread calls it; its methods must
 * not block and must not throw.
 */
public interface Tracing {

    /** Finds a {@link Tracing} for each store that is opened in this JVM; found by {@link java.util.ServiceLoader}. */
    interface Provider {
        /** Null if there is nobody to tell. */
        @Nullable
        Tracing tracing();
    }

    /** Where in a trace a thread is, for others to go on from there. */
    interface Place {
        /** The log entry that the span here is about has this index. */
        void logged(long index);
    }

    /** Something that takes time. Ended by whichever thread; the first end counts. */
    interface Step {
        /** Makes this the place of the calling thread, until the scope is closed by the same thread. */
        Scope enter();

        /** Its context, for {@link #served} in another process. */
        String toSend();

        /** What was served put commands into the log. */
        void appended(int commands, long index);

        /**
         * Ends it.
         *
         * @param failure null for success
         */
        void end(@Nullable Throwable failure);
    }

    /** While it is open, a thread is at a place. */
    interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    /** Where this thread is; null if it is in no trace, or in one that is not sampled. */
    @Nullable
    Place here();

    /** What this thread does until the scope is closed belongs to no trace. */
    Scope nowhere();

    /** A user calls a cache: a span here, or the first of a trace. */
    Step call(String operation, String cache);

    /** The call that this thread is in found so many of its keys, and so many not. */
    void found(int hits, int misses);

    /**
     * An entry is on its way to the log.
     *
     * @param callers who asked for some of its commands, not empty; the first becomes the parent
     */
    Step commit(List<Place> callers, int commands);

    /** A member is asked something; to be called only where there is a {@link #here}. */
    Step request(String what, Member asked);

    /**
     * What another process asks is served.
     *
     * @param context of its {@link #request}; comes from outside, and may be anything
     * @return null if that says nothing, or that the trace is not sampled
     */
    @Nullable
    Step served(String what, String context);

    /** Something has to be waited for; to be called only where there is a {@link #here}. */
    Step waiting(String what);

    /** Runs what it is given by that executor, at the place of the thread that gave it. */
    Executor carrying(Executor executor);
}
