package io.concordcache.raft.store;

import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The {@link Tracing} of one store, if it has one; without, each call here only finds that out. Thread-safe. */
public final class Traces {
    private volatile @Nullable Tracing tracing;

    private Traces(@Nullable Tracing tracing) {
        this.tracing = tracing;
    }

    /** Without tracing, until some is set. */
    public static Traces none() {
        return new Traces(null);
    }

    /**
     * With that of the first provider that has one.
     *
     * @throws StartException if a provider cannot be loaded
     */
    public static Traces found() {
        try {
            for (Tracing.Provider provider :
                    ServiceLoader.load(Tracing.Provider.class, Tracing.class.getClassLoader())) {
                Tracing tracing = provider.tracing();
                if (tracing != null) {
                    return new Traces(tracing);
                }
            }
            return none();
        } catch (ServiceConfigurationError | LinkageError e) {
            throw new StartException(
                    "tracing cannot be loaded (" + e.getMessage()
                            + "); complete the class path of concord-tracing, or take it away",
                    e);
        }
    }

    public @Nullable Tracing get() {
        return tracing;
    }

    public void set(@Nullable Tracing now) {
        tracing = now;
    }

    /** As {@link Tracing#here}. */
    public Tracing.@Nullable Place here() {
        Tracing now = tracing;
        return now == null ? null : now.here();
    }

    /** As {@link Tracing#request}, where there is somewhere to go on from. */
    public Tracing.@Nullable Step request(String what, Member asked) {
        Tracing now = tracing;
        return now == null || now.here() == null ? null : now.request(what, asked);
    }

    /** As {@link Tracing#served}. */
    public Tracing.@Nullable Step served(String what, @Nullable String context) {
        Tracing now = tracing;
        return now == null || context == null ? null : now.served(what, context);
    }

    /** Waits within a span, where there is somewhere to go on from. */
    public void waiting(String what, Runnable wait) {
        Tracing now = tracing;
        if (now == null || now.here() == null) {
            wait.run();
            return;
        }
        Tracing.Step span = now.waiting(what);
        RuntimeException failure = null;
        try (Tracing.Scope entered = span.enter()) {
            wait.run();
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        } finally {
            span.end(failure);
        }
    }
}
