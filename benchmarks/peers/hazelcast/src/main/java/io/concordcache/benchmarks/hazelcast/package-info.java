/** Hazelcast as a system under test. */
@NullMarked
package io.concordcache.benchmarks.hazelcast;

import org.jspecify.annotations.NullMarked;
