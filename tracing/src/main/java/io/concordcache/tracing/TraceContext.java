package io.concordcache.tracing;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A context on its way to another process: {@code traceparent} of W3C Trace Context, and after a space {@code tracestate} if
 * there is one.
 */
final class TraceContext {
    private static final String PARENT = "traceparent";
    private static final String STATE = "tracestate";
    /** What W3C asks a tracestate to be passed on for; longer ones stay here. */
    private static final int LONGEST_STATE = 512;

    private static final int LONGEST = 1024;
    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

    private static final TextMapGetter<Map<String, String>> GETTER = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> fields) {
            return fields.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, String> fields, String key) {
            return fields == null ? null : fields.get(key);
        }
    };

    private TraceContext() {}

    static String write(Context context) {
        Map<String, String> fields = new TreeMap<>();
        W3C.inject(context, fields, (to, key, value) -> fields.put(key, value));
        String state = fields.getOrDefault(STATE, "");
        String parent = fields.getOrDefault(PARENT, "");
        return state.isEmpty() || state.length() > LONGEST_STATE ? parent : parent + " " + state;
    }

    /** Without a span if the text says nothing that is understood. */
    static Context read(String text) {
        if (text.length() > LONGEST) {
            return Context.root();
        }
        List<String> parts = List.of(text.split(" ", 2));
        Map<String, String> fields =
                parts.size() == 1 ? Map.of(PARENT, text) : Map.of(PARENT, parts.get(0), STATE, parts.get(1));
        return W3C.extract(Context.root(), fields, GETTER);
    }
}
