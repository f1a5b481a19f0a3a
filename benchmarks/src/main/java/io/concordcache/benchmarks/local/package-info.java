/** Caches of one JVM, the limit of what a get can cost. */
@NullMarked
package io.concordcache.benchmarks.local;

import org.jspecify.annotations.NullMarked;
