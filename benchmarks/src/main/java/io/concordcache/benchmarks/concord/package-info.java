/** Concord as a system under test. */
@NullMarked
package io.concordcache.benchmarks.concord;

import org.jspecify.annotations.NullMarked;
