package io.concordcache.admin;

import io.concordcache.metrics.ConcordMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/** What Prometheus asks for: the meters of the store, and of this JVM. */
final class MetricsRoutes implements AutoCloseable {
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbage = new JvmGcMetrics();
    private final ConcordMetrics store;

    MetricsRoutes(ConcordMetrics store) {
        this.store = store;
        store.bindTo(registry);
        garbage.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    List<Route> routes() {
        return List.of(Route.any("/metrics", this::scrape));
    }

    private Answer scrape(Request request) {
        store.refresh();
        return Answer.text(TYPE, registry.scrape());
    }

    @Override
    public void close() {
        store.close();
        garbage.close();
        registry.close();
    }
}
