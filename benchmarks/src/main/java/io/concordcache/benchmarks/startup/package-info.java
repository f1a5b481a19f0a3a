/** How long an application waits for its first answer, and what it loads for that. */
@NullMarked
package io.concordcache.benchmarks.startup;

import org.jspecify.annotations.NullMarked;
