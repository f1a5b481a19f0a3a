/** Calls inside one JVM, measured by JMH; {@code benchmarks/run --jmh} starts them. */
@NullMarked
package io.concordcache.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
