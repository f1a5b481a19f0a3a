/**
 * Copies of entries at a node that holds no replica, with a bound on how old they may be. Pure but for Caffeine: no clock,
 * thread or message; times and indexes are arguments. {@code docs/adr/0010-near-cache.md} says why it holds.
 */
@NullMarked
package io.concordcache.raft.near;

import org.jspecify.annotations.NullMarked;
