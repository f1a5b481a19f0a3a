package io.concordcache.tracing;

import io.concordcache.raft.store.Tracing;
import io.opentelemetry.api.GlobalOpenTelemetry;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells the OpenTelemetry of the process, as the Java agent, the application or the autoconfiguration of the SDK sets it, if
 * there is one when a store is opened. Never sets one that would keep the application from setting its own later.
 */
public final class GlobalTracing implements Tracing.Provider {
    private static final String AUTOCONFIGURE = "otel.java.global-autoconfigure.enabled";
    private static final String AUTOCONFIGURATION = "io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk";

    @Override
    public @Nullable Tracing tracing() {
        boolean there = GlobalOpenTelemetry.isSet() || (isAutoconfigureWanted() && isAutoconfigureThere());
        return there ? ConcordTracing.of(GlobalOpenTelemetry.get()) : null;
    }

    private static boolean isAutoconfigureWanted() {
        String property = System.getProperty(AUTOCONFIGURE);
        return Boolean.parseBoolean(
                property == null
                        ? System.getenv(AUTOCONFIGURE.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
                        : property);
    }

    private static boolean isAutoconfigureThere() {
        try {
            Class.forName(AUTOCONFIGURATION, false, GlobalTracing.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
