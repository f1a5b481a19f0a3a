/** Ignite as a system under test. */
@NullMarked
package io.concordcache.benchmarks.ignite;

import org.jspecify.annotations.NullMarked;
