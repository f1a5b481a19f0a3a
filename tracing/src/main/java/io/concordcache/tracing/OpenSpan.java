package io.concordcache.tracing;

import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.Tracing;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A span that has begun. */
record OpenSpan(Span span, Context context) implements Tracing.Step {
    static final AttributeKey<String> STATUS = AttributeKey.stringKey("db.response.status_code");
    static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

    private static final int DEEPEST = 16;

    @Override
    @SuppressWarnings("MustBeClosedChecker") // by who enters
    public Tracing.Scope enter() {
        return context.makeCurrent()::close;
    }

    /** As {@link TraceContext} writes it. */
    @Override
    public String toSend() {
        return TraceContext.write(context);
    }

    @Override
    public void appended(int commands, long index) {
        span.setAttribute(ConcordTracing.COMMANDS, commands).setAttribute(ConcordTracing.LOG_INDEX, index);
    }

    @Override
    public void end(@Nullable Throwable failure) {
        if (failure != null) {
            failed(failure);
        }
        span.end();
    }

    /** Only the store's own words are told: those of others may quote keys and values. */
    private void failed(Throwable failure) {
        StoreException known = ofTheStore(failure);
        if (known == null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            span.setStatus(StatusCode.ERROR)
                    .setAttribute(ERROR_TYPE, cause.getClass().getName());
            return;
        }
        String status = status(known);
        span.setStatus(StatusCode.ERROR, String.valueOf(known.getMessage()))
                .setAttribute(STATUS, status)
                .setAttribute(ERROR_TYPE, status);
    }

    private static @Nullable StoreException ofTheStore(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; depth < DEEPEST && cause != null; depth++) {
            if (cause instanceof StoreException known) {
                return known;
            }
            cause = cause.getCause();
        }
        return null;
    }

    private static String status(StoreException failure) {
        if (failure instanceof RequestRejectedException rejected) {
            return rejected.reason().name();
        }
        return failure instanceof OutcomeUnknownException ? "OUTCOME_UNKNOWN" : "UNAVAILABLE";
    }
}
