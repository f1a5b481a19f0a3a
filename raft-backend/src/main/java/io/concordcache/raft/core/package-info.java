/**
 * The replicated caches as plain Java.
 */
@NullMarked
package io.concordcache.raft.core;

import org.jspecify.annotations.NullMarked;
