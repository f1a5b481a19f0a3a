/** Runnable programs on the public API; {@code examples/run} starts them, tests run each of them. */
@NullMarked
package io.concordcache.examples;

import org.jspecify.annotations.NullMarked;
