/** The store port on one in-process core, through the wire format: for tests and simulation. No replication. */
@NullMarked
package io.concordcache.raft.local;

import org.jspecify.annotations.NullMarked;
