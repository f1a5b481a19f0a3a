/** Spans of OpenTelemetry for the port {@link io.concordcache.raft.store.Tracing}; alone in importing its API, never its SDK. */
@NullMarked
package io.concordcache.tracing;

import org.jspecify.annotations.NullMarked;
