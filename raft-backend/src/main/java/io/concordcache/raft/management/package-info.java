/** A store as a bean of JMX. */
@NullMarked
package io.concordcache.raft.management;

import org.jspecify.annotations.NullMarked;
