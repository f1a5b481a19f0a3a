/** Redisson as a system under test. */
@NullMarked
package io.concordcache.benchmarks.redisson;

import org.jspecify.annotations.NullMarked;
