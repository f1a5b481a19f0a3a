/**
 * The store port on Apache Ratis: the only package that imports {@code org.apache.ratis}.
 *
 * <p>Concurrent commands of this JVM are joined into one log entry while another is in flight ({@link
 * io.concordcache.raft.ratis.GroupCommit}), since Ratis' cost is per entry. A member alone is called in-process and opens
 * no port.
 */
@NullMarked
package io.concordcache.raft.ratis;

import org.jspecify.annotations.NullMarked;
