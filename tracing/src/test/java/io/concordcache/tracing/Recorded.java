package io.concordcache.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/** The OpenTelemetry of one process, whose spans stay here. */
final class Recorded implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final OpenTelemetrySdk sdk;

    private Recorded(Sampler sampler) {
        sdk = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .setSampler(sampler)
                        .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                        .build())
                .build();
    }

    static Recorded all() {
        return by(Sampler.parentBased(Sampler.alwaysOn()));
    }

    static Recorded by(Sampler sampler) {
        return new Recorded(sampler);
    }

    OpenTelemetrySdk openTelemetry() {
        return sdk;
    }

    ConcordTracing tracing() {
        return ConcordTracing.of(sdk);
    }

    void forget() {
        exporter.reset();
    }

    /** Runs within a span of the application; returns that. */
    Span within(Callable<?> task) throws Exception {
        Span span = sdk.getTracer("application").spanBuilder("request").startSpan();
        try (Scope scope = span.makeCurrent()) {
            assertThat(scope).isNotNull();
            var unused = task.call();
        } finally {
            span.end();
        }
        return span;
    }

    List<SpanData> spans() {
        return exporter.getFinishedSpanItems();
    }

    List<SpanData> named(String name) {
        return spans().stream().filter(span -> span.getName().equals(name)).toList();
    }

    /** The one span of this name, when it has ended: what a thread of the store ends may come a moment later. */
    SpanData one(String name) {
        await().atMost(PATIENCE).until(() -> !named(name).isEmpty());
        assertThat(named(name)).hasSize(1);
        return named(name).get(0);
    }

    @Override
    public void close() {
        sdk.close();
    }
}
