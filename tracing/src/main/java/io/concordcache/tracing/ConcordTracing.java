package io.concordcache.tracing;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.Tracing;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Spans of OpenTelemetry; {@code docs/tracing.md} lists them with their attributes, in which no key and no value ever stands.
 * A store takes it by {@link io.concordcache.raft.store.CacheStore#trace}; an application that runs a cache manager has its
 * store by {@code manager.unwrap(StoreHolder.class).store()}. Thread-safe.
 */
public final class ConcordTracing implements Tracing {
    static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("db.system.name");
    static final AttributeKey<String> OPERATION = AttributeKey.stringKey("db.operation.name");
    static final AttributeKey<String> COLLECTION = AttributeKey.stringKey("db.collection.name");
    static final AttributeKey<String> SERVER_ADDRESS = AttributeKey.stringKey("server.address");
    static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
    static final AttributeKey<Boolean> HIT = AttributeKey.booleanKey("concord.cache.hit");
    static final AttributeKey<Long> HITS = AttributeKey.longKey("concord.cache.hits");
    static final AttributeKey<Long> MISSES = AttributeKey.longKey("concord.cache.misses");
    static final AttributeKey<Long> COMMANDS = AttributeKey.longKey("concord.commit.commands");
    static final AttributeKey<Long> LOG_INDEX = AttributeKey.longKey("concord.log.index");

    private static final String CONCORD = "concord";
    private static final ContextKey<Called> CALLED = ContextKey.named("concord-call");

    private final Tracer tracer;

    /** The call that a thread is in. */
    private record Called(Span span, boolean many) {}

    private ConcordTracing(Tracer tracer) {
        this.tracer = tracer;
    }

    /** Tells this OpenTelemetry, in the scope {@code io.concordcache}. */
    public static ConcordTracing of(OpenTelemetry openTelemetry) {
        return new ConcordTracing(openTelemetry.getTracer("io.concordcache"));
    }

    private record At(Context context) implements Place {
        Span span() {
            return Span.fromContext(context);
        }

        @Override
        public void logged(long index) {
            span().setAttribute(LOG_INDEX, index);
        }
    }

    @Override
    public @Nullable Place here() {
        Context here = Context.current();
        return Span.fromContext(here).getSpanContext().isSampled() ? new At(here) : null;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // by who asks for it
    public Scope nowhere() {
        return Context.root().makeCurrent()::close;
    }

    private SpanBuilder span(String name, SpanKind kind) {
        return tracer.spanBuilder(name).setSpanKind(kind).setAttribute(SYSTEM, CONCORD);
    }

    @Override
    public Tracing.Step call(String operation, String cache) {
        Span span = span("cache." + operation, SpanKind.CLIENT)
                .setAttribute(OPERATION, operation)
                .setAttribute(COLLECTION, cache)
                .startSpan();
        Called called = new Called(span, operation.endsWith("All"));
        return new OpenSpan(span, Context.current().with(span).with(CALLED, called));
    }

    @Override
    public void found(int hits, int misses) {
        Called called = Context.current().get(CALLED);
        if (called != null && called.many) {
            called.span.setAttribute(HITS, hits).setAttribute(MISSES, misses);
        } else if (called != null) {
            called.span.setAttribute(HIT, hits > 0);
        }
    }

    @Override
    public Tracing.Step commit(List<Place> callers, int commands) {
        Context parent = ((At) callers.get(0)).context;
        SpanBuilder builder =
                span("concord.commit", SpanKind.INTERNAL).setParent(parent).setAttribute(COMMANDS, commands);
        SpanContext of = Span.fromContext(parent).getSpanContext();
        callers.stream()
                .map(caller -> ((At) caller).span().getSpanContext())
                .filter(caller -> !caller.equals(of))
                .distinct()
                .forEach(builder::addLink);
        return open(builder, parent);
    }

    @Override
    public Tracing.Step request(String what, Member asked) {
        return open(
                request(what, SpanKind.CLIENT)
                        .setAttribute(SERVER_ADDRESS, asked.host())
                        .setAttribute(SERVER_PORT, asked.port()),
                Context.current());
    }

    private SpanBuilder request(String what, SpanKind kind) {
        return span("concord." + what, kind).setAttribute(OPERATION, what);
    }

    @Override
    public Tracing.@Nullable Step served(String what, String context) {
        Context remote = TraceContext.read(context);
        return Span.fromContext(remote).getSpanContext().isSampled()
                ? open(request(what, SpanKind.SERVER).setParent(remote), remote)
                : null;
    }

    @Override
    public Tracing.Step waiting(String what) {
        return open(span("concord." + what, SpanKind.INTERNAL), Context.current());
    }

    private static Tracing.Step open(SpanBuilder builder, Context parent) {
        Span span = builder.startSpan();
        return new OpenSpan(span, parent.with(span));
    }

    @Override
    public Executor carrying(Executor executor) {
        return Context.taskWrapping(executor);
    }
}
