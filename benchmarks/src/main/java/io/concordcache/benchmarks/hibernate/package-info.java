/** What the second-level cache of Hibernate costs, by JMH: {@code benchmarks/run --jmh benchmarks.hibernate}. */
@NullMarked
package io.concordcache.benchmarks.hibernate;

import org.jspecify.annotations.NullMarked;
