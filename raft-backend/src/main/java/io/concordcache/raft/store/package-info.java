/**
 * The store port: what the rooms above (JCache, Hibernate, the server) see of the replicated caches, whatever carries
 * them. Knows bytes, never user classes.
 */
@NullMarked
package io.concordcache.raft.store;

import org.jspecify.annotations.NullMarked;
