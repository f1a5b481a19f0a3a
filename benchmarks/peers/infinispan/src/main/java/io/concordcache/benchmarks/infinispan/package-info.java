/** Infinispan as a system under test. */
@NullMarked
package io.concordcache.benchmarks.infinispan;

import org.jspecify.annotations.NullMarked;
