/**
 * The stores that are open in this JVM. Whoever opens one by its URI, JCache or Hibernate, goes through here, so that all
 * who name the same URI share one member: two of one directory could not run.
 *
 * <p>Depends on the port and the settings of {@code ratis}; where those come from is not its concern.
 */
@NullMarked
package io.concordcache.raft.node;

import org.jspecify.annotations.NullMarked;
