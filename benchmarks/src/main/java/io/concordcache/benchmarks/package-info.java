/**
 * Concord measured side by side with other systems: the driver, which starts members as processes and tells them what to
 * do, round after round, one system after the other. {@code benchmarks/run} starts it.
 */
@NullMarked
package io.concordcache.benchmarks;

import org.jspecify.annotations.NullMarked;
